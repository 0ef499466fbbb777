/** Sources of a network of which nobody said what it expects say so: in the header, and in the manifest for `east check`. */
import { expect, it } from 'vitest';
import { MANIFEST, parseManifest } from '../../../src/core/firmware/manifest';
import { emitRandom } from './random-model';
import { randomGraph } from './random-graph';

const normalization = { kind: 'float', mean: [0], std: [1] } as const;

it('a guess is told in the header and in the manifest, and nothing where there is none', () => {
  const graph = randomGraph(3, 2);
  const told = [{ ...normalization, guessed: true as const }, normalization].map((each) => {
    const { files } = emitRandom(graph, { normalization: each });
    const manifest = parseManifest(files.get(MANIFEST)!, MANIFEST);
    return [files.get('unit_model.h')!.includes('Beware: what the network'), manifest.notes];
  });
  expect(told).toEqual([
    [true, [expect.stringMatching(/is a guess, .* set dataset\.normalize/)]],
    [false, undefined],
  ]);
});
