#!/bin/sh
# facts: whatever is killed while facts are told, each that was answered is in the estate, in order
# and once, and what is judged by them is what judging everything would say.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
log=$ARIGHT_HOME/log/events.ndjson
seconds=${ARIGHT_TEST_LONG:+30}
seconds=${seconds:-3}

awk 'BEGIN { print "id,name,env,owner_id,secret_count"
             for (i = 0; i < 200; i++) printf "a%d,App %d,production,team:t%d,0\n", i, i, i % 5 }' >"$here/apps.csv"
"$aright" import generic "$here/apps.csv" --kind app --source cmdb >"$here/out" 2>&1 || note <"$here/out"
"$aright" evaluate >"$here/out" 2>&1 || note <"$here/out"

"$aright" serve 2>"$here/journal" &
daemon=$!
started=$daemon
for _ in $(seq 600); do
    grep -q '"serving ' "$here/journal" && break
    sleep 0.05
done

# tells NAME OFFSET: counts up on 10 apps of its own until the file `stop` is there; keeps the last
# number that was answered. What was not answered is told again.
tells() {
    n=1
    while [ ! -e "$here/stop" ]; do
        for i in 0 1 2 3 4 5 6 7 8 9; do
            printf '{"kind":"app","id":"a%d","facts":{"secret_count":%d}}\n' $(($2 + i)) $n
        done >"$here/facts.$1"
        "$aright" fact tell --source cmdb "$here/facts.$1" --format csv >"$here/said.$1" 2>/dev/null &&
            grep -q '^10,0' "$here/said.$1" && echo $n >"$here/last.$1" && n=$((n + 1))
    done
}
tellers=
for one in 1 2 3; do
    tells $one $((one * 10)) &
    tellers="$tellers $!"
done
started="$started $tellers"
end=$(($(date +%s) + seconds))
n=0
while [ "$(date +%s)" -lt $end ]; do
    sleep 0.6
    n=$((n + 1))
    victim=facts
    [ $((n % 3)) = 0 ] && victim=core
    pid=$(sed -n "s/.*\"message\":\"$victim is process \([0-9]*\)\".*/\1/p" "$here/journal" | tail -n 1)
    kill -9 "$pid" 2>/dev/null
done
touch "$here/stop"
# shellcheck disable=SC2086 # a list of processes
wait $tellers
started=$daemon
kill -TERM $daemon
wait $daemon
started=

for one in 1 2 3; do
    last=$(cat "$here/last.$one")
    ok "teller $one was answered between the kills" test "${last:-0}" -gt 3
    # what was not answered may be there too
    "$aright" query "SELECT min(secret_count), max(secret_count) FROM app WHERE id LIKE 'a${one}_'" \
        --format csv >"$here/out" 2>&1
    sum=$(tail -n 1 "$here/out" | tr -d '\r')
    case $sum in
    "$last,$last" | "$((last + 1)),$((last + 1))") yes=yes ;;
    *) yes="$sum after $last" ;;
    esac
    is "all it was answered is there, and no part of a record" "$yes" yes
done
is 'events are numbered without a gap' "$(sed -n 's/.*"seq":\([0-9]*\),.*/\1/p' "$log" | xargs)" \
    "$(seq "$(wc -l <"$log")" | xargs)"
facts=$(sed -n 's/.*"event":"fact.told","outcome":"ok".*"facts":\([0-9]*\).*/\1/p' "$log" |
    awk '{ n += $1 } END { print n }')
is 'as many facts are in events as in the day of the source' \
    "$("$aright" import list --format csv | sed -n 's/^[0-9]*,told,.*Z,[^,]*,[^,]*,\([0-9]*\),.*/\1/p')" "$facts"
"$aright" score --format csv >"$here/some" 2>/dev/null
"$aright" finding list --format csv --all 2>/dev/null | cut -d, -f1,2 | sort >"$here/findings"
"$aright" evaluate >"$here/out" 2>&1 || note <"$here/out"
"$aright" score --format csv >"$here/all" 2>/dev/null
"$aright" finding list --format csv --all 2>/dev/null | cut -d, -f1,2 | sort >"$here/findings.all"
same 'judging everything leaves the counts as they are' "$here/some" "$here/all"
same 'and the findings' "$here/findings" "$here/findings.all"

# what the estate was not entered before all ended, whoever opens it next enters
echo '{"kind":"app","id":"a199","facts":{"secret_count":9}}' >"$here/one"
"$aright" serve 2>"$here/journal.last" &
daemon=$!
started=$daemon
for _ in $(seq 600); do
    grep -q '"serving ' "$here/journal.last" && break
    sleep 0.05
done
core=$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/journal.last" | tail -n 1)
kill -STOP "$core"
ok 'while the core stands still a fact is answered' "$aright" fact tell --source cmdb "$here/one"
kill -9 "$core" $daemon
wait $daemon 2>/dev/null
started=
sleep 0.3
is 'and is there when the estate is opened again' \
    "$("$aright" query "SELECT secret_count FROM app WHERE id = 'a199'" --format csv 2>/dev/null |
        tail -n 1 | tr -d '\r')" 9

# a verdict that looks at what another kind says follows it
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf 'id,owner_id\nold,team:a\nnew,team:b\n' >"$here/services.csv"
printf 'id,asset_id,asset_kind,last_event_at,schema_ok\nl,old,service,%s,true\n' "$now" >"$here/logs.csv"
"$aright" import generic "$here/services.csv" --kind service --source services >"$here/out" 2>&1 || note <"$here/out"
"$aright" import generic "$here/logs.csv" --kind log_source --source logs >"$here/out" 2>&1 || note <"$here/out"
"$aright" evaluate >"$here/out" 2>&1 || note <"$here/out"
silent() {
    "$aright" finding list --standard MD-1 --format csv 2>/dev/null | sed -n 's/^MD-1.service:\([a-z]*\),.*/\1/p' | sort | xargs
}
is 'one has no logs' "$(silent)" 'new'
echo '{"kind":"log_source","id":"l","facts":{"asset_id":"new"}}' >"$here/one"
ok 'they are told to be those of the other' "$aright" fact tell --source logs "$here/one"
is 'which has them now' "$(silent)" 'old'
done_testing
