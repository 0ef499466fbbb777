/** The part of lz4js, a development dependency without types, that the tests use as an independent decoder. */
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
  }
  const lz4js: Lz4Js;
  export default lz4js;
}
