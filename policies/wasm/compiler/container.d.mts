// Types of container.mjs.
export declare function pack(files: Readonly<Record<string, Uint8Array>>): Buffer
export declare function unpack(container: Uint8Array): Readonly<Record<string, Buffer>>
export declare function sha256(bytes: Uint8Array): string
