#!/bin/sh
# gate: whatever is killed while a gate is asked, each decision that was answered is there, once, and
# whoever asks the estate sees all that were answered before.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
log=$ARIGHT_HOME/log/events.ndjson
seconds=${ARIGHT_TEST_LONG:+30}
seconds=${seconds:-3}

echo '{"id": "shop", "env": "production", "secret_count": 2}' >"$here/wrong.json"

"$aright" gate decide --gate app.create "$here/wrong.json" >"$here/alone" 2>&1
is 'without a daemon a decision is kept too' "$(grep -c '^G-1 .*deny' "$here/alone")" 3

"$aright" serve 2>"$here/journal" &
daemon=$!
started=$daemon
for _ in $(seq 600); do
    grep -q '"serving ' "$here/journal" && break
    sleep 0.05
done

# asks NAME: until the file `stop` is there; keeps the ids that were answered.
asks() {
    while [ ! -e "$here/stop" ]; do
        "$aright" gate decide --gate app.create "$here/wrong.json" --format csv 2>/dev/null |
            sed -n '2s/,.*//p' >>"$here/answered.$1"
    done
}
askers=
for one in a b c; do
    asks $one &
    askers="$askers $!"
done
started="$started $askers"
end=$(($(date +%s) + seconds))
n=0
while [ "$(date +%s)" -lt $end ]; do
    sleep 0.3
    n=$((n + 1))
    # of the processes of this home, the gate, and now and then the core
    victim=gate
    [ $((n % 4)) = 0 ] && victim=core
    pid=$(sed -n "s/.*\"message\":\"$victim is process \([0-9]*\)\".*/\1/p" "$here/journal" | tail -n 1)
    kill -9 "$pid" 2>/dev/null
done
touch "$here/stop"
# shellcheck disable=SC2086 # a list of processes
wait $askers
started=$daemon

sort -u "$here"/answered.? >"$here/answered"
answered=$(wc -l <"$here/answered")
ok 'several were answered between the kills' test "$answered" -gt 5
is 'no id was given twice' "$(sort "$here"/answered.? | uniq -d)" ''
"$aright" gate cost --format csv >"$here/cost" 2>"$here/err" || note <"$here/err"
sed -n 's/.*"event":"gate.decided","outcome":"ok".*"decision":"\(G-[0-9]*\)".*/\1/p' "$log" |
    sort >"$here/logged"
is 'each that was answered is an event' "$(comm -23 "$here/answered" "$here/logged")" ''
is '… and none is there twice' "$(uniq -d <"$here/logged")" ''
is 'the estate has as many as the log' "$(sed -n 's/^ID-5,\([0-9]*\),.*/\1/p' "$here/cost")" \
    "$(wc -l <"$here/logged")"
is 'events are numbered without a gap' "$(sed -n 's/.*"seq":\([0-9]*\),.*/\1/p' "$log" | xargs)" \
    "$(seq "$(wc -l <"$log")" | xargs)"
ok 'the last denial can be called right' "$aright" gate answer "$(tail -n 1 "$here/answered")" yes

kill -TERM $daemon
wait $daemon
started=
"$aright" gate decide --gate app.create "$here/wrong.json" --format csv >"$here/alone" 2>/dev/null
ok 'numbers go on without a daemon' test "$(sed -n '2s/,.*//p' "$here/alone" | tr -d G-)" -gt \
    "$(tr -d G- <"$here/logged" | sort -n | tail -n 1)"

mkfifo "$here/keys"
script -qefc "$aright gate decide --gate app.create $here/wrong.json" "$here/terminal" \
    <"$here/keys" >/dev/null 2>&1 &
asked=$!
started=$asked
exec 7>"$here/keys"
for _ in $(seq 600); do
    grep -q 'any other key' "$here/terminal" && break
    sleep 0.05
done
printf n >&7
wait $asked
is 'at a terminal a denial is a denial' $? 3
started=
exec 7>&-
ok '… of which one key says whether it was right' grep -q 'kept that it was wrong' "$here/terminal"
is '… and that is counted' "$("$aright" gate cost --format csv | sed -n 's/^ID-5,//p' | cut -d, -f6)" 1
done_testing
