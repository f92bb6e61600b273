// The part of the WebAssembly interface that the policy runtime uses; Node has it, its type package of this version does not name it.

declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number
    maximum?: number
  }
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  interface Module {
    readonly brand: 'webassembly-module'
  }
  interface Instance {
    readonly exports: object
  }
  interface WebAssemblyInstantiatedSource {
    readonly instance: Instance
    readonly module: Module
  }
  const LinkError: ErrorConstructor
  function compile(bytes: Uint8Array): Promise<Module>
}
