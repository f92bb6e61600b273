// The container of the shipped artefact: several files in one, each with its size and checksum. It reads and writes bytes in memory only.
import { createHash } from 'node:crypto'

const MAGIC = 'latchkey-container-1\n'

/** Magic, one line of JSON that lists the files, then the files' bytes in that order. Same files, same bytes. */
export function pack(files) {
  const list = Object.entries(files).map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) }))
  return Buffer.concat([Buffer.from(`${MAGIC}${JSON.stringify(list)}\n`), ...Object.values(files)])
}

/** The files by name; throws where a byte is missing, left over or different from its checksum. */
export function unpack(container) {
  const start = MAGIC.length
  if (container.subarray(0, start).toString('latin1') !== MAGIC) throw new Error('the compiler artefact is not a container')
  const end = container.indexOf(10, start)
  const list = JSON.parse(container.subarray(start, end).toString('utf8'))
  const files = Object.create(null)
  let offset = end + 1
  for (const entry of list) {
    const bytes = container.subarray(offset, offset + entry.bytes)
    if (sha256(bytes) !== entry.sha256) throw new Error(`the compiler artefact is damaged: ${entry.name} does not have its checksum`)
    files[entry.name] = bytes
    offset += entry.bytes
  }
  if (offset !== container.length) throw new Error('the compiler artefact is damaged: its length is wrong')
  return files
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}
