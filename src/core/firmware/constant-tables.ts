/**
 * The constants that drive the C runtime: C text and size in flash of each struct, written side by side here and
 * nowhere else, so that the flash known before training is the flash of the compiled objects.
 */
import type { PossibleFormats, WeightFormat } from '../formats/formats';
import type { FrontendConfig } from '../frontends/config';
import { frontendTableBytes } from '../frontends/emit';
import type { Graph } from '../graph/graph';
import {
  INPUT,
  isWeighted,
  outputChannels,
  sumCount,
  sumOf,
  weightedLayers,
  weightOrder,
} from '../graph/graph';
import { stepOf } from '../graph/stream';
import type { Placed, Table } from '../ops/emit-op';
import { emitOp } from '../ops/emit-ops';
import type { Layer, WeightedLayer } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { constantOf, constantsOf } from '../quant/constants';
import type { QuantizedLayer, QuantizedModel } from '../quant/model';
import { streamModel } from '../quant/stream-executor';
import { tensorOf } from '../quant/model';
import { sumScales } from '../quant/quantize-model';
import { activationRange } from '../quant/quantization';
import { braces, numbersTable } from './c-text';
import type { EncodedModel } from './encoded-model';
import type { MemoryPlan } from './memory-plan';
import { keepsPacked } from './encoded-model';
import { codecTableBytes, FIRST_READER } from './blob-reader';
import { packingOf } from './runtime-files';
import { structBytes } from './struct-bytes';
import type { Target } from './targets/target';

const BIAS_BYTES = 4;
/** Multiplier and shift. */
const SCALING_BYTES = 5;

/** Bytes of all biases in flash. */
export function biasBytes(graph: Graph): number {
  return BIAS_BYTES * totalSums(graph);
}

/**
 * Bytes of all other constants: multipliers, shifts, the network's structure, what its front end computes by. `formats`:
 * those of the layers' weights, `reader`: of their blob; apart from these the same for any weights. Of a network that runs
 * along a stream, those of a step.
 */
export function tableBytes(
  graph: Graph,
  formats: PossibleFormats,
  target: Pick<Target, 'codeSizes'>,
  reader = FIRST_READER,
  frontend?: FrontendConfig,
): number {
  const step = stepOf(graph);
  const { layers, kept = [] } = step?.graph ?? graph;
  const stream =
    step === undefined
      ? 0
      : structBytes('east_stream', target) + structBytes('east_kept', target) * kept.length;
  const structs = layers.map((layer) => {
    const { kernel, params } = emitOp(layer);
    return (
      ownTableBytes(layer, target) +
      (params === undefined ? 0 : structBytes(params.struct, target)) +
      (isWeighted(layer) ? structBytes('east_weights', target) : 0) +
      (kernel === undefined ? 0 : structBytes('east_step', target))
    );
  });
  const packings = new Set(
    Object.values(formats).flatMap((some) => some.flatMap((format) => packingOf(format) ?? [])),
  );
  return (
    stream +
    structBytes('east_model', target) +
    frontendTableBytes(frontend, target) +
    structBytes('east_packing', target) * packings.size +
    codecTableBytes(reader, target) +
    structs.reduce((sum, bytes) => sum + bytes, 0) +
    SCALING_BYTES * totalSums(graph)
  );
}

/** Number of sums that the weights of all layers make. */
export function totalSums(graph: Graph): number {
  return weightedLayers(graph).reduce((sum, layer) => sum + sumCount(layer), 0);
}

/** The initialised structs of the network's layers and its step list, with `east_` names, to go into <name>_model.c. */
export function layerTables(encoded: EncodedModel, plan: MemoryPlan): string {
  const model =
    plan.stream === undefined ? encoded.model : streamModel(encoded.model, plan.stream.step);
  const tables: string[] = [];
  const steps: string[] = [];
  let sums = 0;
  for (const layer of model.graph.layers) {
    const op = emitOp(layer);
    const { kernel, params } = op;
    if (kernel === undefined) continue;
    const stored = encoded.layers.find(({ name }) => name === layer.name);
    const format = stored?.representation.packing ?? 'int8';
    const staysPacked = stored !== undefined && keepsPacked(layer, stored);
    const codes = staysPacked ? format : 'int8';
    const at = plan.temporaries[layer.name]!;
    const title = `/* ${layer.name}: ${layer.kind}, ${layer.inputShape.join('x')} -> ${layer.outputShape.join('x')} */`;
    const lines = [title];
    if (isWeighted(layer)) {
      lines.push(
        `static const struct east_weights ${tableName(layer, 'weights')} =`,
        `    ${weightsTable(model, plan, layer, sums, format, staysPacked)};`,
      );
      sums += sumCount(layer);
    }
    const placed: Placed = {
      model,
      offsetOf: (tensor) => offsetOf(plan, tensor),
      scratch: at.scratch,
      table: (name) => tableName(layer, name),
    };
    lines.push(...ownTables(layer).map((table) => tableText(layer, table, placed)));
    if (params !== undefined) {
      lines.push(
        `static const struct ${params.struct} ${tableName(layer, 'params')} =`,
        `    ${params.values(layer, placed)};`,
      );
    }
    if (lines.length > 1) tables.push(lines.join('\n'));
    steps.push(
      `    {${[
        op.kernelFor?.(codes, model.graph.layers) ?? kernel,
        params === undefined ? 'NULL' : `&${tableName(layer, 'params')}`,
        isWeighted(layer) ? `&${tableName(layer, 'weights')}` : 'NULL',
        offsetOf(plan, layer.inputs[0]),
        offsetOf(plan, layer.name),
      ].join(', ')}},`,
    );
  }
  return `${tables.join('\n\n')}\n\nstatic const struct east_step east_steps[${steps.length}] = {\n${steps.join('\n')}\n};`;
}

