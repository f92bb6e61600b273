// Lets worker threads that a test starts load the sources as they are. Vitest transforms what it loads itself; a thread is loaded by Node, and Node 20 knows no TypeScript.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
