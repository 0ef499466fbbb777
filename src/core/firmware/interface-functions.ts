/** The functions of <name>_model.c that applications call, in the runtime's names. */
import type { Graph } from '../graph/graph';
import { outputTensors } from '../graph/graph';
import { offsetOf } from './constant-tables';
import type { MemoryPlan } from './memory-plan';

export const CHECK_WEIGHTS = `enum east_status east_check_weights(void)
{
    return east_check_blob(&east_network);
}
`;

const INVOKE = `enum east_status east_invoke(const int8_t *input, int8_t *output)
{
    return east_run(&east_network, input, output);
}
`;

export const INPUT_PLACE = `int8_t *east_input(void)
{
    return east_network.arena + east_network.input;
}
`;

/** The three functions of <name>_model.c, on top of a `struct east_model east_network`. */
export const INTERFACE_FUNCTIONS = [INVOKE, INPUT_PLACE, CHECK_WEIGHTS].join('\n');

export function interfaceFunctions(graph: Graph, plan: MemoryPlan): string {
  return INTERFACE_FUNCTIONS.replace(INVOKE, invokeFunction(graph, plan));
}

export function invokeFunction(graph: Graph, plan: MemoryPlan): string {
  return withOtherOutputs(INVOKE, outputTensors(graph), plan);
}

/**
 * The same with the further outputs copied: all lie in the arena until the next inference, and networks with one need no code for it.
 *
 * @param text of a function that returns the status of what computes
 */
export function withOtherOutputs(
  text: string,
  [, ...others]: readonly string[],
  plan: MemoryPlan,
): string {
  if (others.length === 0) return text;
  const copies = others.map((name, i) => {
    const at = `EAST_OUTPUT_${i + 1}`;
    return `        memcpy(output + ${at}_OFFSET, east_network.arena + ${offsetOf(plan, name)}, ${at}_BYTES);\n`;
  });
  return text.replace(
    / {4}return (east_(?:run|stream_advance)\(.*\);)\n/,
    (_, call: string) => `    const enum east_status status = ${call}

    if (status == EAST_OK) {
${copies.join('')}    }
    return status;
`,
  );
}
