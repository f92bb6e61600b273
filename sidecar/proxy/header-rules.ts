// Which header fields pass a proxy, by name. What is dropped here is framing, hop-by-hop, credentials, and whatever could speak in the sidecar's place.

/** RFC 9110 section 7.6.1, and what belongs to a connection by custom. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]

/** `host` and `content-length` are set anew from what was checked. */
const NOT_TO_UPSTREAM = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'authorization',
  'dpop',
  'forwarded',
  'x-forwarded',
  'x-host',
  'x-remote-addr',
  'client-ip',
  // Becomes the variable HTTP_PROXY in CGI, and so the way out of the upstream (CVE-2016-5385).
  'proxy',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-request-id',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'remote-user',
  'x-remote-user',
  'x-forwarded-user',
])
/** Whole families: forwarding, rewriting, client certificates, other gateways' identity, and the sidecar's own. */
const PREFIXES_NOT_TO_UPSTREAM = [
  'latchkey-',
  'x-latchkey-',
  'x-forwarded-',
  'x-original-',
  'x-rewrite-',
  'x-envoy-',
  'client-cert',
  'x-client-cert',
  'x-ssl-',
  'ssl-client-',
  'x-authenticated-',
  'x-auth-request-',
  'x-webauth-',
  'x-goog-authenticated-',
  'x-amzn-oidc-',
  'x-ms-client-principal',
]

/** `alt-svc` would lead a client around the sidecar; a nonce of the upstream's would be mistaken for ours; which pages may read (`access-control-*`) is configured here. */
const NOT_TO_CLIENT = new Set([...HOP_BY_HOP.filter((name) => name !== 'proxy-authenticate'), 'alt-svc', 'dpop-nonce', 'x-request-id'])

export const isForUpstream = rememberVerdicts((name) => !NOT_TO_UPSTREAM.has(name) && !PREFIXES_NOT_TO_UPSTREAM.some((prefix) => name.startsWith(prefix)))
export const isForClient = rememberVerdicts((name) => !NOT_TO_CLIENT.has(name) && !name.startsWith('latchkey-') && !name.startsWith('access-control-'))

/** A challenge of the sidecar's own schemes would lead callers, and the claims they push, to an authz server of the upstream's choice. */
const OWN_CHALLENGE = /(?:^|,)\s*(?:uma|dpop)(?:\s|,|$)/i

export function isOwnChallenge(name: string, value: string): boolean {
  return name.length === 16 && name.toLowerCase() === 'www-authenticate' && OWN_CHALLENGE.test(value)
}

/** Names are few and repeat; they are the sender's choice though, so what is remembered is bounded. */
const REMEMBERED_NAMES = 1_000

function rememberVerdicts(judge: (lowerCaseName: string) => boolean): (name: string) => boolean {
  const verdicts = new Map<string, boolean>()
  return (name) => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const verdict = judge(name.toLowerCase())
    if (verdicts.size < REMEMBERED_NAMES) verdicts.set(name, verdict)
    return verdict
  }
}
