/** What the user chose to see. Kept by VS Code, so that hiding or reloading the page changes nothing. */
import * as v from 'valibot';
import { loadState, saveState } from './host';

const sort = (column: string, descending: boolean) =>
  v.fallback(v.object({ column: v.string(), descending: v.boolean() }), { column, descending });

/** What an older version saved, or nobody yet, is replaced field by field. */
const viewState = v.object({
  /** By which the extension finds this page's config again. */
  configFile: v.fallback(v.string(), ''),
  /** The run that was chosen; absent while following the current one. */
  runId: v.exactOptional(v.string()),
  tab: v.fallback(v.picklist(['curves', 'weights', 'compare']), 'curves'),
  layer: v.exactOptional(v.string()),
  layerSort: sort('order', false),
  runSort: sort('started', true),
  scope: v.fallback(v.picklist(['config', 'workspace']), 'config'),
  /** Runs that are left out of the comparison. */
  hiddenRuns: v.fallback(v.array(v.string()), []),
  zoom: v.fallback(v.picklist([1, 2, 4, 8]), 1),
});

export type ViewState = v.InferOutput<typeof viewState>;
export type Sort = ViewState['layerSort'];

const listeners: (() => void)[] = [];

let current: ViewState = read();

function read(): ViewState {
  const saved = v.safeParse(viewState, loadState());
  const state = saved.success ? saved.output : v.parse(viewState, {});
  const config = document.querySelector<HTMLMetaElement>('meta[name="east-config"]');
  return { ...state, configFile: config?.content ?? state.configFile };
}

export function view(): ViewState {
  return current;
}

/** Changes what is given; `undefined` takes a choice back. */
export function setView(
  change: Partial<Omit<ViewState, 'layer' | 'runId'>> & {
    layer?: string;
    runId?: string | undefined;
  },
): void {
  const { layer, runId, ...rest } = change;
  const next = { ...current, ...rest };
  if (layer !== undefined) next.layer = layer;
  if (runId !== undefined) next.runId = runId;
  else if ('runId' in change) delete next.runId;
  current = next;
  saveState(current);
  for (const listener of listeners) listener();
}

export function onViewChange(listener: () => void): void {
  listeners.push(listener);
}

/** At the start, so that a page nobody touched can be restored too. */
export function keepView(): void {
  saveState(current);
}
