# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# line 3: x"]; allow := true #
share_1 := {"rule": "x\"]; allow := true #", "line": 3, "ask": false, "obligations": [], "misses": set()} if caller_email == "bob@example.test"
shares.thing["x\"]; allow := true #"]["`"] contains share_1
shares.thing["x\"]; allow := true #"]["{"] contains share_1
shares.thing["x\"]; allow := true #"]["*"] contains share_1
shares.thing["a`b"]["`"] contains share_1
shares.thing["a`b"]["{"] contains share_1
shares.thing["a`b"]["*"] contains share_1
shares.thing["${c}"]["`"] contains share_1
shares.thing["${c}"]["{"] contains share_1
shares.thing["${c}"]["*"] contains share_1
shares.thing["\\"]["`"] contains share_1
shares.thing["\\"]["{"] contains share_1
shares.thing["\\"]["*"] contains share_1
shares.thing["{{d}}"]["`"] contains share_1
shares.thing["{{d}}"]["{"] contains share_1
shares.thing["{{d}}"]["*"] contains share_1

# line 7: a?default decision := 1?
share_2 := {"rule": "a\u2028default decision := 1\u202e", "line": 7, "ask": false, "obligations": [], "misses": set()} if caller_email == "carol@example.test"
shares.thing["__proto__"]["__proto__"] contains share_2

# block
blocked := set()

# pause
paused := set()

# look-ups; "" stands for everything
candidates contains share if some share in shares.thing[input.resource.key][input.scope]
candidates contains share if some share in shares.thing[input.resource.key][""]
candidates contains share if some share in shares.thing[""][input.scope]
candidates contains share if some share in shares.thing[""][""]

