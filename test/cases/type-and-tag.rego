# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: Guitars
share_1 := {"rule": "Guitars", "line": 3, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.type["smart-guitar"]["play"] contains share_1

# line 7: Studio
share_2 := {"rule": "Studio", "line": 7, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.tag["studio"]["read"] contains share_2
shares.tag["live"]["read"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.type[input.resource.type][input.scope]
candidates contains share if some share in shares.type[input.resource.type][""]
candidates contains share if {
	some tag in input.resource.tags
	some share in shares.tag[tag][input.scope]
}
candidates contains share if {
	some tag in input.resource.tags
	some share in shares.tag[tag][""]
}

