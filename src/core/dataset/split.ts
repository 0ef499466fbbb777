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
 * @param subjects of each example: those of one subject go together
 */
export function validationIndices(
  groups: readonly number[],
  fraction: number,
  seed: number,
  subjects?: Uint32Array,
): Uint32Array {
  if (subjects !== undefined) return wholeSubjects(groups, fraction, seed, subjects);
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
      `dataset.validation: ${groups.length} training examples are too few to hold any back for validation; ` +
        (members.size > 1 ? 'at least one class needs two' : 'two are the least'),
    );
  }
  return Uint32Array.from(held).sort();
}

/** Stands for the group of a subject that has examples of several. */
const MIXED = -1;

/** As validationIndices, where whole subjects are held back: of each group's until they have the fraction of its examples. */
function wholeSubjects(
  groups: readonly number[],
  fraction: number,
  seed: number,
  subjects: Uint32Array,
): Uint32Array {
  const members = new Map<number, number[]>();
  const groupOf = new Map<number, number>();
  groups.forEach((group, i) => {
    const subject = subjects[i]!;
    const known = members.get(subject);
    if (known === undefined) {
      members.set(subject, [i]);
      groupOf.set(subject, group);
    } else {
      known.push(i);
      if (groupOf.get(subject) !== group) groupOf.set(subject, MIXED);
    }
  });
  const pools = new Map<number, number[]>();
  groupOf.forEach((group, subject) => {
    const pool = pools.get(group);
    if (pool === undefined) pools.set(group, [subject]);
    else pool.push(subject);
  });
  const held: number[] = [];
  pools.forEach((pool, group) => {
    const total = pool.reduce((sum, subject) => sum + members.get(subject)!.length, 0);
    const wanted = Math.max(1, Math.round(total * fraction));
    const order = permutation(pool.length, mixSeed(seed, VALIDATION, group));
    let taken = 0;
    // One subject always stays.
    for (let i = 0; i < pool.length - 1 && taken < wanted; i++) {
      const examples = members.get(pool[order[i]!]!)!;
      held.push(...examples);
      taken += examples.length;
    }
  });
  if (held.length === 0) {
    throw new UserError(
      `dataset.validation: the training examples are of ${members.size === 1 ? 'one subject or recording' : 'one subject or recording in each class'} alone, so none can be held back for validation; give at least two`,
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
    ...subjectsAt(samples, indices),
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
    ...subjectsAt(samples, indices),
  };
}

function subjectsAt({ subjects }: Samples, indices: Uint32Array): Pick<Samples, 'subjects'> {
  return subjects === undefined ? {} : { subjects: indices.map((index) => subjects[index]!) };
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

/** The examples of one set, then those of another of the same kind. */
export function joinSamples(first: Samples, second: Samples): Samples {
  const count = first.count + second.count;
  const data =
    first.data instanceof Uint8Array && second.data instanceof Uint8Array
      ? new Uint8Array(first.data.length + second.data.length)
      : new Float32Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  const targets = new Float32Array(first.targets.length + second.targets.length);
  targets.set(first.targets);
  targets.set(second.targets, first.targets.length);
  const subjects =
    first.subjects && second.subjects && Uint32Array.from([...first.subjects, ...second.subjects]);
  return { count, shape: first.shape, data, targets, ...(subjects ? { subjects } : {}) };
}