/** Number of entries of `east_steps`. */
export function stepCount(graph: Graph): number {
  return graph.layers.filter((layer) => emitOp(layer).kernel !== undefined).length;
}

export function offsetOf(plan: MemoryPlan, tensor: string | undefined): number {
  const offset = plan.offsets[tensor ?? INPUT];
  if (offset === undefined) throw new Error(`The memory plan has no tensor '${tensor}'.`);
  return offset;
}

/** Bytes of the layer's constants and of its kernel's other tables. */
function ownTableBytes(layer: Layer, target: Pick<Target, 'codeSizes'>): number {
  return ownTables(layer).reduce((sum, { type, count }) => {
    if (type === 'int8_t') return sum + count;
    return sum + count * (type === 'uint16_t' ? 2 : structBytes(type.struct, target));
  }, 0);
}

function ownTables(layer: Layer): Table[] {
  const constants = constantsOf(layer).map(({ name, shape }): Table => ({
    name,
    type: 'int8_t',
    count: elements(shape),
    values: ({ model }) => constantOf(model, layer, name).values,
  }));
  return [...constants, ...(emitOp(layer).tables?.(layer) ?? [])];
}

function tableText(layer: Layer, { name, type, count, values }: Table, placed: Placed): string {
  const all = Array.from<number | string>(values(placed));
  if (all.length !== count) throw new Error(`${layer.name} has another ${name} than it says`);
  const numbers = all.filter((value) => typeof value === 'number');
  const rows =
    numbers.length === count
      ? numbersTable(name, numbers)
      : all.map((row) => `    ${row},`).join('\n');
  const element = typeof type === 'string' ? type : `struct ${type.struct}`;
  return `static const ${element} ${tableName(layer, name)}[${count}] = {\n${rows}\n};`;
}

function tableName(layer: Layer, what: string): string {
  return `east_layer_${layer.name}_${what}`;
}

function weightsTable(
  model: QuantizedModel,
  plan: MemoryPlan,
  layer: WeightedLayer,
  firstSum: number,
  format: WeightFormat,
  staysPacked: boolean,
): string {
  const packing = packingOf(format);
  const buffer =
    plan.usage[layer.name]?.decode === 0
      ? 'EAST_NO_BUFFER'
      : String(plan.temporaries[layer.name]!.decode);
  const output = tensorOf(model, layer.name);
  const { min, max } = activationRange(layer.activation, output);
  const { channels, perChannel } = weightOrder(layer);
  const tileChannels = plan.tileChannels[layer.name]?.[0] ?? channels;
  return braces(
    `&east_biases[${firstSum}]`,
    `&east_multipliers[${firstSum}]`,
    `&east_shifts[${firstSum}]`,
    packing === undefined ? 'NULL' : `&${packing}`,
    perChannel,
    staysPacked ? `${buffer} | EAST_KEEPS_PACKED` : buffer,
    channels,
    tileChannels,
    tensorOf(model, layer.inputs[0]).zeroPoint,
    output.zeroPoint,
    min,
    max,
  );
}

/**
 * Biases as the kernels want them. Those that multiply plain codes get what the input's zero point would have contributed
 * with the bias; the others subtract the zero point themselves.
 */
export function foldedBiases(
  layer: WeightedLayer,
  quantized: QuantizedLayer,
  tensors: QuantizedModel['tensors'],
): Int32Array {
  if (emitOp(layer).foldsZeroPoint !== true) return quantized.bias;
  const channels = outputChannels(layer);
  const scales = sumScales(layer, tensors);
  const sumAt = sumOf(layer);
  const totals = new Float64Array(sumCount(layer));
  quantized.weights.forEach((weight, i) => {
    totals[sumAt(i)]! += weight;
  });
  return quantized.bias.map((bias, at) => {
    const { zeroPoint } = scales[Math.floor(at / channels)]!.input;
    const folded = bias - zeroPoint * totals[at]!;
    if (folded !== (folded | 0)) {
      const channel = at % channels;
      throw new Error(`Layer '${layer.name}', channel ${channel}: its bias does not fit an int32.`);
    }
    return folded;
  });
}
