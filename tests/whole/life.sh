#!/bin/sh
# life: findings open, close and open again as facts change; waivers hold for a while; a home is
# copied, damaged and put back; people may do what they are granted and nothing else.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
me=person:$(id -un)
finding=TN-4/app:a

# facts CONTACT [OWNER]: three applications, of which 'a' has that contact (TN-4) and owner.
facts() {
    sed "s/NOW/$now/; s|OWNER|${2:-team:web}|; s/CONTACT/$1/" >"$here/facts" <<'T'
{"id":"a","name":"Payroll","env":"production","owner_id":"OWNER","emergency_contact":CONTACT,"ir_record_at":"NOW"}
{"id":"b","name":"Wiki","env":"production","owner_id":"team:web","emergency_contact":"web","ir_record_at":"NOW"}
{"id":"c","name":"Mail","env":"production","owner_id":"team:web","emergency_contact":"web","ir_record_at":"NOW"}
T
    "$aright" import generic --kind app - <"$here/facts"
}
judge() { "$aright" evaluate >/dev/null; }

# state [OPTION…]: of the finding's last episode: state, number, why it closed; 'none' without one.
state() {
    { csv finding list --standard TN-4 "$@"; csv finding list --standard TN-4 --state closed "$@"; } |
        python3 -c '
import csv, sys
rows = [r for r in csv.reader(sys.stdin) if r[0] == sys.argv[1]]
last = max(rows, key=lambda r: int(r[15]), default=["none"] * 18)
print(*dict.fromkeys(x for x in (last[1], last[15], last[17]) if x))' "$finding"
}
explained() { "$aright" finding explain "$finding" | sed -n 's/^state  *//p'; }
waivers() { csv waiver list --all | cut -d, -f1,3 | xargs; }

# ---- a finding ----
ok 'three applications come in' facts '"web"'
ok 'and are judged' judge
is 'what meets its standard has no finding' "$(state)" none
is 'and is explained as passing' "$(explained)" pass
ok 'a contact leaves' facts null
is 'nothing is judged until someone asks' "$(state)" none
is 'but an explanation looks at the facts as they are' "$(explained)" fail
judge
is 'then a finding opens' "$(state)" 'fail 1'
ok 'the contact comes back' facts '"web"'
judge
is 'and the finding is closed as fixed' "$(state)" 'closed 1 fixed'
facts null >/dev/null
judge
is 'the same finding opens again as its second episode' "$(state)" 'fail 2'

# ---- waivers ----
reason='the vendor moves it next month'
fails 'a waiver wants a reason' 2 'reason' "$aright" waiver grant "$finding" --until +30d --reason x
fails 'a waiver may not be longer than the standard says' 5 '90' \
    "$aright" waiver grant "$finding" --until +91d --reason "$reason"
fails 'nothing is waived that meets its standard' 4 'TN-4/app:b' \
    "$aright" waiver grant TN-4/app:b --until +30d --reason "$reason"
is 'a refused waiver leaves none' "$(waivers)" ''
ok 'a waiver is granted' "$aright" waiver grant "$finding" --until +30d --reason "$reason"
is 'the finding is waived' "$(state)" 'waived 2'
is 'the score counts it, and not as passing' \
    "$(csv score | grep '^TN-4,' | grep -o ',3,2,0,0,1,')" ',3,2,0,0,1,'
fails 'two do not hold at once' 7 'W-1' \
    "$aright" waiver grant "$finding" --until +20d --reason "$reason"
is 'after its last day it does not hold, without anyone doing anything' \
    "$(state --asof +31d)" 'fail 2'
is 'and before it does' "$(state --asof +29d)" 'waived 2'
ok 'it is ended early' "$aright" waiver end W-1 --reason 'the vendor moved it'
is 'the finding is as bad as before' "$(state)" 'fail 2'
is 'and the list of all tells how it ended' "$(waivers)" 'W-1,ended'
fails 'what has ended does not end again' 7 'W-1' \
    "$aright" waiver end W-1 --reason 'the vendor moved it'
ok 'the asset gets an owner who asks' facts null "$me"
judge
fails 'nobody waives what is their own' 3 'own' \
    "$aright" waiver grant "$finding" --until +30d --reason "$reason"

# ---- what its source no longer shows ----
facts null >/dev/null
judge
grep -v '"id":"a"' "$here/facts" >"$here/without"
ok 'a snapshot comes without it' "$aright" import generic --kind app "$here/without"
judge
is 'what its source does not show any more is unknown, never fixed' "$(state)" 'unknown 2'
facts null >/dev/null
judge
is 'and known again when it is shown again' "$(state)" 'fail 2'

# ---- a copy, and the way back ----
dump "$here/then"
ok 'the home is copied' "$aright" backup --to "$here/copies"
copy=$(find "$here/copies" -mindepth 1 -maxdepth 1)
cp "$ARIGHT_HOME/estate.duckdb" "$here/older"
facts '"web"' >/dev/null
judge
is 'afterwards the finding is fixed' "$(state)" 'closed 2 fixed'
events=$(wc -l <"$ARIGHT_HOME/log/events.ndjson")
cp "$here/older" "$ARIGHT_HOME/estate.duckdb"
rm -f "$ARIGHT_HOME/estate.duckdb.wal"
fails 'an estate older than its log is refused, and the way out is named' 7 'restore' \
    "$aright" finding list
dd if=/dev/zero of="$ARIGHT_HOME/estate.duckdb" bs=4096 seek=1 count=3 conv=notrunc 2>/dev/null
fails 'so is a damaged one' 2 'restore' "$aright" finding list
cp -r "$copy" "$here/forged"
printf x >>"$here/forged/estate.duckdb"
fails 'a copy that was touched is not put back' 2 'estate.duckdb' "$aright" restore "$here/forged"
ok 'the true copy is' "$aright" restore "$copy"
dump "$here/now"
same 'everything is as it was when it was copied' "$here/now" "$here/then"
is 'the log lost nothing of what was done since' \
    "$(head -n "$events" "$ARIGHT_HOME/log/events.ndjson" | wc -l)" "$events"
holds 'and tells of the restore' "$(tail -n +"$((events + 1))" "$ARIGHT_HOME/log/events.ndjson")" \
    '"event":"home.restored"'
ok 'life goes on' facts '"web"'
is 'status finds nothing wrong with the log' \
    "$(csv status | grep '^log,complete,')" 'log,complete,yes,ok'

# ---- people ----
cat >"$ARIGHT_HOME/people.yaml" <<T
people:
  - {person: "person:sam", uid: $(id -u), grants: [estate.read, finding.read]}
T
ok 'who may read assets reads them' "$aright" asset list --kind app
fails 'who may not evaluate does not' 3 'standard.evaluate' "$aright" evaluate
fails 'who may not query does not' 3 'estate.query' "$aright" query 'SELECT 1 AS one'
fails 'who may not restore does not' 3 'home.restore' "$aright" restore "$copy"
holds 'a refusal is in the log, under the name of who asked' \
    "$(grep '"outcome":"denied"' "$ARIGHT_HOME/log/events.ndjson")" '"who":"person:sam"'
echo 'people: [{person: "person:sam", uid: 4294967294, grants: [all]}]' >"$ARIGHT_HOME/people.yaml"
fails 'who is nobody here may do nothing' 3 'people.yaml' "$aright" asset list --kind app
echo 'people: [{person: "person:sam", uid: 1, grant: [all]}]' >"$ARIGHT_HOME/people.yaml"
fails 'a people file with a slip is refused, not read half' 2 "unknown key 'grant'" \
    "$aright" asset list --kind app
done_testing
