# What a gate says of a proposal, what is kept of it, and what it costs people.
decide() { show aright gate decide --gate app.create - "$@"; }
echo "# what there is"
aright gate list | grep -E '^(gate|app)'
echo "# a proposal that is right, and one that is not"
right='"id": "payroll", "env": "production", "owner_id": "team:pay", "owner_count": 2, "baseline_ok": true,
  "multi_tenant": false, "created_at": "-1d", "auth_kind": "managed", "secret_count": 0,
  "emergency_contact": "pay@example.org", "ir_record_at": "-1d"'
echo "{$right}" >right.json
echo "{$right, \"secret_count\": 2}" | tr -d '\n' | sed 's/"secret_count": 0, *//; s/"secret_count": 0,//' >wrong.json
echo '{"id": "unsaid", "env": "production"}' >unsaid.json
decide <right.json
decide <wrong.json
show aright gate decide --gate app.create unsaid.json --format csv
echo "# denials are answered, let through, and counted"
show aright gate answer G-2 yes
show aright gate answer G-3 no
printf 'people:\n  - {person: "person:sam", uid: %s, grants: [all]}\n' "$(id -u)" >"$ARIGHT_HOME/people.yaml"
show aright gate answer G-2 no
show aright gate answer G-2 yes
rm "$ARIGHT_HOME/people.yaml"
show aright gate override G-3 --reason 'the vendor moves in March'
show aright gate cost --format csv | tr -d '\r' | sed -E 's/,[0-9]+,[0-9]+$/,US,US/; s/,[0-9.e-]+,US/,HOURS,US/'
show aright gate decisions
show aright gate decisions --unanswered
show aright gate decisions --standard ID-5 --effect deny --answer yes --format csv | sed -E 's/,[0-9]+\r?$/,US/'
show aright gate decisions --asset app:payroll --limit 1
show aright gate decisions --effect refuse
tail -n 7 "$ARIGHT_HOME/log/events.ndjson" | grep -o '"event":"gate[^}]*}' | cut -c 1-200
echo "# what is refused"
show aright gate decide --gate app.crate right.json
show aright gate decide --gate app.create /nowhere.json
echo '{"id": "x", "secrets": 1}' | decide
echo '{"id": "x", "secret_count": "one"}' | decide
echo '[]' | decide
echo '{"id": ' | decide
show aright gate answer G-1 yes
show aright gate answer G-99 yes
show aright gate answer 2 yes
show aright gate override G-2 --reason no
echo "# a gate judges by the files as they are, at which it looks every 10 ms"
shipped=$(dirname "$(readlink -f "$(command -v aright)")")/../standards
mkdir -p "$ARIGHT_HOME/standards"
start
allowed() { sleep 0.02; aright gate decide --gate app.create wrong.json --format json 2>/dev/null | grep -o '"standard":"ID-5".*"effect":"[a-z]*"'; }
allowed
sed 's/mode: deny/mode: audit/' "$shipped/ID-5.yaml" >"$ARIGHT_HOME/standards/ID-5.yaml"
allowed
sed 's/secret_count = 0/secret_count >= 0/' "$shipped/ID-5.yaml" >"$ARIGHT_HOME/standards/ID-5.yaml"
allowed
rm "$ARIGHT_HOME/standards/ID-5.yaml"
allowed
stop
echo "# what the estate has is judged by its id, as of the last evaluation"
by_id() { sleep 0.02; show aright gate decide --gate app.update --asset "$@"; }
by_id app:payroll
sed "s/\"-1d\"/\"$(date -u +%FT%TZ)\"/g" right.json | tr -d '\n' >apps.ndjson
printf '\n%s\n' '{"id": "shop", "env": "production", "secret_count": 1, "auth_kind": "managed"}' \
    '{"id": "sold", "env": "production", "deleted_at": "2026-01-01T00:00:00Z"}' >>apps.ndjson
aright import generic apps.ndjson --kind app --source register >/dev/null 2>&1
aright evaluate >/dev/null 2>&1
by_id app:payroll
by_id app:shop --format csv
aright waiver grant ID-5/app:shop --until +30d --reason 'the vendor moves in March' >/dev/null
by_id app:shop
by_id app:sold | grep TN-4
by_id app:nowhere | grep TN-4
show aright gate decide --gate asset.promote --asset app:payroll --format json
by_id service:payroll
by_id payroll
by_id app:payroll right.json
show aright gate decide --gate app.update
echo "# a standard that has changed since says nothing until it has judged"
sed 's/secret_count = 0/secret_count >= 0/' "$shipped/ID-5.yaml" >"$ARIGHT_HOME/standards/ID-5.yaml"
by_id app:payroll
rm "$ARIGHT_HOME/standards/ID-5.yaml"
echo "# an index that is damaged denies, and is written anew"
for file in "$ARIGHT_HOME"/lookup/*.verdict; do printf x | dd of="$file" bs=1 seek=5000 conv=notrunc 2>/dev/null; done
by_id app:payroll | sed -E 's/[0-9a-f]{16}/SEGMENT/g'
by_id app:payroll
echo "# whose a known thing is the estate says, and not who proposes it"
echo '{"id": "desk", "env": "production", "owner_id": "person:sam"}' >desk.ndjson
aright import generic desk.ndjson --kind app --source desks >/dev/null 2>&1
aright evaluate >/dev/null 2>&1
printf 'people:\n  - {person: "person:sam", uid: %s, grants: [all]}\n' "$(id -u)" >"$ARIGHT_HOME/people.yaml"
echo '{"id": "desk", "env": "production"}' >desk.json
decided=$(aright gate decide --gate app.update desk.json --format csv 2>/dev/null | sed -n '2s/,.*//p')
show aright gate override "$decided" --reason 'the vendor moves in March'
