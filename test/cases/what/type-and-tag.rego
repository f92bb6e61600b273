# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Guitars
share["1"] := {"rule": "Guitars", "line": 3, "ask": false, "obligations": [], "misses": []}
shares.type["smart-guitar"]["play"] contains "1" if caller_email == "bob@example.test"

# line 7: Studio
share["2"] := {"rule": "Studio", "line": 7, "ask": false, "obligations": [], "misses": []}
shares.tag["studio"]["read"] contains "2" if caller_email == "bob@example.test"
shares.tag["live"]["read"] contains "2" if caller_email == "bob@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.type[input.resource.type][input.scope]
matching contains key if {
	some tag in input.resource.tags
	some key in shares.tag[tag][input.scope]
}

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.resource.type)
	is_text_list(input.resource.tags)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

