// A log for commands that print one answer and nothing else.
import type { Log } from '../system/log.ts'

export const SILENT_LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
