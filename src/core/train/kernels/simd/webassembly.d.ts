/** The part of the WebAssembly JavaScript interface used here; Node's types leave it to the DOM's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory>>);
    readonly exports: object;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
}
