/** Whether a report is about the model that lies beside it: sizes are what the bytes are, not what a file says of them. */
import type { EncodedModel } from '../firmware/encoded-model';
import { weightCount, weightedLayers } from '../graph/graph';
import type { Report } from '../report/report';

/** The first figure that the model contradicts; undefined where all that it can tell are the same. */
export function reportProblem(report: Report, { model, blob }: EncodedModel): string | undefined {
  const layers = weightedLayers(model.graph);
  const parameters = layers.reduce((sum, layer) => sum + weightCount(layer), 0);
  const figures: readonly (readonly [name: string, said: unknown, found: unknown])[] = [
    ['flash.weights', report.flash.weights, blob.length],
    ['parameters', report.parameters, parameters],
    ['layers', report.layers.map(({ name }) => name).join(), layers.map(({ name }) => name).join()],
  ];
  const wrong = figures.find(([, said, found]) => said !== found);
  if (wrong === undefined) return undefined;
  const [name, said, found] = wrong;
  return `${name} is ${String(said)}, and the model beside it has ${String(found)}`;
}
