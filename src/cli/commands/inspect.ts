/** `east inspect`: what a model file holds and what of it can be computed here. */
import { resolve } from 'node:path';
import { inspectModel, type InspectedModel } from '../../core/advice/inspect-model';
import { outputTensors, shapeOf, totalMacs } from '../../core/graph/graph';
import { withoutBuffers } from '../../core/plan/memory';
import { formatBytes, formatCount, formatShape } from '../../core/report/format';
import type { FileFacts } from '../../core/models/model';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { print } from '../terminal';

export async function inspect(
  argument: string,
  options: { readonly json?: boolean },
  { cwd, terminal }: Context,
): Outcome {
  const inspected = await inspectModel(resolve(cwd, argument));
  print(
    terminal,
    options.json ? JSON.stringify(asJson(inspected), null, 2) : asText(inspected).join('\n'),
  );
  // A script wants to know whether it can be imported.
  return inspected.built === undefined ? EXIT.failure : EXIT.ok;
}

function asJson({ facts, built, problem }: InspectedModel): object {
  if (built === undefined) return { ...facts, supported: false, problem };
  const { model, forecast } = built;
  const { graph } = model;
  return {
    ...facts,
    supported: true,
    input: graph.inputShape,
    outputs: outputTensors(graph).map((name) => shapeOf(graph, name)),
    parameters: forecast.flash.denseBytes,
    macs: totalMacs(model.graph),
    flash: forecast.flash.least,
    ram: withoutBuffers(graph, forecast.memory).total,
    layers: forecast.layers.map(({ name, kind, weightShape, outputShape, parameters }) => ({
      name,
      kind,
      weightShape,
      outputShape,
      parameters,
    })),
  };
}

/** Of one of several outputs what `model.output` may call it: the file's name, and that of its layer. */
function namesOf(layer: string, { outputLayers = [], outputNames = [] }: FileFacts): string {
  const name = outputNames[outputLayers.indexOf(layer)];
  if (name === undefined) return '';
  return name === layer ? `  ${name}` : `  ${name} (${layer})`;
}

function asText({ facts, built, problem }: InspectedModel): string[] {
  const open = (shape: readonly number[]): string =>
    shape.map((size) => (size < 0 ? '?' : size)).join('×');
  const lines = [`${facts.format}, ${WEIGHTS[facts.weightsType]}`];
  if (built === undefined) {
    if (facts.inputShape !== undefined) lines.push(`input      ${open(facts.inputShape)}`);
    for (const shape of facts.outputShapes ?? []) lines.push(`output     ${open(shape)}`);
  } else {
    const { graph } = built.model;
    lines.push(`input      ${formatShape(graph.inputShape)}`);
    for (const name of outputTensors(graph)) {
      lines.push(`output     ${formatShape(shapeOf(graph, name))}${namesOf(name, facts)}`);
    }
  }
  const width = Math.max(...facts.operators.map(({ name }) => name.length), 0);
  lines.push('', 'operators');
  for (const { name, count, unsupported } of facts.operators) {
    const mark = unsupported === true ? '   not supported' : '';
    lines.push(`  ${name.padEnd(width)}  ${String(count).padStart(4)}${mark}`);
  }
  if (built !== undefined) {
    const { flash, graph, memory } = built.forecast;
    const ram = withoutBuffers(graph, memory);
    lines.push(
      '',
      `weights    ${formatBytes(flash.denseBytes)} as dense int8`,
      `flash      ${formatBytes(flash.least)} with them dense, code and tables included`,
      `RAM        ${formatBytes(ram.total)}, most of it in ${ram.peakLayer}`,
      `work       ${formatCount(totalMacs(built.model.graph))} multiply-accumulates per inference`,
    );
  } else if (facts.parameters !== undefined) {
    lines.push('', `weights    ${formatCount(facts.parameters)} numbers`);
  }
  const { classNames, normalization } = facts;
  if (classNames !== undefined) {
    const shown = classNames.slice(0, 8).join(', ');
    lines.push(`classes    ${shown}${classNames.length > 8 ? ', …' : ''}`);
  }
  if (normalization !== undefined) {
    const { mean, std, from } = normalization;
    lines.push(`inputs     (x − ${mean.join(', ')}) ÷ ${std.join(', ')}, by ${from}`);
  }
  if (facts.notes.length > 0) lines.push('', ...facts.notes.map((note) => `note: ${note}`));
  lines.push('', problem === undefined ? '✓ can be imported' : `✗ cannot be imported: ${problem}`);
  return lines;
}

const WEIGHTS = {
  int8: 'int8',
  float32: 'float32',
  float16: 'float16 weights',
  dynamic: 'int8 weights of dynamic range',
} as const;
