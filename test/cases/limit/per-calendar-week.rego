# Made from an owner's sharing policy. Do not edit: change the policy and build again.
package latchkey.sharing

# local time of Asia/Tokyo
local_1 := input.local["Asia/Tokyo"] if input.local["Asia/Tokyo"] else := local_time("Asia/Tokyo")

# on mon, tue, wed, thu, fri, sat, sun (Asia/Tokyo)
not_these_days_1 := [] if on_days(local_1.weekday, local_1.minute, {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, 0) else := ["not_these_days"]

# line 4: A
share["1"] := {"rule": "A", "line": 4, "ask": false, "obligations": [{"kind":"limit","rule":"A","uses":10,"per_seconds":null,"calendar":"week","timezone":"Europe/Paris"},{"kind":"limit","rule":"A","uses":2,"per_seconds":null,"calendar":"day","timezone":"Europe/Paris"},{"kind":"limit","rule":"A","uses":1,"per_seconds":3600}], "misses": []}
shares.thing["guitar-0042"]["play"] contains "1" if caller_email == "bob@example.test"

# line 9: B
share["2"] := {"rule": "B", "line": 9, "ask": false, "obligations": [{"kind":"limit","rule":"B","uses":5,"per_seconds":null,"calendar":"month","timezone":"Asia/Tokyo"},{"kind":"limit","rule":"B","uses":50,"per_seconds":null,"calendar":"year","timezone":"Asia/Tokyo"}], "misses": not_these_days_1}
shares.thing["guitar-0042"]["play"] contains "2" if caller_email == "carol@example.test"

# block and pause
stopped := []

# look-ups; "" stands for everything
matching contains key if some key in shares.thing[input.resource.key][input.scope]

# what this policy reads of a request
well_formed if {
	is_instant(input.now)
	is_string(input.resource.key)
	is_string(input.scope)
	is_string(input.party.sub)
	is_text_or_null(input.party.email)
	is_boolean(input.party.email_verified)
	is_minute(local_1.minute)
	is_weekday(local_1.weekday)
}

