/** Quick inputs one after another with a way back: VS Code has the parts, not the sequence. */
import * as vscode from 'vscode';
import type { Check } from './check-answers';

export const BACK = Symbol('back');

/** Undefined: the user has given up. */
export type Reply<T> = T | typeof BACK | undefined;

export interface Position {
  readonly title: string;
  /** 1-based. */
  readonly step: number;
  readonly totalSteps: number;
}

/** `items` may come late; until then the list shows that it is busy. */
export async function pick<Item extends vscode.QuickPickItem>(
  position: Position,
  placeholder: string,
  items: readonly Item[] | Promise<readonly Item[]>,
  isActive: (item: Item) => boolean = () => false,
): Promise<Reply<Item>> {
  const input = vscode.window.createQuickPick<Item>();
  begin(input, position);
  input.placeholder = placeholder;
  input.matchOnDetail = true;
  input.matchOnDescription = true;
  const fill = (found: readonly Item[]): void => {
    input.items = found;
    const active = found.filter(isActive).slice(0, 1);
    // Without, the first is; an empty list would leave nothing for Enter to take.
    if (active.length > 0) input.activeItems = active;
    input.busy = false;
  };
  if (items instanceof Promise) {
    input.busy = true;
    items.then(fill, () => fill([]));
  } else {
    fill(items);
  }
  return ask(input, (accept) => {
    const [chosen] = input.selectedItems;
    if (chosen !== undefined) accept(chosen);
  });
}

/**
 * Checks as one types; Enter does nothing while there is an error.
 * @param what short, for the title: what a check says takes the prompt's place
 */
export async function type(
  position: Position,
  what: string,
  prompt: string,
  value: string,
  check: (text: string) => Check | undefined,
): Promise<Reply<string>> {
  const input = vscode.window.createInputBox();
  begin(input, { ...position, title: `${position.title}: ${what}` });
  input.prompt = prompt;
  input.value = value;
  const validate = (text: string): void => {
    const found = check(text);
    input.validationMessage =
      found === undefined
        ? undefined
        : {
            message: found.message,
            severity:
              found.severity === 'error'
                ? vscode.InputBoxValidationSeverity.Error
                : vscode.InputBoxValidationSeverity.Info,
          };
  };
  validate(value);
  const changes = input.onDidChangeValue(validate);
  const reply = await ask<string>(input, (accept) => {
    if (check(input.value)?.severity !== 'error') accept(input.value.trim());
  });
  changes.dispose();
  return reply;
}

function begin(input: vscode.QuickInput, { title, step, totalSteps }: Position): void {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  // Somebody may look something up in another window or a file.
  input.ignoreFocusOut = true;
}

type Asking = vscode.QuickInput & {
  readonly onDidAccept: vscode.Event<void>;
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  buttons: readonly vscode.QuickInputButton[];
};

function ask<T>(input: Asking, onAccept: (accept: (value: T) => void) => void): Promise<Reply<T>> {
  if ((input.step ?? 1) > 1) input.buttons = [vscode.QuickInputButtons.Back];
  return new Promise<Reply<T>>((resolve) => {
    const end = (reply: Reply<T>): void => {
      resolve(reply);
      input.dispose();
    };
    input.onDidAccept(() => onAccept(end));
    input.onDidTriggerButton(() => end(BACK));
    input.onDidHide(() => end(undefined));
    input.show();
  });
}
