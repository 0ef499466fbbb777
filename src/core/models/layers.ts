/** A network as a list of layers in the config. */
import { buildLayers } from '../graph/build';
import { ModelError } from '../graph/model-error';
import type { DescribedFormat } from './model';

export const layers: DescribedFormat = {
  load: ({ layers: list = [], width, input, classes, outputs }) => {
    if (width !== undefined) {
      throw new ModelError('"width" scales a named architecture; a "layers" list has none', [
        'width',
      ]);
    }
    const { graph, names } = buildLayers({
      layers: list,
      input,
      classes: outputs,
      ...(outputs === classes ? {} : { puts: 'numbers' }),
    });
    const entries = new Map<string, number[]>();
    names.forEach((name, i) => entries.set(name, [...(entries.get(name) ?? []), i]));
    return { graph, entries };
  },
};
