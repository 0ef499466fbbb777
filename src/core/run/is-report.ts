/** Whether JSON that was read is a report: hand-edited, foreign or older files must not get as far as the tables. */
import type { LayerReport, Report } from '../report/report';
import { STAGES, type Measurement } from '../tasks/measurement';

type Check = (value: unknown) => boolean;
type Checks<T> = { readonly [Key in keyof T]-?: Check };

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const optionalNumber: Check = (value) => value === undefined || number(value);

const isLayer: Check = object<LayerReport>({
  name: text,
  kind: text,
  shape: (value) => Array.isArray(value) && value.every(number),
  parameters: number,
  sparsity: number,
  encodedBytes: number,
  ratio: number,
  share: number,
  tiles: number,
  rawTiles: number,
  format: (value) => value === undefined || text(value),
});

const isMeasurement: Check = object<Measurement>({
  metric: text,
  stage: (value) => STAGES.some((stage) => stage === value),
  value: number,
});

const isWhole: Check = object<Report>({
  version: (value) => value === 2,
  name: text,
  run: text,
  method: text,
  encoder: (value) => value === undefined || value === 'greedy',
  engine: text,
  seed: number,
  layers: (value) => Array.isArray(value) && value.every(isLayer),
  parameters: number,
  denseBytes: number,
  sparsity: number,
  ratio: number,
  flash: object<Report['flash']>({
    weights: number,
    biases: number,
    tables: number,
    code: number,
    codeSource: text,
    total: number,
  }),
  ram: object<Report['ram']>({
    activations: number,
    scratch: number,
    decode: number,
    total: number,
    peakLayer: text,
  }),
  measured: (value) => Array.isArray(value) && value.every(isMeasurement),
  testExamples: number,
  budget: object<Report['budget']>({
    flash: optionalNumber,
    ram: optionalNumber,
    weights: optionalNumber,
  }),
  withinBudget: (value) => typeof value === 'boolean',
});

export function isReport(value: unknown): value is Report {
  return isWhole(value);
}

function object<T>(checks: Checks<T>): Check {
  const entries = Object.entries<Check>(checks);
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const fields = new Map<string, unknown>(Object.entries(value));
    return entries.every(([key, check]) => check(fields.get(key)));
  };
}
