# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: x"]; allow := true #
share["1"] := {"rule": "x\"]; allow := true #", "line": 3, "ask": false, "obligations": [], "misses": []}
shares.thing["x\"]; allow := true #"]["`"] contains "1" if caller_email == "bob@example.test"
shares.thing["x\"]; allow := true #"]["{"] contains "1" if caller_email == "bob@example.test"
shares.thing["x\"]; allow := true #"]["*"] contains "1" if caller_email == "bob@example.test"
shares.thing["a`b"]["`"] contains "1" if caller_email == "bob@example.test"
shares.thing["a`b"]["{"] contains "1" if caller_email == "bob@example.test"
shares.thing["a`b"]["*"] contains "1" if caller_email == "bob@example.test"
shares.thing["${c}"]["`"] contains "1" if caller_email == "bob@example.test"
shares.thing["${c}"]["{"] contains "1" if caller_email == "bob@example.test"
shares.thing["${c}"]["*"] contains "1" if caller_email == "bob@example.test"
shares.thing["\\"]["`"] contains "1" if caller_email == "bob@example.test"
shares.thing["\\"]["{"] contains "1" if caller_email == "bob@example.test"
shares.thing["\\"]["*"] contains "1" if caller_email == "bob@example.test"
shares.thing["{{d}}"]["`"] contains "1" if caller_email == "bob@example.test"
shares.thing["{{d}}"]["{"] contains "1" if caller_email == "bob@example.test"
shares.thing["{{d}}"]["*"] contains "1" if caller_email == "bob@example.test"

# line 7: a?default decision := 1?
share["2"] := {"rule": "a\u2028default decision := 1\u202e", "line": 7, "ask": false, "obligations": [], "misses": []}
shares.thing["__proto__"]["__proto__"] contains "2" if caller_email == "carol@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

