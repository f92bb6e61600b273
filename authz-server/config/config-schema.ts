// The configuration file's JSON Schema (draft-07). `authz-server.schema.json` beside it is its printed form, for editors; a test compares the two.
import { LOG_LEVELS } from '../../system/log.ts'

const NAME = { type: 'string', description: 'a name of 1 to 100 characters', minLength: 1, maxLength: 100 }
const ID = { type: 'string', description: '1 to 100 letters, digits, ".", "_" or "-"', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }
const SCOPE = { type: 'string', description: 'one word without spaces, quotes or backslashes', pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,100}$' }
const PATH = { type: 'string', description: 'a path; relative paths are relative to the directory of this file', minLength: 1, maxLength: 1000 }
const ORIGIN = { type: 'string', description: 'an origin, e.g. https://things.example.org', minLength: 1, maxLength: 200 }

const PROOF_AT_START = (byDefault: string) => ({
  type: 'string',
  description: `required or optional: whether the first request of a pairing must have a DPoP proof; defaults to ${byDefault}`,
  enum: ['required', 'optional'],
})

const TLS = {
  type: 'object',
  description: 'certificate_file and key_file, both PEM',
  additionalProperties: false,
  required: ['certificate_file', 'key_file'],
  properties: { certificate_file: PATH, key_file: PATH },
}

const RESOURCE_SERVER = {
  type: 'object',
  description: 'an API, behind a sidecar or not',
  additionalProperties: false,
  required: ['id', 'name'],
  properties: {
    id: { ...ORIGIN, description: 'its public origin, e.g. https://things.example.org' },
    name: NAME,
    client_id: {
      ...ID,
      description: `the client of its sidecar (or of an API that introspects), ${ID.description}; each sidecar needs a client of its own; omit it for an API that only checks tokens`,
    },
    confirmation: {
      type: 'array',
      description:
        '[jkt] or [jkt, jwk]: the contents of the cnf claim in its tokens; defaults to [jkt, jwk] behind a sidecar (its client has the scope feed), and [jkt] otherwise',
      items: { type: 'string', description: 'jkt or jwk', enum: ['jkt', 'jwk'] },
      enum: [['jkt'], ['jkt', 'jwk']],
    },
  },
}

const CLIENT = {
  type: 'object',
  description: 'a client',
  additionalProperties: false,
  required: ['client_id', 'name', 'authentication', 'scopes'],
  properties: {
    client_id: ID,
    name: NAME,
    authentication: { type: 'string', description: 'none (an app of people) or private_key_jwt (a service)', enum: ['none', 'private_key_jwt'] },
    jwk: { type: 'object', description: 'its public key as JWK, P-256 or Ed25519' },
    scopes: { type: 'array', description: 'the scopes that it may request', items: SCOPE, minItems: 1, maxItems: 50 },
    proof_at_start: PROOF_AT_START('optional; the first poll then binds the key'),
  },
}

const RESOURCE = {
  type: 'object',
  description: 'a resource that a device of this kind provides; {device} stands for the identifier',
  additionalProperties: false,
  required: ['key', 'name', 'type', 'scopes'],
  properties: {
    key: { ...NAME, description: 'its key in routes and rules; must contain {device}', pattern: '\\{device\\}' },
    name: NAME,
    type: NAME,
    tags: { type: 'array', description: 'tags for rules', items: NAME, maxItems: 20, default: [] },
    scopes: { type: 'array', description: 'its abilities', items: SCOPE, minItems: 1, maxItems: 50 },
  },
}

const DEVICE_TYPE = {
  type: 'object',
  description: 'a kind of device',
  additionalProperties: false,
  required: ['kind', 'resource_server', 'resources'],
  properties: {
    kind: ID,
    resource_server: ORIGIN,
    proof_at_start: PROOF_AT_START('required; with optional, anyone can find out which device ids exist'),
    resources: { type: 'array', description: 'the resources that it provides', items: RESOURCE, minItems: 1, maxItems: 50 },
  },
}

export const CONFIG_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Latchkey authz server',
  type: 'object',
  description: 'the configuration of the authz server',
  additionalProperties: false,
  required: ['issuer', 'listen', 'data_directory', 'resource_servers', 'clients', 'device_types'],
  properties: {
    issuer: { ...ORIGIN, description: 'the origin at which all clients reach this server, e.g. https://keys.example.org' },
    listen: {
      type: 'object',
      description: 'where to listen: host and port',
      additionalProperties: false,
      required: ['host', 'port'],
      properties: {
        host: { type: 'string', description: 'a host name or address, e.g. 127.0.0.1', minLength: 1, maxLength: 253 },
        port: { type: 'integer', description: 'a port, 0 to 65535', minimum: 0, maximum: 65535 },
        tls: TLS,
        proxy_protocol: {
          type: 'boolean',
          description: 'true if every connection begins with a header of the PROXY protocol, version 1 or 2; needs trusted_proxies',
        },
      },
    },
    admin: {
      type: 'object',
      description: 'where the operator reads /healthz, /readyz and /metrics, e.g. { host: 127.0.0.1, port: 9401 }; if omitted, there is no admin listener',
      additionalProperties: false,
      required: ['host', 'port'],
      properties: {
        host: { type: 'string', description: 'a loopback host name or address, e.g. 127.0.0.1', minLength: 1, maxLength: 253 },
        port: { type: 'integer', description: 'a port, 0 to 65535', minimum: 0, maximum: 65535 },
      },
    },
    trusted_proxies: {
      type: 'array',
      description: "addresses or networks of the proxies in front of this server, e.g. [127.0.0.1]; only these are trusted to report a client's address",
      items: { type: 'string', description: 'an address or a network, e.g. 10.0.0.0/8', maxLength: 64 },
      uniqueItems: true,
      maxItems: 100,
    },
    client_address_header: {
      type: 'string',
      description: 'the header that your proxy sets, x-forwarded-for or forwarded; without it both are read, and if they differ the address is unknown',
      enum: ['x-forwarded-for', 'forwarded'],
    },
    drain_seconds: {
      type: 'integer',
      description:
        'how long requests may take to finish after SIGTERM, 1 to 3600 whole seconds; defaults to 8. Use less than the timeout of your supervisor (Docker: 10)',
      minimum: 1,
      maximum: 3600,
    },
    log_level: { type: 'string', description: 'the lowest level that is logged: debug, info (the default), warn or error', enum: [...LOG_LEVELS] },
    data_directory: { ...PATH, description: 'where the database and the signing keys are kept, a directory of the user that runs the server' },
    resource_servers: { type: 'array', description: 'the APIs that tokens are for', items: RESOURCE_SERVER, maxItems: 100 },
    clients: { type: 'array', description: 'apps, sidecars and operators', items: CLIENT, maxItems: 1000 },
    device_types: { type: 'array', description: 'the kinds of devices', items: DEVICE_TYPE, maxItems: 1000 },
  },
}
