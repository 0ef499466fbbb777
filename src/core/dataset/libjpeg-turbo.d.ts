/** What is used of libjpeg-turbo in WebAssembly; the package has no types of its own. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  export interface JPEGDecoder {
    /** A view of the library's memory to put the file's bytes into. */
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws a number (a pointer to C++'s exception) where the data is damaged. */
    decode(): void;
    /** A view of the library's memory: grey, or RGB interleaved. */
    getDecodedBuffer(): Uint8Array;
    /** Frees what the object has in the library's memory. */
    delete(): void;
  }
  export default function load(options: {
    readonly wasmBinary: Uint8Array;
    readonly print: (text: string) => void;
    readonly printErr: (text: string) => void;
  }): Promise<{ readonly JPEGDecoder: new () => JPEGDecoder }>;
}
