/** The part of lz4js, which comes without types, that is used: its decoder as a second opinion, and by benches its greedy encoder. */
declare module 'lz4js' {
  interface Lz4Js {
    /** Decodes a block of `sLength` bytes at `sIndex`; returns the index behind the last byte written. */
    decompressBlock(
      src: Uint8Array,
      dst: Uint8Array,
      sIndex: number,
      sLength: number,
      dIndex: number,
    ): number;
    /**
     * Writes a block to the start of `dst`; returns its length, or 0 where it would not be smaller. `hashTable` has
     * 65,536 entries, all 0.
     */
    compressBlock(
      src: Uint8Array,
      dst: Uint8Array,
      sIndex: number,
      sLength: number,
      hashTable: Uint32Array,
    ): number;
  }
  const lz4js: Lz4Js;
  export default lz4js;
}
