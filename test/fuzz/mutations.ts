/** Sound files made unsound, in the ways in which damage and malice do it; the same for the same seed. */
import type { Random } from '../../src/core/util/random';

/** Numbers at which sizes overflow, wrap round or are taken for negative. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Mutation = (bytes: Buffer, random: Random, others: readonly Uint8Array[]) => Buffer;

/** A stretch in it, hardly ever all of it. */
function stretch({ length }: Buffer, random: Random): readonly [start: number, end: number] {
  const start = random.int(length);
  return [start, Math.min(length, start + 1 + random.int(1 + random.int(Math.max(1, length))))];
}

/** Headers stand in front, and in front most is decided. */
function place({ length }: Buffer, random: Random): number {
  return random.int(2) === 0 ? random.int(length) : random.int(Math.min(length, 128));
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const at = place(bytes, random);
    bytes[at]! ^= 1 << random.int(8);
    return bytes;
  },
  (bytes, random) => {
    bytes[place(bytes, random)] = random.int(256);
    return bytes;
  },
  (bytes, random) => {
    const at = place(bytes, random);
    const edge = EDGES[random.int(EDGES.length)]!;
    const four = Buffer.alloc(4);
    if (random.int(2) === 0) four.writeUInt32BE(edge);
    else four.writeUInt32LE(edge);
    four.copy(bytes, at);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.int(bytes.length)),
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return bytes.fill(random.int(3) === 0 ? 0xff : 0, start, end);
  },
  (bytes, random, others) => {
    const other = Buffer.from(others[random.int(others.length)] ?? bytes);
    if (other.length === 0) return bytes;
    const [start, end] = stretch(other, random);
    const at = random.int(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at)]);
  },
  // Digits of a text, which say how much there is.
  (bytes, random) => {
    const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 0x30 && bytes[i]! <= 0x39);
    const at = digits[random.int(Math.max(1, digits.length))];
    if (at === undefined) return bytes;
    const nines = Buffer.from('9'.repeat(1 + random.int(12)));
    return Buffer.concat([bytes.subarray(0, at), nines, bytes.subarray(at + 1)]);
  },
];

/** One to four things wrong with it, mostly one. */
export function mutated(
  specimen: Uint8Array,
  random: Random,
  others: readonly Uint8Array[] = [],
): Uint8Array {
  let bytes: Buffer = Buffer.from(specimen);
  const times = random.int(3) === 0 ? 1 + random.int(4) : 1;
  for (let i = 0; i < times && bytes.length > 0; i++) {
    bytes = MUTATIONS[random.int(MUTATIONS.length)]!(bytes, random, others);
  }
  return bytes;
}
