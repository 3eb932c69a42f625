#!/bin/sh
# pages: a browser goes through every page of a made company: nothing fails, nothing breaks the policy,
# every number leads to as many rows, and all of it works by keyboard and reads well to axe.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
toy=${ARIGHT_TOY:?the program that makes the company}
modules=${ARIGHT_SOURCE:?}/tools/browser/node_modules
browser=$(command -v chromium) && [ -d "$modules" ] || {
    skip 'the pages in a browser' 'chromium or tools/browser is not there: tools/setup test'
    done_testing
    exit
}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -m 700 "$ARIGHT_HOME"
echo "web_listen: 127.0.0.1:$port" >"$ARIGHT_HOME/aright.yaml"

ok 'a daemon serves' serve
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for day in 1 2; do
    ok "day $day of a company" "$toy" --size 1000 --seed 3 --now "$now" --day "$day" "$here/day$day"
    ok 'comes in' env ARIGHT_PROGRAM="$aright" sh "$here/day$day/import.sh"
    [ "$day" = 1 ] || python3 -c '
import json
name = "<script>alert(1)</script>\u202egnp.exe \U0001f984 " + "x" * 10000
print(json.dumps({"id": "hostile", "name": name, "owner_id": "person:<img src=x onerror=alert(1)>"}))' \
        >"$here/hostile"
    [ "$day" = 1 ] || ok 'and something with a hostile name' \
        "$aright" import generic --kind app --source hostile "$here/hostile"
    ok 'is judged' "$aright" evaluate
    ok 'and frozen' "$aright" snapshot take --name "day $day"
done
ok 'a case is open' "$aright" case open 'login takes any password' --reporter 'person:p-0000001'
echo '{"id": "web", "env": "production", "owner_id": "team:web", "secret_count": 2, "auth_kind": "secret"}' >"$here/wrong.json"
fails 'a gate denies something' 3 'denies it' "$aright" gate decide --gate app.create "$here/wrong.json"
ok 'a review is open' "$aright" review open --kind weekly
seq 10000 | sed 's/.*/{"id":"many-&","name":"thing &"}/' >"$here/many"
ok 'ten thousand things are there' "$aright" import generic --kind app --source many "$here/many"

NODE_PATH=$modules node "${0%/*}/pages.mjs" "$browser" "$(csv web link | cut -d, -f1)" "$modules" \
    "${ARIGHT_SHOTS:-$here/shots}" >"$here/said" 2>"$here/why" || sed 's/^/# /' "$here/why"
while read -r held sentence; do
    verdict "$held" "$sentence"
    [ "$held" = 0 ] || grep -F -A8 "$sentence" "$here/why" | note
done <"$here/said"
ok 'the progress report is printed' timeout 5 "$aright" report progress --pdf "$here/report.pdf"
is 'as a PDF that says what is a heading and what a table, with an outline' \
    "$(grep -ao '/StructTreeRoot\|/Outlines\|/Lang (en)' "$here/report.pdf" | sort -u | tr '\n' ' ')" \
    '/Lang (en) /Outlines /StructTreeRoot '
is 'and nothing is left of the printing' "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'aright-print-*' -newer "$here/many")" ''
is 'every page was looked at' "$(tail -n 1 "$here/said")" '0 and that was all'
done_testing
