/**
 * A graph read back from a file. Anybody may have written it, so nothing of it is believed but what a config could have
 * meant: each layer is made anew from its own keys by the operation of its kind, and has to come out as it was stored.
 */
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { GRAPH_OPS, graphOp, inputCounts, type Kind, type Layer } from '../ops/graph-ops';
import { configsOf } from '../ops/layer-config';
import type { Shape } from '../ops/shape';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { checkStored, identifier, size, type Checked } from '../util/stored';
import { INPUT, isWeighted, type Graph } from './graph';

/** Several times what any network for a microcontroller has. */
const MOST_LAYERS = 10_000;

const MOST_OUTPUTS = 100;

const isKind = (kind: string): kind is Kind => Object.hasOwn(GRAPH_OPS, kind);

const layerSchema = v.looseObject({
  kind: v.picklist(Object.keys(GRAPH_OPS).filter(isKind)),
  name: identifier,
  inputs: v.array(v.string()),
  rounding: v.exactOptional(v.literal('once')),
});
type StoredLayer = v.InferOutput<typeof layerSchema>;

const graphSchema = v.object({
  inputShape: v.strictTuple([size, size, size]),
  layers: v.pipe(
    v.array(layerSchema),
    v.minLength(1, 'Expected at least one layer'),
    v.maxLength(MOST_LAYERS, `Expected at most ${MOST_LAYERS} layers`),
  ),
  outputs: v.exactOptional(
    v.pipe(
      v.array(identifier),
      v.minLength(1, 'Expected at least one output'),
      v.maxLength(MOST_OUTPUTS, `Expected at most ${MOST_OUTPUTS} outputs`),
    ),
  ),
});

export function checkGraph(value: unknown): Checked<Graph> {
  const checked = checkStored(graphSchema, value);
  if ('problem' in checked) return checked;
  const { inputShape, layers: stored, outputs } = checked.value;
  const shapes = new Map<string, Shape>([[INPUT, inputShape]]);
  const read = new Set<string>(outputs ?? [stored.at(-1)?.name ?? INPUT]);
  const lasts = new Set<string>();
  const layers: Layer[] = [];
  for (const [i, layer] of stored.entries()) {
    const wrong = (what: string): Checked<Graph> => ({ problem: `layers.${i}: ${what}` });
    if (shapes.has(layer.name)) return wrong(`there is another ${layer.name} before it`);
    const inputs = layer.inputs
      .map((name) => shapes.get(name))
      .filter((shape) => shape !== undefined);
    if (inputs.length !== layer.inputs.length) return wrong('it reads what is not before it');
    const made = makeAnew(layer, inputs);
    if (made === undefined) return wrong(`no ${layer.kind} of these inputs is like it`);
    const end = made.inputs.find((name) => lasts.has(name));
    const { last, puts } = graphOp(made.kind);
    if (end !== undefined && puts !== 'index') {
      return wrong(`it reads ${end}, which can only be the last`);
    }
    if (last) lasts.add(made.name);
    layers.push(made);
    shapes.set(made.name, made.outputShape);
    for (const name of made.inputs) read.add(name);
  }
  const unread = layers.findIndex(({ name }) => !read.has(name));
  if (unread >= 0) return { problem: `layers.${unread}: nothing reads it` };
  if (!layers.some(isWeighted)) return { problem: 'layers: none of them has weights' };
  const missing = outputs?.find((name) => !shapes.has(name) || name === INPUT);
  if (missing !== undefined) return { problem: `outputs: no layer is called ${missing}` };
  return { value: { inputShape, layers, ...defined({ outputs }) } };
}

/** undefined where no config of this kind of layer gives just this one. */
function makeAnew(stored: StoredLayer, inputs: readonly Shape[]): Layer | undefined {
  const op = graphOp(stored.kind);
  const [inputShape] = inputs;
  if (inputShape === undefined) return undefined;
  const { name, inputs: names, rounding } = stored;
  for (const config of configsOf(stored)) {
    const { least, most } = inputCounts(config);
    if (inputs.length < least || inputs.length > most) continue;
    const made = tryLayer(() =>
      op.layer(config, { name, inputs: names, inputShape }, inputs, fail),
    );
    const layer = made && isWeighted(made) ? { ...made, ...defined({ rounding }) } : made;
    if (layer !== undefined && isDeepStrictEqual(plain(layer), plain(stored))) return layer;
  }
  return undefined;
}

function fail(message: string): never {
  throw new UserError(message);
}

function tryLayer(make: () => Layer): Layer | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** As JSON has it. */
function plain(layer: object): unknown {
  return JSON.parse(JSON.stringify(layer));
}
