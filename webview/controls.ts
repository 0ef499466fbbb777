/**
 * The only module that knows `@vscode/webview-ui-toolkit`, whose upstream is archived: buttons, choices, tabs. To
 * exchange it, exchange this file.
 */
import {
  Dropdown,
  Panels,
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeProgressRing(),
);

function element<T extends HTMLElement>(tag: string, type: abstract new () => T): T {
  const created = document.createElement(tag);
  if (created instanceof type) return created;
  throw new Error(`${tag} is not registered`);
}

export function button(
  label: string,
  appearance: 'primary' | 'secondary' | 'icon',
  onClick: () => void,
): HTMLElement {
  const created = document.createElement('vscode-button');
  created.setAttribute('appearance', appearance);
  created.textContent = label;
  created.addEventListener('click', () => {
    if (created.getAttribute('aria-disabled') !== 'true') onClick();
  });
  return created;
}

/** Stays focusable, so that the reason can be read; `undefined` enables. */
export function disable(control: HTMLElement, reason: string | undefined): void {
  if (reason === undefined) {
    control.removeAttribute('aria-disabled');
    control.removeAttribute('title');
  } else {
    control.setAttribute('aria-disabled', 'true');
    control.setAttribute('title', reason);
  }
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Chooser {
  readonly element: HTMLElement;
  set(choices: readonly Choice[], selected: string): void;
}

export function chooser(label: string, onChange: (value: string) => void): Chooser {
  const dropdown = element('vscode-dropdown', Dropdown);
  dropdown.setAttribute('aria-label', label);
  let shown = '';
  let selected = '';
  dropdown.addEventListener('change', () => {
    if (dropdown.value === selected) return;
    selected = dropdown.value;
    onChange(selected);
  });
  return {
    element: dropdown,
    set(choices, wanted) {
      const text = JSON.stringify(choices);
      if (text !== shown) {
        shown = text;
        dropdown.replaceChildren(
          ...choices.map((choice) => {
            const option = document.createElement('vscode-option');
            option.setAttribute('value', choice.value);
            option.textContent = choice.label;
            return option;
          }),
        );
        selected = '';
      }
      if (selected === wanted) return;
      selected = wanted;
      // Options become part of the list a moment after they are added.
      requestAnimationFrame(() => {
        if (selected === wanted) dropdown.value = wanted;
      });
    },
  };
}

export function checkbox(label: string, onChange: (checked: boolean) => void): HTMLElement {
  const created = document.createElement('vscode-checkbox');
  created.setAttribute('aria-label', label);
  created.addEventListener('change', () => onChange(isChecked(created)));
  return created;
}

export function setChecked(control: HTMLElement, checked: boolean): void {
  if ('checked' in control && control.checked !== checked) control.checked = checked;
}

function isChecked(control: HTMLElement): boolean {
  return 'checked' in control && control.checked === true;
}

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly content: HTMLElement;
}

export interface Tabs {
  readonly element: HTMLElement;
  select(id: string): void;
}

export function tabs(label: string, all: readonly Tab[], onSelect: (id: string) => void): Tabs {
  const panels = element('vscode-panels', Panels);
  panels.setAttribute('aria-label', label);
  for (const { id, label: text } of all) {
    const tab = document.createElement('vscode-panel-tab');
    tab.id = `tab-${id}`;
    tab.textContent = text;
    panels.append(tab);
  }
  for (const { id, content } of all) {
    const panel = document.createElement('vscode-panel-view');
    panel.id = `view-${id}`;
    panel.append(content);
    panels.append(panel);
  }
  panels.addEventListener('change', (event) => {
    // Choices inside a tab bubble up here too.
    if (event.target !== panels) return;
    const id = String(panels.activeid).replace(/^tab-/, '');
    if (all.some((tab) => tab.id === id)) onSelect(id);
  });
  return {
    element: panels,
    select(id) {
      const wanted = `tab-${id}`;
      if (panels.activeid !== wanted) panels.activeid = wanted;
    },
  };
}

export function progressRing(label: string): HTMLElement {
  const ring = document.createElement('vscode-progress-ring');
  ring.setAttribute('aria-label', label);
  return ring;
}
