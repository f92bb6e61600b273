# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Trusted
share["1"] := {"rule": "Trusted", "line": 3, "ask": false, "obligations": [], "misses": []}
shares.thing[""][""] contains "1" if caller_email == "bob@example.test"

# line 7: Reader
share["2"] := {"rule": "Reader", "line": 7, "ask": false, "obligations": [], "misses": []}
shares.thing[""]["read"] contains "2" if caller_email == "carol@example.test"

# line 11: This one
share["3"] := {"rule": "This one", "line": 11, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"][""] contains "3" if caller_email == "dave@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][""]
matching contains key if some key in shares.thing[""][input.scope]
matching contains key if some key in shares.thing[""][""]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

