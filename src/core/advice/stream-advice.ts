/** What a stream saves, and what keeps it from saving more, where the config asks for one. */
import { stepOf, timeAxis } from '../graph/stream';
import { streamProblem } from '../plan/forecast';
import { macs, totalMacs } from '../graph/graph';
import { formatCount } from '../report/format';
import { listWords } from '../util/list-words';
import type { Advice } from './advice';
import { say, type Context } from './context';

const PATH = ['firmware', 'stream'];

/** Below this share of the window's multiplications a step is worth the word. */
const WORTH = 0.9;

export function streamAdvice(context: Context): Advice[] {
  const { config, forecast } = context;
  const { stream } = config.firmware;
  if (stream === undefined) return [];
  const { graph } = forecast;
  const problem = streamProblem(graph, config);
  if (problem !== undefined) {
    return [say(context, { code: 'stream', severity: 'error', message: problem, path: PATH })];
  }
  const step = stepOf(graph);
  if (step === undefined) return [];
  const whole = totalMacs(graph);
  const each = totalMacs(step.graph);
  const anew = graph.layers.filter(
    (layer) => !step.streamed.includes(layer.name) && macs(layer) > 0,
  );
  const [first] = anew;
  const moments = timeAxis(graph) === 0 ? 'rows' : 'steps of time';
  const message =
    each > WORTH * whole
      ? `a step of ${stream} ${moments} computes ${formatCount(each)} of the window's ${formatCount(whole)} multiplications anew` +
        (first === undefined
          ? ''
          : `: "${first.name}" pads time behind, or its stride does not divide the step, and all that reads it follows; time must be padded nowhere ("valid") or in front ("causal")`)
      : `a step of ${stream} ${moments} takes ${formatCount(each)} multiplications; the whole window takes ${formatCount(whole)}` +
        (anew.length === 0
          ? ''
          : `. Computed anew: ${listWords(
              anew.map(({ name }) => name),
              'and',
            )}`);
  const severity = each > WORTH * whole ? 'warning' : 'info';
  return [say(context, { code: 'stream', severity, message, path: PATH })];
}
