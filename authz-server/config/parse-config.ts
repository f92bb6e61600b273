// From the text of authz-server.yaml to a checked configuration, or all of its faults at once. Reads no other file.
import { createConfigParser } from '../../system/config-file.ts'
import schema from './authz-server.schema.json' with { type: 'json' }
import { checkConfig } from './check-config.ts'
import type { AuthzServerConfig } from './config.ts'

export const parseConfig = createConfigParser<AuthzServerConfig>({ schema, check: checkConfig })
