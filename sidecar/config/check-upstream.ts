// The rules of `upstream` that the schema cannot say: origins, and which fields may be added, removed or let through. Messages never repeat credentials.
import type { OptionFault, OptionPath } from '../../system/config/option-fault.ts'
import { checkOrigin as checkPlainOrigin } from '../../system/origins.ts'
import { isConfigurableForClient, isNeverForUpstream } from '../proxy/header-rules.ts'
import { type SidecarConfig, type UpstreamConfig, type UpstreamHeaderConfig, upstreamOf } from './sidecar-config.ts'

/** Also prefixes: `X-Acme-*`. */
const FIELD_PATTERN = /^[A-Za-z0-9][A-Za-z0-9-]*(?:-\*)?$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const FIELD_NAME = /^[A-Za-z0-9][A-Za-z0-9-]*$/

export function checkUpstream(config: SidecarConfig): readonly OptionFault[] {
  const at: OptionPath = typeof config.upstream === 'string' ? ['upstream'] : ['upstream', 'origin']
  const upstream = upstreamOf(config)
  return [
    ...checkOrigin(upstream.origin, at, config.public_origin),
    ...(upstream.own_origins ?? []).flatMap((origin, index) => checkOrigin(origin, ['upstream', 'own_origins', index], undefined)),
    ...checkHeaders(upstream.headers ?? []),
    ...checkFieldNames(upstream),
  ]
}

function checkOrigin(origin: string, path: OptionPath, publicOrigin: string | undefined): readonly OptionFault[] {
  if (hasCredentials(origin)) {
    const remedy = 'Remove them, and give the credential in `upstream.headers`, from a file or an environment variable'
    return [{ path, message: 'the URL contains credentials', remedy }]
  }
  if (origin === publicOrigin) return [{ path, message: 'the sidecar would forward to itself', remedy: "Name the API's own address" }]
  return checkPlainOrigin(path, origin, 'http://127.0.0.1:8080')
}

function hasCredentials(origin: string): boolean {
  return origin.includes('@')
}

function checkHeaders(headers: readonly UpstreamHeaderConfig[]): readonly OptionFault[] {
  return headers.flatMap((header, index) => {
    const path = ['upstream', 'headers', index]
    const isRepeated = headers.slice(0, index).some((other) => other.name.toLowerCase() === header.name.toLowerCase())
    if (isRepeated) return [{ path: [...path, 'name'], message: `"${header.name}" is listed twice`, remedy: 'Remove one of the two' }]
    if (!FIELD_NAME.test(header.name))
      return [{ path: [...path, 'name'], message: `"${header.name}" is not a field name`, remedy: 'Use letters, digits and hyphens' }]
    if (!mayBeAdded(header.name.toLowerCase())) {
      const remedy = 'Connection fields, framing fields and fields of the sidecar cannot be configured; use the field from which the API reads its credential'
      return [{ path: [...path, 'name'], message: `"${header.name}" is set by the sidecar itself`, remedy }]
    }
    if ((header.file === undefined) === (header.env === undefined)) {
      const remedy = 'Name a file of mode 0600, or an environment variable'
      return [{ path, message: 'exactly one of `file` and `env` must be given', remedy }]
    }
    if (header.env !== undefined && !VARIABLE.test(header.env)) {
      // The value is not repeated: it may be the credential itself.
      return [
        { path: [...path, 'env'], message: 'this is not the name of an environment variable', remedy: 'Name the variable that holds the value, e.g. API_KEY' },
      ]
    }
    return []
  })
}

/** Callers may not send their own `Authorization`; the operator's is what this option is for. */
function mayBeAdded(name: string): boolean {
  return (name === 'authorization' || !isNeverForUpstream(name)) && name !== 'accept-encoding' && name !== 'range' && !name.startsWith('if-')
}

function checkFieldNames(upstream: UpstreamConfig): readonly OptionFault[] {
  const pass = upstream.pass_headers ?? []
  const answers = upstream.pass_answer_headers ?? []
  return [
    ...faultsOf(upstream.strip_headers ?? [], 'strip_headers', (name) => (FIELD_PATTERN.test(name) ? undefined : NOT_A_NAME)),
    ...faultsOf(pass, 'pass_headers', (name) => (FIELD_PATTERN.test(name) ? explainPass(name.toLowerCase()) : NOT_A_NAME)),
    ...faultsOf(answers, 'pass_answer_headers', (name) => (isConfigurableForClient(name.toLowerCase()) ? undefined : NOT_CONFIGURABLE)),
  ]
}

type Explanation = Pick<OptionFault, 'message' | 'remedy'>

const NOT_A_NAME: Explanation = { message: 'is not a field name', remedy: 'Write a name such as X-Role, or a prefix that ends in -* such as X-Acme-*' }
const NEVER_PASSES: Explanation = {
  message: 'cannot be let through: the sidecar sets or reads it itself',
  remedy: "Remove it; the API's own credential belongs in `upstream.headers`",
}
const NOT_CONFIGURABLE: Explanation = {
  message: 'is not among the fields that can be let through',
  remedy: 'docs/sidecar.md lists those that can, e.g. Strict-Transport-Security; other fields are always passed on or always dropped',
}

function explainPass(name: string): Explanation | undefined {
  if (isNeverForUpstream(name)) return NEVER_PASSES
  return name.endsWith('*') && name.length < 4 ? NOT_A_NAME : undefined
}

function faultsOf(names: readonly string[], option: string, explain: (name: string) => Explanation | undefined): readonly OptionFault[] {
  return names.flatMap((name, index) => {
    const found = explain(name)
    return found === undefined ? [] : [{ path: ['upstream', option, index], message: `"${name}" ${found.message}`, remedy: found.remedy }]
  })
}
