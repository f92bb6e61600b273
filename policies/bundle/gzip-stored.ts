// Bytes in a gzip member (RFC 1952) of stored blocks (RFC 1951 section 3.2.4). It never compresses: what zlib makes of a text differs between its builds, and a bundle has the same bytes everywhere.
import { crc32 } from 'node:zlib'

/** Magic, deflate, no flags, no time, no extra flags, operating system unknown. */
const HEADER = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff])
/** A stored block tells its length in 16 bits. */
const BLOCK_MAX_BYTES = 0xffff

export function gzipStored(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let at = 0; at < bytes.length || at === 0; at += BLOCK_MAX_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_MAX_BYTES)
    blocks.push(blockHead(block.length, at + BLOCK_MAX_BYTES >= bytes.length), block)
  }
  return Buffer.concat([HEADER, ...blocks, trailer(bytes)])
}

function blockHead(length: number, isLast: boolean): Uint8Array {
  const head = Buffer.alloc(5)
  head.writeUInt8(isLast ? 1 : 0, 0)
  head.writeUInt16LE(length, 1)
  head.writeUInt16LE(length ^ 0xffff, 3)
  return head
}

function trailer(bytes: Uint8Array): Uint8Array {
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc32(bytes), 0)
  end.writeUInt32LE(bytes.length % 2 ** 32, 4)
  return end
}
