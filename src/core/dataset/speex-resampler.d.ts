/** What is used of SpeexDSP's resampler in WebAssembly; the package has no types of its own. */
declare module '@echogarden/speex-resampler-wasm' {
  /** Pointers are byte offsets in the library's memory, whose views are new ones whenever it grows. */
  export interface SpeexResampler {
    readonly HEAPF32: Float32Array;
    readonly HEAPU32: Uint32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** @returns a pointer to the state; 0 where it could not be made */
    _speex_resampler_init(
      channels: number,
      from: number,
      to: number,
      quality: number,
      error: number,
    ): number;
    _speex_resampler_destroy(state: number): void;
    /** Leaves out the zeros with which what comes out would begin. */
    _speex_resampler_skip_zeros(state: number): number;
    /** Samples that lie between what has come in and what has gone out. */
    _speex_resampler_get_input_latency(state: number): number;
    /** Counts of samples are read and written at `taken` and `given`. */
    _speex_resampler_process_float(
      state: number,
      channel: number,
      input: number,
      taken: number,
      output: number,
      given: number,
    ): number;
  }
  export default function load(options: {
    readonly wasmBinary: Uint8Array;
    readonly print: (text: string) => void;
    readonly printErr: (text: string) => void;
  }): Promise<SpeexResampler>;
}
