// From the text of sidecar.yaml to a checked configuration, or all of its faults at once. Reads no other file.
import { createConfigParser } from '../../system/config-file.ts'
import { checkConfig } from './check-config.ts'
import schema from './sidecar.schema.json' with { type: 'json' }
import type { SidecarConfig } from './sidecar-config.ts'

export const parseConfig = createConfigParser<SidecarConfig>({ schema, emptyGroups: { feed: {}, limits: {} }, check: checkConfig })
