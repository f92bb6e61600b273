// Families of request fields by which gateways tell an API who calls, from where, how, or what is really asked for. From a caller, none of them can be believed.

interface Family {
  readonly prefixes?: readonly string[]
  readonly names?: readonly string[]
  /** Parts of a name between hyphens, at any place. */
  readonly words?: readonly string[]
  /** The last part of a name that has more than one. */
  readonly lastWords?: readonly string[]
}

/** Which addresses, hosts, schemes and paths a gateway saw. */
const ORIGIN_OF_THE_REQUEST: Family = {
  prefixes: [
    ...['x-forward', 'forward', 'x-original-', 'x-originating-', 'x-orig-', 'x-real-', 'real-', 'x-remote-', 'remote-', 'x-client-', 'client-', 'true-client-'],
    ...['x-true-client-', 'x-cluster-', 'cluster-', 'x-proxy-', 'proxy-', 'x-proxyuser-', 'wl-proxy-', 'x-rewrite-', 'x-replaced-', 'x-envoy-', 'x-arr-'],
    ...['cf-', 'cdn-', 'x-cdn-', 'ali-cdn-', 'cloudfront-', 'fastly-', 'x-fastly-', 'akamai-', 'x-akamai-', 'incap-', 'x-incap-', 'x-sucuri-', 'x-azure-'],
    ...['x-appengine-', 'x-appgw-', 'x-gfe-', 'fly-', 'x-nf-', 'x-vercel-', 'do-connecting-', 'eo-', 'http-', 'x-http-host', 'x-host', 'x-server-'],
    ...['x-geo', 'geoip-', 'x-country', 'x-ms-proxy'],
  ],
  names: [
    ...['via', 'proxy', 'x-scheme', 'x-url-scheme', 'x-proto', 'x-protocol', 'x-https', 'https', 'front-end-https', 'x-port', 'disguised-host'],
    ...['x-uri', 'x-url', 'x-request-uri', 'x-request-url', 'request-uri', 'base-url', 'x-base-url', 'x-override-url', 'x-path-info', 'path-info'],
    ...['x-script-name', 'script-name', 'x-http-path-override', 'x-coming-from', 'coming-from', 'x-request-id'],
  ],
  words: [
    ...['ip', 'ips', 'ipaddr', 'ipaddress', 'ipv4', 'ipv6', 'clientip', 'realip', 'remoteip', 'userip', 'socketip', 'forwarded', 'forwarder', 'forwarding'],
    ...['remoteaddr', 'remotehost'],
  ],
  lastWords: ['addr', 'host'],
}

/** Whom a gateway had authenticated, and by what. */
const IDENTITY_OF_THE_CALLER: Family = {
  prefixes: [
    ...['latchkey-', 'x-latchkey-', 'x-auth-', 'x-authentik-', 'x-authelia-', 'x-authenticated', 'authenticated-', 'x-authn-', 'x-authz-', 'auth-request-'],
    ...['x-pomerium-', 'x-vouch-', 'x-webauth-', 'webauth-', 'tailscale-', 'x-tailscale-', 'teleport-', 'x-teleport-', 'x-consumer-', 'x-anonymous-consumer'],
    ...['x-credential-', 'x-goog-authenticated-', 'x-goog-iap-', 'x-amzn-oidc-', 'x-amzn-mtls-', 'x-amzn-tls-', 'x-ms-client-principal', 'x-ms-token-'],
    ...['oidc-', 'x-oidc-', 'openid-', 'x-openid-', 'x-saml-', 'saml-', 'shib-', 'x-shib-', 'mellon-', 'iv-', 'sm-', 'x-sso-', 'sso-', 'x-ldap-', 'x-okta-'],
    ...['x-iap-', 'impersonate-', 'x-impersonate-', 'x-trusted-', 'x-istio-', 'x-id-token', 'x-3scale-', 'x-apigee-', 'x-authuser', 'x-authorized'],
    ...[
      'x-hasura-',
      'x-grafana-',
      'x-scope-',
      'x-apigateway-',
      'x-endpoint-api-',
      'x-amzn-request-context',
      'x-amzn-lambda-context',
      'x-jwt-',
      'jwt-',
      'x-claim',
      'x-up-calling-',
    ],
  ],
  names: [
    'uid',
    'x-uid',
    'x-sub',
    'x-group',
    'x-groups',
    'x-roles',
    'x-permission',
    'x-permissions',
    'x-scope',
    'x-scopes',
    'x-email',
    'x-identity',
    'x-subject',
    'x-login',
    'eppn',
    // With the API's own credential on every request, these would act for anybody.
    ...['sudo', 'x-sudo', 'on-behalf-of', 'x-on-behalf-of', 'x-act-as', 'x-actor'],
  ],
  words: [
    ...['user', 'users', 'username', 'userid', 'userinfo', 'useremail', 'principal', 'assertion', 'impersonate', 'authenticated', 'entitlements'],
    ...['webauth', 'remoteuser', 'authuser', 'msisdn', 'imsi'],
  ],
}

/** What another party's client certificate said. */
const CLIENT_CERTIFICATE: Family = {
  prefixes: ['ssl-', 'x-ssl', 'tls-', 'x-tls-', 'mtls-', 'x-mtls-', 'x-peer-', 'peer-cert'],
  names: ['ssl', 'x-subject-dn', 'x-issuer-dn'],
  words: ['cert', 'certs', 'certificate', 'clientcert', 'dn', 'xfcc'],
}

/** Which method a server is to carry out instead. */
const METHOD_OVERRIDE: Family = {
  prefixes: ['x-http-method', 'x-method', 'http-method', 'method-', 'x-http-verb', 'x-verb'],
  names: ['method', 'x-override', 'override-method'],
}

const FAMILIES = [ORIGIN_OF_THE_REQUEST, IDENTITY_OF_THE_CALLER, CLIENT_CERTIFICATE, METHOD_OVERRIDE]
const PREFIXES = FAMILIES.flatMap(({ prefixes = [] }) => prefixes)
const NAMES = new Set(FAMILIES.flatMap(({ names = [] }) => names))
const WORDS = new Set(FAMILIES.flatMap(({ words = [] }) => words))
const LAST_WORDS = new Set(FAMILIES.flatMap(({ lastWords = [] }) => lastWords))

/** Of these families by their name, but ordinary: credentials and parameters that callers give the API themselves, and facts about their own software. */
const ORDINARY = new Set([
  ...['user-agent', 'x-user-agent', 'x-auth-token', 'x-auth-key', 'x-subject-token', 'x-goog-user-project', 'cdn-loop'],
  ...['version', 'name', 'info', 'data', 'platform', 'os', 'language', 'locale', 'timezone', 'time', 'trace-id', 'request-id'].flatMap((word) => [
    `client-${word}`,
    `x-client-${word}`,
  ]),
  ...['language', 'locale', 'timezone'].map((word) => `x-user-${word}`),
])
/** Registered request fields, none of which speaks for a gateway. */
const STANDARD_PREFIXES = ['accept', 'content-', 'if-', 'sec-', 'access-control-']

/** `name`: in lower case. */
export function isOfAFamily(name: string): boolean {
  if (ORDINARY.has(name) || STANDARD_PREFIXES.some((prefix) => name.startsWith(prefix))) return false
  if (NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) return true
  const words = name.split('-')
  return words.some((word) => WORDS.has(word)) || (words.length > 1 && LAST_WORDS.has(words.at(-1) ?? ''))
}
