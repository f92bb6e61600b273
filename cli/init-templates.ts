// The files that `latchkey init` writes. They pass `check` and `test` as they stand, with every name an example to replace.

export const RULES_TEMPLATE = `# Who may do what with your things. What no share allows is denied.
# Check it:     latchkey policy check rules.yaml
# Ask it:       latchkey policy test rules.yaml
# Understand:   latchkey policy explain rules.yaml --who bob@example.test --what guitar --may play
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
    # Taken out of what the thing answers.
    hide: [location]

  - name: Carol may ask for a diagnosis
    who: [carol@example.test]
    what: [guitar]
    may: [diagnose]
    until: 2030-12-31
    # You approve once. Write "each time" to approve every request.
    ask: once

# Wins over every share.
block:
  - who: [mallory@example.test]

# Asked before the rules are used; a wrong answer keeps the rules before in force.
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

export const GUARDRAILS_TEMPLATE = `# What this service denies, whatever the owners share. Guardrails never allow.
# Check it:     latchkey policy check guardrails.yaml
# Ask it:       latchkey policy test guardrails.yaml
# Compile it:   latchkey policy build guardrails.yaml -o guardrails.wasm
version: 1

guardrails:
  - name: Firmware only with a strong proof
    what: [everything]
    may: [update-firmware]
    require: { proof: [httpsig, mtls] } # denied unless all of this holds; without "require" always

expect:
  - { who: bob@example.test, what: guitar-0042, may: update-firmware, proof: dpop, answer: deny, because: guardrail }
  - { who: bob@example.test, what: guitar-0042, may: update-firmware, proof: mtls, answer: allow }
  - { who: bob@example.test, what: guitar-0042, may: play, answer: allow }
`
