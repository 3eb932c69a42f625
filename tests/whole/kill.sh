#!/bin/sh
# kill: whatever is killed when, the next command finds the last committed state whole, and every
# change that was acknowledged is in the event log once. 6 times; 50 with ARIGHT_TEST_LONG.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
rounds=${ARIGHT_TEST_LONG:+50}
rounds=${rounds:-6}
rows=100000
log=$ARIGHT_HOME/log/events.ndjson

# payload NAME ROWS: one application in ten differs from one payload to the next.
payload() {
    awk -v rows="$2" -v name="$1" 'BEGIN {
        for (i = 0; i < rows; i++)
            printf "{\"id\":\"a%d\",\"name\":\"%s\",\"env\":\"production\",\"owner_id\":\"team:web\"}\n",
                i, i % 10 ? "steady" : name
    }'
}
payload old $rows >"$here/old.ndjson"
payload new $rows >"$here/new.ndjson"

# killed COMMAND…: starts it and kills it with its children at a random moment of the first $span
# milliseconds; says 'acknowledged' when it had ended well before.
killed() {
    setsid "$@" >/dev/null 2>&1 &
    victim=$!
    sleep "$(awk -v n="$(od -An -N4 -tu4 /dev/urandom)" -v span="$span" \
        'BEGIN { printf "%.3f", n % span / 1000 }')"
    kill -9 -- "-$victim" 2>/dev/null
    wait "$victim" 2>/dev/null && echo acknowledged
}
took() { # COMMAND…: in milliseconds
    from=$(date +%s%N)
    "$@" >/dev/null 2>"$here/err" || note <"$here/err"
    echo $((($(date +%s%N) - from) / 1000000))
}
shape() { # names of the applications and how many have them
    csv query 'SELECT name, count(*) AS n FROM app GROUP BY name ORDER BY name' | xargs
}
old='old,10000 steady,90000' new='new,10000 steady,90000'

# once: events are numbered without a gap and none is there twice.
once() {
    [ "$(sed -n 's/.*"seq":\([0-9]*\),.*/\1/p' "$log" | xargs)" = "$(seq "$(wc -l <"$log")" | xargs)" ]
}
# well: status knows of nothing wrong with the estate and the log.
well() {
    csv status >"$here/status" && grep -q '^log,complete,yes,ok$' "$here/status" &&
        ! grep -E '^(estate|log),' "$here/status" | grep -qv ',ok$'
}
events() { grep -c "\"event\":\"$1\",\"outcome\":\"ok\"" "$log"; }
runs() { csv import list | grep -c ',ok,'; }

ok 'a hundred thousand applications come in' "$aright" import generic --kind app "$here/old.ndjson"
is 'and are there' "$(shape)" "$old"
span=$(took "$aright" import generic --kind app "$here/new.ndjson")
is 'a second payload changes one in ten' "$(shape)" "$new"
is 'two imports are listed, and two are in the log' "$(runs) $(events estate.imported)" '2 2'

torn='' lost='' state=new
for round in $(seq "$rounds"); do
    case $state in old) next=new ;; *) next=old ;; esac
    was=$state
    before=$(runs)
    answer=$(killed "$aright" import generic --kind app "$here/$next.ndjson")
    after=$(runs)
    case $(shape) in
    "$old") state=old ;;
    "$new") state=new ;;
    *) torn="$torn $round:$(shape)" ;;
    esac
    if [ "$after" = $((before + 1)) ]; then listed=$next; else listed=$was; fi
    [ "$listed" = "$state" ] || torn="$torn $round:listed-as-$listed"
    [ -z "$answer" ] || [ "$state" = "$next" ] || lost="$lost $round"
    [ "$(events estate.imported)" = "$after" ] || lost="$lost $round:event"
    once && well || torn="$torn $round:log"
done
is "after $rounds kills within $span ms of an import all is old or all is new" "$torn" ''
is 'what was acknowledged is there, and each import that is there has its event, once' "$lost" ''

span=$(took "$aright" evaluate)
verdicts() { csv score --class all | cksum; }
findings() { csv finding list --standard TN-4 | wc -l; }
whole=$(verdicts)
is 'every application has its finding under TN-4' "$(findings)" $rows
torn='' lost=''
for round in $(seq "$rounds"); do
    before=$(events standard.evaluated)
    answer=$(killed "$aright" evaluate)
    [ "$(verdicts)" = "$whole" ] || torn="$torn $round"
    once && well || torn="$torn $round:log"
    [ -z "$answer" ] || [ "$(events standard.evaluated)" = $((before + 1)) ] || lost="$lost $round"
done
is "after $rounds kills within $span ms of an evaluation every verdict is there, once" "$torn" ''
is 'and each evaluation that was acknowledged is in the log, once' "$lost" ''
ok 'the next evaluation works' "$aright" evaluate
is 'and finds what the first one found' "$(verdicts) $(findings)" "$whole $rows"

# ---- under a supervisor ----
ok 'a daemon serves' serve
core=$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/serve.log")
payload late $((10 * rows)) >"$here/late.ndjson"
"$aright" import generic --kind app "$here/late.ndjson" >"$here/client.out" 2>"$here/client.err" &
client=$!
# A core that has just started its connector has seconds to go: it cannot have answered yet.
for _ in $(seq 2000); do
    grep -qs "^PPid:[[:space:]]*$core\$" /proc/[0-9]*/status && break
done
kill -9 "$core"
wait "$client"
status=$?
is 'a client whose core is killed is told that it got no answer' "$status" 6
holds 'and what that means' "$(cat "$here/client.err")" 'in whole or not at all'
for _ in $(seq 200); do
    "$aright" status --format csv >"$here/status" 2>/dev/null && grep -q ',"\{0,1\}core' "$here/status" && break
    sleep 0.1
done
again=$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/serve.log" | tail -n 1)
is 'the supervisor starts another core' "$([ "$again" != "$core" ] && echo yes)" yes
holds 'which answers the next command' "$(cat "$here/status")" "process $again"
case $(shape) in
"$old" | "$new") ok 'and finds all old or all new' true ;;
*) is 'and finds all old or all new' "$(shape)" "$old" ;;
esac
ok 'and the log whole' once
ok 'and itself well' well
ok 'it ends when it is told to' unserve
is 'and leaves no process behind' "$(kill -0 "$again" 2>/dev/null && echo alive)" ''
done_testing
