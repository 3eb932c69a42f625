#!/bin/sh
# demo: a made-up company lives its weeks by operations like any other: it fills every pillar, its
# numbers agree with each other, nothing of it is dated in the future, and it says what it is.
# ARIGHT_TEST_LONG=1: sixteen weeks instead of three.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
demo=${ARIGHT_DEMO:?the program that lives the weeks}
source=${ARIGHT_SOURCE:?the source tree}
weeks=3 # on a Monday nothing of the last one has happened yet
[ -z "${ARIGHT_TEST_LONG:-}" ] || weeks=16

# ---- it goes into a home of its own ----
"$aright" status >/dev/null
fails 'a real home is left alone' 7 'a demo wants a home of its own' \
    "$demo" --weeks $weeks "$aright" "$source" "$source/tools/demo" "$ARIGHT_HOME"
is 'and stays a real one' "$(csv status | grep -c 'home,company')" 0
mkdir "$here/papers"
echo 'web_listen: 127.0.0.1:1' >"$here/papers/aright.yaml"
fails 'a folder that holds other things is left alone too' 7 'holds other things' \
    "$demo" --weeks $weeks "$aright" "$source" "$source/tools/demo" "$here/papers"
is 'and they stay as they are' "$(cat "$here/papers/aright.yaml")" 'web_listen: 127.0.0.1:1'
ARIGHT_HOME=$here/demo
ok "a company lives $weeks weeks" \
    "$demo" --weeks $weeks "$aright" "$source" "$source/tools/demo" "$ARIGHT_HOME"
holds 'its home says that it is made up' "$(csv status)" 'home,company,"made up: a demo'
"$aright" report progress >"$here/report"
holds 'and so does its report' "$(head -n 1 "$here/report")" 'made-up company (demo)'
is 'nobody but its owner may do anything there' "$(ls "$ARIGHT_HOME/people.yaml" 2>/dev/null)" ''

# ---- every pillar ----
is 'every pillar has something in scope, and not all of it is right' \
    "$(csv score --by pillar | awk -F, '$2 > 0 && $3 > 0 && $3 < $2' | cut -d, -f1 | sort | xargs)" \
    'engineering identities monitoring networks response tenants'
is 'no section of the report is empty' \
    "$(grep -cE 'Nothing is in scope|No decision|No review' "$here/report")" 0
is 'a snapshot was taken each week, and now' \
    "$(csv snapshot list | wc -l | awk -v weeks=$weeks '{ print ($1 >= weeks) }')" 1
is 'reviews were held' "$(csv review list | awk -F, '$4 != ""' | head -n 1 | wc -l)" 1
is 'cases were won and lost' "$(csv case reasons | wc -l | awk '{ print ($1 > 0) }')" 1
is 'gates denied, and were answered' \
    "$(csv gate cost | awk -F, '$3 > 0 && $6 + $7 > 0' | head -n 1 | wc -l)" 1

# ---- the numbers agree ----
first=$(csv snapshot list | tail -n 1 | cut -d, -f1)
"$aright" snapshot bridge --from "$first" --class all --format json >"$here/bridge"
is 'the bridge from the first snapshot to the last sums' "$(python3 -c '
import json, sys
rows = json.load(sys.stdin)
for column in ("scope", "pass", "fail", "unknown", "waived"):
    if sum(r[column] for r in rows[:-1]) != rows[-1][column]:
        print(column)' <"$here/bridge")" ''
is 'no snapshot was altered' "$(csv snapshot check | grep -c ',false,')" 0
is 'as many tenants and apps are counted as removed by a receipt as are deleted by one' \
    "$(csv query "SELECT count(*) FROM tenant WHERE deleted_at IS NOT NULL AND source = 'life'")" \
    "$(csv life list --kind tenant --limit 1000 | grep -cE ',(soft-deleted|purged),')"

# ---- its time ----
now=$(date -u +%FT%TZ)
is 'nothing is dated in the future' \
    "$(sed 's/.*"at":"\([^"]*\)".*/\1/' "$ARIGHT_HOME/log/events.ndjson" | awk -v now="$now" '$1 > now' | wc -l)" 0
is 'and nothing before what was before it' \
    "$(sed 's/.*"at":"\([^"]*\)".*/\1/' "$ARIGHT_HOME/log/events.ndjson" | sort -c 2>&1 | wc -l)" 0
done_testing
