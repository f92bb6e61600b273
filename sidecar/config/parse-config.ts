// The text of sidecar.yaml becomes a checked configuration, or all of its faults at once. Reads no other file.
import { ok, type Result } from '../../protocol/result.ts'
import type { ConfigError } from '../../system/config/option-fault.ts'
import { createConfigReader } from '../../system/config/read-config.ts'
import { checkConfig } from './check-config.ts'
import schema from './sidecar.schema.json' with { type: 'json' }
import type { SidecarConfig } from './sidecar-config.ts'

const read = createConfigReader<SidecarConfig>({ schema, emptyGroups: { feed: {}, limits: {} }, check: checkConfig })

export function parseConfig(text: string): Result<SidecarConfig, readonly ConfigError[]> {
  const result = read(text)
  return result.ok ? ok(result.value.config) : result
}
