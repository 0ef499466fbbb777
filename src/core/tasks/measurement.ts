/** What was measured of a network on its way from float numbers to what the firmware computes, and the words for it. */

/**
 * In this order. `float`: as trained, before anything is rounded. `quantized`: the same network with int8 weights and
 * activations, nothing pruned. `fitted`: in the formats and with the zeros that the budget asked for, as far as training
 * has come; at a run's end what the firmware computes, to the bit.
 */
export const STAGES = ['float', 'quantized', 'fitted'] as const;

export type Stage = (typeof STAGES)[number];

/** A metric's value at a stage; which examples it is of says whoever holds it. */
export interface Measurement {
  /** Name of a task's metric. */
  readonly metric: string;
  readonly stage: Stage;
  readonly value: number;
}

export function valueAt(measured: readonly Measurement[], stage: Stage): number | undefined {
  return measured.find((measurement) => measurement.stage === stage)?.value;
}

/** The last stage that was measured. */
export function latest(measured: readonly Measurement[]): Measurement | undefined {
  return STAGES.flatMap((stage) => measured.filter((each) => each.stage === stage)).at(-1);
}

/** `measurement` in place of what was known of its stage, in the order of the stages. */
export function withMeasurement(
  measured: readonly Measurement[],
  { metric, stage, value }: Measurement,
): Measurement[] {
  const all = [...measured.filter((each) => each.stage !== stage), { metric, stage, value }];
  return STAGES.flatMap((each) => all.filter((known) => known.stage === each));
}

/** What the budget made of a network, as far as the words for it tell. */
export interface Fitting {
  /** Of east.method; undefined where the config cannot be read. */
  readonly method: string | undefined;
  /** Formats that the layers' weights have; none where they are not known yet. */
  readonly formats: readonly string[];
}

const METHOD_NAMES: Readonly<Record<string, string>> = { east: 'EAST' };

/** `float`, `quantised`, `EAST`; with the formats where they are not all int8: `quantised, int8`, `EAST, int4`. */
export function stageName(stage: Stage, { method, formats }: Fitting): string {
  const distinct = [...new Set(formats)];
  const plain = distinct.every((format) => format === 'int8');
  switch (stage) {
    case 'float':
      return 'float';
    case 'quantized':
      return plain ? 'quantised' : 'quantised, int8';
    case 'fitted': {
      const name = method === undefined ? 'fitted' : (METHOD_NAMES[method] ?? method);
      if (plain) return name;
      return `${name}, ${distinct.length === 1 ? distinct[0] : 'mixed formats'}`;
    }
  }
}
