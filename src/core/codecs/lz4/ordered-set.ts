/**
 * A set of integers 0 … size−1 that finds the nearest member below or above a number: a tree of bits, 32 children a
 * node, so four levels cover a million. The sliding window of the match finder lives in one.
 */
export class OrderedSet {
  /** From the members themselves up to a single word; a bit says that the word below it is not empty. */
  private readonly levels: Int32Array[] = [];

  constructor(size: number) {
    let words = size;
    do {
      words = Math.max(1, (words + 31) >>> 5);
      this.levels.push(new Int32Array(words));
    } while (words > 1);
  }

  add(member: number): void {
    let m = member;
    for (const level of this.levels) {
      level[m >>> 5]! |= 1 << (m & 31);
      m >>>= 5;
    }
  }

  delete(member: number): void {
    let m = member;
    for (const level of this.levels) {
      const word = (level[m >>> 5]! &= ~(1 << (m & 31)));
      if (word !== 0) return;
      m >>>= 5;
    }
  }

  /** The largest member < `x`, or −1. */
  below(x: number): number {
    let m = x;
    for (let h = 0; h < this.levels.length; h++) {
      const word = this.levels[h]![m >>> 5]! & ((1 << (m & 31)) - 1);
      if (word !== 0) {
        m = (m & ~31) | (31 - Math.clz32(word));
        while (h-- > 0) m = (m << 5) | (31 - Math.clz32(this.levels[h]![m]!));
        return m;
      }
      m >>>= 5;
    }
    return -1;
  }

  /** The smallest member > `x`, or −1. */
  above(x: number): number {
    let m = x;
    for (let h = 0; h < this.levels.length; h++) {
      const word = this.levels[h]![m >>> 5]! & (-2 << (m & 31));
      if (word !== 0) {
        m = (m & ~31) | lowestBit(word);
        while (h-- > 0) m = (m << 5) | lowestBit(this.levels[h]![m]!);
        return m;
      }
      m >>>= 5;
    }
    return -1;
  }
}

/** Index of the lowest set bit of a word that is not 0. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
