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
show aright gate override G-3 --reason 'the vendor moves in March'
show aright gate cost --format csv | tr -d '\r' | sed -E 's/,[0-9]+,[0-9]+$/,US,US/; s/,[0-9.e-]+,US/,HOURS,US/'
tail -n 5 "$ARIGHT_HOME/log/events.ndjson" | grep -o '"event":"gate[^}]*}' | cut -c 1-200
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
echo "# a core judges by the files as they are at that moment"
shipped=$(dirname "$(readlink -f "$(command -v aright)")")/../standards
mkdir -p "$ARIGHT_HOME/standards"
start
allowed() { aright gate decide --gate app.create wrong.json --format json 2>/dev/null | grep -o '"standard":"ID-5".*"effect":"[a-z]*"'; }
allowed
sed 's/mode: deny/mode: audit/' "$shipped/ID-5.yaml" >"$ARIGHT_HOME/standards/ID-5.yaml"
allowed
sed 's/secret_count = 0/secret_count >= 0/' "$shipped/ID-5.yaml" >"$ARIGHT_HOME/standards/ID-5.yaml"
allowed
rm "$ARIGHT_HOME/standards/ID-5.yaml"
allowed
stop
