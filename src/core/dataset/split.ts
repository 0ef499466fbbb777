/** Which training examples are used and which are held back; pure functions of targets and seed. */
import { UserError } from '../util/errors';
import { mixSeed, permutation } from '../util/random';
import type { Samples } from './dataset';
import { targetOf, targetSize } from './targets';

// Keep the streams of one seed apart.
const LIMIT = 0x11;
const VALIDATION = 0x12;

/** `limit` of `count` indices, ascending, chosen blind to the classes; all of them when limit is 0 or not smaller. */
export function limitIndices(count: number, limit: number, seed: number): Uint32Array {
  const order = permutation(count, mixSeed(seed, LIMIT));
  if (limit === 0 || limit >= count) return order.sort();
  return order.slice(0, limit).sort();
}

/**
 * Indices (ascending) of the examples held back for validation: of every group the rounded `fraction`, at least one
 * and never all. Groups of a single example give none.
 *
 * @param groups of each example, a whole number
 */
export function validationIndices(
  groups: readonly number[],
  fraction: number,
  seed: number,
): Uint32Array {
  const members = new Map<number, number[]>();
  groups.forEach((group, i) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, [i]);
    else known.push(i);
  });
  const held: number[] = [];
  members.forEach((indices, group) => {
    if (indices.length < 2) return;
    const wanted = Math.round(indices.length * fraction);
    const take = Math.min(Math.max(wanted, 1), indices.length - 1);
    const order = permutation(indices.length, mixSeed(seed, VALIDATION, group));
    for (let i = 0; i < take; i++) held.push(indices[order[i]!]!);
  });
  if (held.length === 0) {
    throw new UserError(
      `dataset.validation: ${groups.length} training examples are too few to hold any back for validation; at least one class needs two`,
    );
  }
  return Uint32Array.from(held).sort();
}

/** A copy of the examples at `indices`. */
export function copySamples(samples: Samples, indices: Uint32Array): Samples {
  const size = samples.data.length / Math.max(samples.count, 1);
  const width = targetSize(samples);
  const targets = new Float32Array(indices.length * width);
  const data =
    samples.data instanceof Uint8Array
      ? new Uint8Array(indices.length * size)
      : new Float32Array(indices.length * size);
  indices.forEach((from, to) => {
    data.set(samples.data.subarray(from * size, (from + 1) * size), to * size);
    targets.set(targetOf(samples, from), to * width);
  });
  return {
    count: indices.length,
    shape: samples.shape,
    data,
    targets,
  };
}

/**
 * Moves the examples at `indices` (ascending) to the front of their own storage and returns a view of them, so that a
 * large set is never in memory twice. `samples` must not be used afterwards.
 */
export function keepSamples(samples: Samples, indices: Uint32Array): Samples {
  const size = samples.data.length / Math.max(samples.count, 1);
  const width = targetSize(samples);
  indices.forEach((from, to) => {
    samples.data.copyWithin(to * size, from * size, (from + 1) * size);
    samples.targets.copyWithin(to * width, from * width, (from + 1) * width);
  });
  return {
    count: indices.length,
    shape: samples.shape,
    data: samples.data.subarray(0, indices.length * size),
    targets: samples.targets.slice(0, indices.length * width),
  };
}

/** The ascending indices below `count` that are not in `excluded` (ascending). */
export function remainingIndices(count: number, excluded: Uint32Array): Uint32Array {
  const rest = new Uint32Array(count - excluded.length);
  let next = 0;
  let written = 0;
  for (let i = 0; i < count; i++) {
    if (excluded[next] === i) next++;
    else rest[written++] = i;
  }
  return rest;
}
