/** The front end of a stored model, checked like all that is read: whoever wrote it may have given it a checksum that is right. */
import * as v from 'valibot';
import {
  STATISTICS,
  type FrontendConfig,
  type LogMelConfig,
  type MfccConfig,
  type SpectrumConfig,
  type WindowConfig,
} from '../frontends/config';
import type { FrontendModel } from '../frontends/frontend';
import { layoutOf } from '../frontends/frontends';
import { resolveFrontend } from '../frontends/resolve';
import type { Graph } from '../graph/graph';
import { elements } from '../ops/shape';
import { canonicalJson } from '../util/canonical-json';
import { defined } from '../util/defined';
import { number, positive, size, type Every } from '../util/stored';

export interface FrontendMeta {
  readonly config: FrontendConfig;
  readonly counts?: readonly number[];
}

const frames = {
  length: size,
  channels: size,
  sampleRate: size,
  window: size,
  hop: size,
  bands: v.pipe(number, v.integer(), v.minValue(0)),
  lowest: number,
  highest: number,
};

const configSchema: v.GenericSchema<unknown, FrontendConfig> = v.variant('kind', [
  v.strictObject({ kind: v.literal('log-mel'), ...frames } satisfies Every<LogMelConfig>),
  v.strictObject({
    kind: v.literal('mfcc'),
    ...frames,
    coefficients: size,
  } satisfies Every<MfccConfig>),
  v.strictObject({
    kind: v.literal('spectrum'),
    ...frames,
    statistics: v.array(v.picklist(STATISTICS)),
  } satisfies Every<SpectrumConfig>),
  v.strictObject({
    kind: v.literal('window'),
    length: size,
    channels: size,
    sampleRate: v.exactOptional(size),
  } satisfies Every<WindowConfig>),
]);

export const frontendSchema: v.GenericSchema<unknown, FrontendMeta> = v.object({
  config: configSchema,
  counts: v.exactOptional(v.array(positive)),
} satisfies Every<FrontendMeta>);

/** What keeps it from being a front end that computes, of this network. */
export function frontendProblem(
  { config, offset, scale, counts }: FrontendModel,
  graph: Graph,
): string | undefined {
  let problem: string | undefined;
  const resolved = resolveFrontend(config, (key, message, severity) => {
    if (severity !== 'warning') problem ??= `${key ?? 'kind'} ${message}`;
  });
  if (problem !== undefined) return problem;
  if (canonicalJson(resolved) !== canonicalJson(config)) return 'its sizes contradict each other';
  const { frames, features, channels } = layoutOf(config);
  if (frames * features !== elements(graph.inputShape)) {
    return `it makes ${frames} frames of ${features} features, which is not the network's input`;
  }
  if (offset.length !== features || scale.length !== features) {
    return `it has scales for ${scale.length} of ${features} features`;
  }
  if (counts !== undefined && counts.length !== channels) return 'counts: not one for each channel';
  return undefined;
}

export function frontendMeta({ config, counts }: FrontendModel): FrontendMeta {
  return { config, ...defined({ counts }) };
}
