# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# people: all
people_1 := {"bob@example.test", "carol@example.test"}

# people: band
people_2 := {"bob@example.test", "carol@example.test"}

# people: crew
people_3 := set()

# people: bob
people_4 := {"bob@example.test"}

# line 8: A
who_1 if caller_email in people_1
who_1 if endswith(caller_email, "@crew.example")
who_1 if through_client("app-7")
share["1"] := {"rule": "A", "line": 8, "ask": false, "obligations": [], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if who_1

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_string(input.party.client_id)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
}

