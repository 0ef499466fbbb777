/** The part of the WebAssembly JavaScript interface used here; Node's types leave it to the DOM's. */
declare namespace WebAssembly {
  interface Module {
    readonly __module: never;
  }
  interface Instance {
    readonly exports: object;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  const Module: new (bytes: Uint8Array) => Module;
  const Instance: new (module: Module, imports: Record<string, Record<string, Memory>>) => Instance;
  const CompileError: new () => Error;
  const Memory: new (limits: { initial: number }) => Memory;
}
