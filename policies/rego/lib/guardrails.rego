# Without requirements a guardrail denies all that it fits; with them, whatever misses one.
denying contains guardrail if {
	some guardrail in fitting
	guardrail.always
}

denying contains guardrail if {
	some guardrail in fitting
	count(guardrail.misses) > 0
}

# The guardrail, then what it misses.
reasons_of(guardrail) := array.concat(
	[{"code": "guardrail", "line": guardrail.line, "rule": guardrail.rule}],
	[{"code": code, "line": guardrail.line, "rule": guardrail.rule} | some code in sort(guardrail.misses)],
)

reasons := [reason |
	some row in sort([[guardrail.line, guardrail.rule, guardrail] | some guardrail in denying])
	some reason in reasons_of(row[2])
]

decision := answer if well_formed

# A guardrail only ever denies; this allow means no more than that the next question may be asked.
answer := {"effect": "deny", "reasons": reasons, "obligations": []} if {
	count(denying) > 0
} else := {"effect": "allow", "reasons": [{"code": "no_guardrail"}], "obligations": []}
