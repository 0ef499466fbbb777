/** What all checks of one config share, and how they say something about a key. */
import type { ResolvedConfig } from '../config/config';
import type { ConfigDocument } from '../config/document';
import type { KeyPath, Location } from '../config/problem';
import type { Advice, AdviceCode, Fix, Severity } from './advice';
import type { Facts, LastRun } from './facts';
import type { Forecast } from '../plan/forecast';
import { WORK_WORDS, workOf } from '../tasks/work';
import { isReportOf } from './same-network';

export interface Context {
  readonly text: string;
  readonly document: ConfigDocument;
  readonly config: ResolvedConfig;
  readonly forecast: Forecast;
  readonly facts: Facts;
}

export interface Saying {
  readonly code: AdviceCode;
  readonly severity: Severity;
  readonly message: string;
  readonly path: KeyPath;
  readonly related?: Advice['related'];
  readonly fixes?: () => readonly Fix[];
}

export function say({ document }: Pick<Context, 'document'>, saying: Saying): Advice {
  return {
    related: [],
    fixes: () => [],
    ...saying,
    location: document.locateValue(saying.path),
  };
}

/** Where a layer is described: its entry of the list, or the architecture's name. */
export function locateLayer(
  { document, forecast }: Pick<Context, 'document' | 'forecast'>,
  name: string,
): Location {
  const entry = forecast.layers.find((layer) => layer.name === name)?.entries[0];
  const whole = document.has(['model', 'file']) ? 'file' : 'architecture';
  return entry === undefined
    ? document.locateValue(['model', whole])
    : document.locateValue(['model', 'layers', entry, 'type']);
}

/** The last run, where it trained the network that the config describes now. */
export function runOfThisNetwork({ facts, forecast }: Context): LastRun | undefined {
  const { lastRun } = facts;
  return lastRun !== undefined && isReportOf(lastRun.report, forecast) ? lastRun : undefined;
}

export function runFix({ config, facts }: Pick<Context, 'config' | 'facts'>): Fix[] {
  return facts.training === true
    ? []
    : [{ kind: 'command', title: WORK_WORDS[workOf(config.model)].start, command: 'run' }];
}
