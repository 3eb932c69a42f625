# Who did what: the event log as it is read.
box_home
box_standard patched 'waiver: {max: 180d, approver: domain}'
boxes <<'ROWS'
{"id": "a", "patched": false}
ROWS
aright evaluate >/dev/null
aright waiver grant BX-1/box:a --until +30d --reason 'the vendor moves in March' >/dev/null
aright waiver grant BX-1/box:a --until +30d --reason no 2>/dev/null
aright waiver end W-1 --reason 'it moved already' >/dev/null
people() { printf 'people:\n  - {person: "person:sam", uid: %s, grants: [%s]}\n' "$(id -u)" "$1" >"$ARIGHT_HOME/people.yaml"; }
people 'event.read'
aright evaluate 2>/dev/null
echo "# the latest first"
show aright event list --limit 3
echo "# of one asset, of one sort, by how they ended, by whom"
show aright event list --about box:a --format csv
show aright event list --event waiver. --outcome ok --format ndjson
show aright event list --outcome denied
show aright event list --who person:nobody
echo "# the rest of a list that was cut"
aright event list --limit 3 2>&1 | sed -n 's/.*--after .\([0-9]*\). .*/\1/p' >place
aright event list --after "$(cat place)" --format csv | cut -d, -f2-4
echo "# what is refused"
show aright event list --after 3
show aright event list --limit 0
show aright event list --since someday
people 'estate.read'
show aright event list
