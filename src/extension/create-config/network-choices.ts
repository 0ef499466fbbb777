/** The networks that can be built, and what may be done with one that lies in a file. */
import type { Architecture, ModelUse } from '../../core/config/config';
import { parseSize } from '../../core/config/size';
import { ARCHITECTURE_SUMMARY } from '../../core/models/architecture-summary';
import { DEFAULT_WIDTH } from '../../core/models/architectures';
import { architecturesByFit } from '../../core/models/fitting-architecture';
import type { Shape } from '../../core/ops/shape';
import { nonZeroOf } from '../../core/plan/compression';
import { forecast, type Forecast } from '../../core/plan/forecast';
import {
  formatAgainst,
  formatBytes,
  formatCount,
  formatPercent,
  formatShape,
} from '../../core/report/format';
import { defined } from '../../core/util/defined';
import type { Draft, Imported, ReadModel } from './answers';
import { roundUp, sizeText, sizesOf } from './network-sizes';

export interface ArchitectureChoice {
  readonly architecture: Architecture;
  readonly summary: string;
  /** `77,360 parameters · 75.5 KiB as dense int8 · RAM from 36.4 KiB`. */
  readonly size: string;
}

/** Those that can be built for the input, the most fitting first. */
export function architectureChoices(
  input: Shape,
  classes: number,
  { task, frontend }: Pick<Draft, 'task' | 'frontend'> = {},
): ArchitectureChoice[] {
  // Spectrograms are neither small pictures nor large ones.
  const first: readonly Architecture[] =
    frontend === undefined ? [] : ['ds-cnn', 'ds-cnn-streaming'];
  const trained = [...new Set([...first, ...architecturesByFit(input)])];
  // An autoencoder puts out what comes in, and nothing else does.
  const all: readonly Architecture[] =
    task === 'anomaly' ? ['autoencoder'] : trained.filter((name) => name !== 'autoencoder');
  return all.flatMap((architecture) => {
    const sizes = sizesOf({ input, classes, architecture, width: DEFAULT_WIDTH[architecture] });
    if (typeof sizes === 'string') return [];
    const size = `${sizeText(sizes)} · RAM from ${formatBytes(sizes.ram.least)}`;
    return [{ architecture, summary: ARCHITECTURE_SUMMARY[architecture], size }];
  });
}

export interface UseChoice {
  readonly use: ModelUse;
  readonly label: string;
  /** What it takes of the budget. */
  readonly description: string;
  readonly detail: string;
  /** Why it cannot be chosen with this budget. */
  readonly problem?: string;
}

/** In plain words what may be done with a network, and what that takes of the flash; the first that fits is the first. */
export function useChoices(imported: Imported, flash: string): UseChoice[] {
  const { int8 } = imported.model.network;
  const budget = parseSize(flash.trim());
  const use = int8 ? 'as-is' : 'quantize';
  const { description, problem } = keptIn(budget, sizesOf({ imported, use }));
  const kept: UseChoice = {
    ...(int8
      ? {
          use,
          label: 'As it is',
          detail: "Keeps every weight, computed by TFLite's int8 rules. No data needed",
        }
      : {
          use,
          label: 'Quantise it to int8',
          detail: 'Every weight stays, with 8 bits. Some examples are needed, labels are not',
        }),
    description,
    ...defined({ problem }),
  };
  const fit: UseChoice = {
    use: 'fit',
    label: 'Make it fit',
    description: fittedIn(sizesOf({ imported, use: 'fit' }, defined({ flash: budget }))),
    detail: 'Trained on from its weights until it fits. Training data is needed, labels help',
  };
  return problem === undefined ? [kept, fit] : [fit, kept];
}

function keptIn(
  budget: number | undefined,
  sizes: Forecast | string,
): Pick<UseChoice, 'description' | 'problem'> {
  if (typeof sizes === 'string') return { description: sizes };
  const { least } = sizes.flash;
  if (budget === undefined) return { description: `takes ${formatBytes(least)} of flash` };
  if (least <= budget) return { description: `takes ${formatAgainst(least, budget)}` };
  const over = formatBytes(roundUp(least - budget));
  return {
    description: `takes ${formatBytes(least)}, ${over} too much`,
    problem: `With all of its weights the network takes ${formatBytes(roundUp(least))}, ${over} more than there is. Make it fit, or go back and give it more flash.`,
  };
}

function fittedIn(sizes: Forecast | string): string {
  if (typeof sizes === 'string') return sizes;
  const share = nonZeroOf(sizes.flash);
  return share === undefined || share === 1
    ? 'there is room for all of its weights'
    : `about ${formatPercent(share, 0)} of its weights can stay non-zero`;
}

/** `TFLite, int8 · 32×32×3 to 10 outputs · 77,360 parameters · 14 layers`. */
export function describeModel({ network: { graph }, facts }: ReadModel): string {
  const sizes = forecast({ budget: {}, east: { method: 'dense' } }, { graph, entries: new Map() });
  const outputs = graph.outputs ?? graph.layers.slice(-1).map(({ name }) => name);
  const counts = outputs.map((name) => {
    const layer = graph.layers.find((each) => each.name === name);
    return formatCount((layer?.outputShape ?? [0]).reduce((size, n) => size * n, 1));
  });
  return [
    facts === undefined ? 'model file' : `${facts.format}, ${WEIGHTS_TEXT[facts.weightsType]}`,
    `${formatShape(graph.inputShape)} to ${counts.join(' and ')} output${counts.join() === '1' ? '' : 's'}`,
    `${formatCount(sizes.flash.denseBytes)} weights`,
    `${graph.layers.length} layers`,
  ].join(' · ');
}

const WEIGHTS_TEXT = {
  int8: 'int8',
  float32: 'float',
  float16: 'float16 weights',
  dynamic: 'int8 weights, computes in float',
} as const;
