/** What a report.json may say: hand-edited, foreign or older files must not get as far as the tables. */
import * as v from 'valibot';
import { WEIGHT_FORMATS } from '../formats/formats';
import type { FrontendCost } from '../plan/frontend-cost';
import { RANGE_RULES } from '../quant/noise';
import type { LayerReport, Report, StreamReport } from '../report/report';
import type { Savings } from '../report/savings';
import { STAGES } from '../tasks/measurement';
import { detailsSchema } from './details-schema';
import { count, number, share, text, type Every } from '../util/stored';

const limit = v.exactOptional(count);

const savingsSchema: v.GenericSchema<unknown, Savings> = v.object({
  dense: count,
  levels: number,
  zeros: number,
  coding: number,
  entries: count,
  lz4More: v.exactOptional(number),
  entropyLess: v.exactOptional(number),
} satisfies Every<Savings>);

const layerSchema: v.GenericSchema<unknown, LayerReport> = v.object({
  name: text,
  kind: text,
  shape: v.array(count),
  parameters: count,
  sparsity: number,
  blobBytes: number,
  ratio: number,
  share: number,
  tiles: count,
  rawTiles: count,
  codecs: v.exactOptional(v.record(text, count)),
  format: v.exactOptional(v.picklist(WEIGHT_FORMATS)),
  levels: v.exactOptional(count),
  noise: v.exactOptional(
    v.object({ output: v.exactOptional(number), own: v.exactOptional(number) }),
  ),
  savings: v.exactOptional(savingsSchema),
} satisfies Every<LayerReport>);

export const reportSchema: v.GenericSchema<unknown, Report> = v.object({
  version: v.literal(3),
  name: text,
  run: text,
  method: text,
  encoder: v.exactOptional(v.literal('greedy')),
  trainedWith: text,
  seed: number,
  quantized: v.exactOptional(
    v.object({
      ranges: v.picklist(RANGE_RULES),
      equalized: v.boolean(),
      biasCorrected: v.boolean(),
      examples: count,
    }),
  ),
  layers: v.array(layerSchema),
  parameters: count,
  denseBytes: count,
  sparsity: number,
  ratio: number,
  flash: v.pipe(
    v.object({
      weights: count,
      biases: count,
      tables: count,
      code: count,
      codeSource: v.picklist(['measured', 'table']),
      total: count,
    }),
    v.check(
      ({ weights, biases, tables, code, total }) => weights + biases + tables + code === total,
      'Expected a total that is the sum of its parts',
    ),
  ),
  ram: v.pipe(
    v.object({
      activations: count,
      scratch: count,
      decode: count,
      frontend: v.exactOptional(count),
      total: count,
      peakLayer: text,
    }),
    v.check(
      ({ activations, scratch, decode, frontend = 0, total }) =>
        activations + scratch + decode + frontend === total,
      'Expected a total that is the sum of its parts',
    ),
  ),
  instructions: v.exactOptional(v.object({ decoding: number, computing: number })),
  frontend: v.exactOptional(
    v.object({
      tables: count,
      code: count,
      ram: count,
      instructions: count,
      frames: v.object({ window: count, output: count }),
    } satisfies Every<FrontendCost>),
  ),
  stream: v.exactOptional(
    v.object({
      hop: count,
      macs: v.object({ step: count, window: count } satisfies Every<StreamReport['macs']>),
      instructions: v.exactOptional(v.object({ step: count, window: count })),
      windowRam: count,
      anew: v.array(text),
      exact: v.boolean(),
    } satisfies Every<StreamReport>),
  ),
  measured: v.array(v.object({ metric: text, stage: v.picklist(STAGES), value: number })),
  testExamples: count,
  details: v.exactOptional(detailsSchema),
  baseline: v.exactOptional(number),
  guessed: v.exactOptional(v.literal(true)),
  budget: v.object({ flash: limit, ram: limit, weights: limit, decode: v.exactOptional(share) }),
  floor: v.exactOptional(number),
  warnings: v.exactOptional(v.array(text)),
  proposals: v.exactOptional(v.array(text)),
  withinBudget: v.boolean(),
} satisfies Every<Report>);
