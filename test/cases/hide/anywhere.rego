# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: A
share["1"] := {"rule": "A", "line": 3, "ask": false, "obligations": [{"kind":"hide","paths":["$..['first name']","$..['geo:lat']","$..location","$..owner","$.a.b"],"other_answers":"refuse"}], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "ann@example.test"

# line 4: B
share["2"] := {"rule": "B", "line": 4, "ask": false, "obligations": [{"kind":"hide","paths":["$..location"],"other_answers":"refuse","must":"found"},{"kind":"only_fields","paths":["$..temperature"],"other_answers":"refuse","must":"found"}], "misses": []}
shares.thing["guitar-0042"]["play"] contains "2" if caller_email == "bob@example.test"

# line 5: C
share["3"] := {"rule": "C", "line": 5, "ask": false, "obligations": [{"kind":"round","path":"$..mileage","of":"number","step":10,"must":"found"},{"kind":"round","path":"$.at","of":"time","step":900,"must":"found"}], "misses": []}
shares.thing["guitar-0042"]["play"] contains "3" if caller_email == "carol@example.test"

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

