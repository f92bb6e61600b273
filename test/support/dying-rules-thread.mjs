// The thread for owners' rules with an accident for every word DIE_...: what a hostile text would do to it if it found a way.
import { parentPort } from 'node:worker_threads'

const ACCIDENTS = {
  DIE_LOOP() {
    for (;;);
  },
  DIE_MEMORY() {
    const hoard = []
    for (;;) hoard.push(new Array(100_000).fill(hoard.length))
  },
  DIE_EXIT() {
    process.exit(3)
  },
  DIE_THROW() {
    throw new Error('thrown outside of any job')
  },
}

parentPort.on('message', (message) => {
  const text = JSON.stringify(message, (_key, value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value))
  const [name] = /DIE_[A-Z]+/.exec(text) ?? []
  ACCIDENTS[name]?.()
})
await import('../../authz-server/sharing/thread/rules-thread.ts')
