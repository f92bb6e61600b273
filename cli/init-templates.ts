// The files that `latchkey init` writes. They pass their checks as they are; every name in them is an example to replace.

export const RULES_TEMPLATE = `# Who may do what with your things. Anything that no share allows is denied.
# Check it:     latchkey policy check rules.yaml
# Test it:      latchkey policy test rules.yaml
# Explain it:   latchkey policy explain rules.yaml --who bob@example.test --what guitar --may play
version: 1
# The time zone of all hours and days below.
defaults: { timezone: Europe/Paris }

# Names of people and groups, to use in "who".
people:
  band: [bob@example.test, carol@example.test]

# Nicknames of things, to use in "what".
things:
  guitar: guitar-0042

shares:
  - name: The band can play
    who: [band]
    # A thing, a nickname, type:..., tag:... or everything.
    what: [guitar]
    may: [play, read]
    only: { days: [mon-fri], between: "08:00-22:00" }
    until: 2030-12-31
    # Removed from responses.
    hide: [location]

  - name: Carol may ask for a diagnosis
    who: [carol@example.test]
    what: [guitar]
    may: [diagnose]
    until: 2030-12-31
    # You approve once. Write "each time" to approve every request.
    ask: once

# Takes precedence over every share.
block:
  - who: [mallory@example.test]

# Tested before new rules take effect. If one fails, the previous rules stay in force.
expect:
  - who: bob@example.test
    may: play
    what: guitar
    at: "2026-11-23T10:00:00+01:00"
    answer: allow
  - who: bob@example.test
    may: play
    what: guitar
    at: "2026-11-22T10:00:00+01:00"
    answer: deny
    because: not_these_days
  - who: carol@example.test
    may: diagnose
    what: guitar
    at: "2026-11-23T10:00:00+01:00"
    answer: ask
  - who: mallory@example.test
    may: read
    what: guitar
    at: "2026-11-23T10:00:00+01:00"
    answer: deny
    because: blocked
`

export const GUARDRAILS_TEMPLATE = `# What this service denies, regardless of what owners share. Guardrails never allow.
# Check it:     latchkey policy check guardrails.yaml
# Test it:      latchkey policy test guardrails.yaml
# Compile it:   latchkey policy build guardrails.yaml -o guardrails.wasm
version: 1

guardrails:
  - name: Firmware only with a strong proof
    what: [everything]
    may: [update-firmware]
    require: { proof: [httpsig, mtls] } # denied unless all of this holds; without "require", always denied

expect:
  - { who: bob@example.test, what: guitar-0042, may: update-firmware, proof: dpop, answer: deny, because: guardrail }
  - { who: bob@example.test, what: guitar-0042, may: update-firmware, proof: mtls, answer: allow }
  - { who: bob@example.test, what: guitar-0042, may: play, answer: allow }
`

export const SIDECAR_TEMPLATE = `# Puts the API at "upstream" under its owners' control.
# Make its key:   latchkey key create sidecar.key.json
# Check it:       latchkey sidecar sidecar.yaml --check
# Run it:         latchkey sidecar sidecar.yaml
listen: { host: 127.0.0.1, port: 9090 }
admin: { host: 127.0.0.1, port: 9091 }
# How callers address the sidecar.
public_origin: http://127.0.0.1:9090
authz_server: { issuer: http://127.0.0.1:9400, client_id: sidecar-1, key_file: sidecar.key.json }
data_directory: ./sidecar-data

upstream:
  origin: http://127.0.0.1:8080
  # The API's own credential: from a file of mode 0600, or an environment variable.
  # headers:
  #   - { name: Authorization, scheme: Bearer, file: api.token }
  #   - { name: X-Api-Key, env: API_KEY }
  # Header fields that the API trusts; removed from requests in addition to the built-in families.
  # strip_headers: [X-Role]

# The reachable paths; everything else gets 404. "resource" is the key of the thing, "scope" the required ability.
routes:
  - { method: GET, path: "/guitars/{id}/tuning", resource: "{id}", scope: read }
  # {path+} is the rest of the path. The most specific route decides.
  - { method: GET, path: "/guitars/{id}/recordings/{path+}", resource: "{id}", scope: read, streaming: true }
  # The query decides which ability is required.
  - { method: POST, path: "/guitars/{id}/control", resource: "{id}", scope: play, query: { cmd: { one_of: [play, stop] } }, other_query: forbid }
  - { method: POST, path: "/guitars/{id}/control", resource: "{id}", scope: reset, query: { cmd: { one_of: [reset] } }, other_query: forbid }
`
