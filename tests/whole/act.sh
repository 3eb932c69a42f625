#!/bin/sh
# act: the shipped actions ask Microsoft Graph, a strict one that fails in every way: what is done is
# done once, what fails is undone or named, and nothing is asked before somebody gives a secret.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

command -v python3 >/dev/null || { skip 'a system is acted on' 'there is no python3'; done_testing; exit; }
mkdir "$here/server"
python3 "${0%/*}/act_server.py" "$here/server" 2>"$here/server/stderr" &
started="$started $!"
for _ in $(seq 100); do [ -s "$here/server/port" ] && break; sleep 0.1; done
base=http://127.0.0.1:$(cat "$here/server/port")
mkdir -p "$ARIGHT_HOME/lifecycles" "$ARIGHT_HOME/systems"
chmod 700 "$ARIGHT_HOME"
sed -E 's/^(notice|quarantine|soft_delete): .(times: 2, )?(answer|for): [0-9]+d/\1: {\3: 1s/; s/^notice: ./notice: {times: 1, /; s/sources: 2/sources: 1/; s/least: 5/least: 500/' \
    "${ARIGHT_SOURCE:?}/lifecycles/app.yaml" >"$ARIGHT_HOME/lifecycles/app.yaml"
names="dots block b500 b429 bcut bhalf bhang breset o'neil del dcut gone"
for n in ${names#dots }; do
    echo "{\"id\":\"$n\",\"name\":\"$n\",\"object_id\":\"o-${n#o\'}\",\"env\":\"production\",\"owner_id\":\"team:web\",\"inventoried\":true,\"last_sign_in_at\":\"2025-01-01T00:00:00Z\"}"
done >"$here/apps.ndjson"
printf '%s\n' '{"id":"dots","name":"x","object_id":"..","env":"production","owner_id":"team:web","inventoried":true,"last_sign_in_at":"2025-01-01T00:00:00Z"}' >>"$here/apps.ndjson"
"$aright" import generic --kind app --source entra "$here/apps.ndjson" >/dev/null
python3 - "$base" $names <<'T'
import json, sys, urllib.request
apps = {"o-" + n.removeprefix("o'"): n for n in sys.argv[2:]}
held = {"apps": apps, "principals": {n: True for n in sys.argv[2:]}}
urllib.request.urlopen(sys.argv[1] + "/hand", json.dumps(held).encode())
T
# of 'PYTHON': something that Graph holds, which is `h`.
of() { python3 -c "import json; h = json.load(open('$here/server/held')); print($1)"; }
asked() { grep -c "$1" "$here/server/log"; }
quiet() { : >"$here/server/log"; }
fault() { printf '%s\n' "$@" >"$here/server/faults"; } # none: none
life() { "$aright" life "$@" --format csv; }
life step warn --kind app --confirm >/dev/null 2>&1
sleep 1.1

# ---- off until somebody gives a secret ----
is 'actions are shipped, and off' "$("$aright" action list --format csv | grep -c ',graph,false,true')" 4
ok 'without a secret a step is by hand' life step quarantine app:block
holds '… and says so' "$(cat "$here/out")" 'by hand'
cat >"$ARIGHT_HOME/systems/graph.yaml" <<T
system: graph
with: {tenant: contoso, graph: '$base/graph', login: '$base/login'}
auth: {client_id: bot, secret_file: $here/graph.secret}
attempts: 2
request_seconds: 1
T
printf 'gr-s3cret\n' >"$here/graph.secret" && chmod 600 "$here/graph.secret"
is 'with one they are on' "$("$aright" action list --format csv | grep -c ',graph,true,true')" 4

# ---- dry, done, once, and back ----
ok 'a step is dry first' life step quarantine app:block
holds '… and shows what it would ask' "$(cat "$here/out")" "graph: PATCH servicePrincipals(appId='block') {\"\"accountEnabled\"\":false}"
is '… and asks nothing' "$(cat "$here/server/log" 2>/dev/null)" ''
ok 'it is done' life step quarantine app:block --confirm
is '… there' "$(of 'h["principals"]["block"]')" False
is '… once, and seen to be so' "$(asked 'PATCH.*204') $(asked 'GET.*200')" '1 2'
receipt=$(sed -n 's/.*,\(RC-[0-9]*\),.*/\1/p' "$here/out")
ok 'it is taken back' life undo "$receipt" --confirm
is '… there too' "$(of 'h["principals"]["block"]')" True
quiet
ok 'a name with a quote in it is one name' life step quarantine "app:o'neil" --confirm
is '… there' "$(of "h['principals'][\"o'neil\"]")" False
is 'what somebody did by hand' "$(curl -s -d '{"principals": {"block": false}}' "$base/hand")" '{}'
quiet
life step quarantine app:block --confirm >/dev/null 2>&1
is '… is not done again' "$(asked PATCH)" 0

# ---- faults ----
fault 'PATCH 500' 'PATCH 500'
fails 'where Graph fails and its undo fails too, it is named' 6 'do: ' "$aright" life step quarantine app:b500 --confirm --format csv
holds '… as half' "$(cat "$here/out")" ',half,'
is '… and the estate knows' "$("$aright" life show app:b500 --format json 2>/dev/null | grep -c '"half"')" 1
fault 'PATCH 429'
ok 'who says when to come again is waited for' life step quarantine app:b429 --confirm
fault 'PATCH cut'
ok 'an answer that is lost' life step quarantine app:bcut --confirm
is '… is found out about' "$(of 'h["principals"]["bcut"]')" False
fault 'PATCH half'
ok 'so is one that breaks off' life step quarantine app:bhalf --confirm
is '… there' "$(of 'h["principals"]["bhalf"]')" False
fault 'PATCH reset'
fails 'what a reset connection may have done is undone' 6 'undone' "$aright" life step quarantine app:breset --confirm
fault 'PATCH hang'
fails 'one that hangs is ended, and undone' 6 'undone' "$aright" life step quarantine app:bhang --confirm --format csv
holds '… as failed: nothing of it is left' "$(cat "$here/out")" ',failed,'
is '… there' "$(of 'h["principals"]["bhang"]')" True
fault

# ---- deleted, restored, removed for good ----
sleep 1.1
for n in del dcut gone dots; do life step quarantine app:$n --confirm >/dev/null 2>&1; done
sleep 1.1
ok 'an application is deleted' life step soft_delete app:del --confirm
is '… there' "$(of '"o-del" in h["deleted"]')" True
receipt=$(sed -n 's/.*,\(RC-[0-9]*\),.*/\1/p' "$here/out")
ok 'and restored' life undo "$receipt" --confirm
is '… there' "$(of '"o-del" in h["apps"]')" True
fault 'DELETE cut'
ok 'a deletion whose answer is lost' life step soft_delete app:dcut --confirm
is '… is done once' "$(of '"o-dcut" in h["deleted"]')" True
fault
quiet
fails 'a fact that would lead elsewhere is refused' 2 'leads elsewhere' "$aright" life step soft_delete app:dots --confirm --format csv

sleep 1.1
ok 'and one is removed for good' life step purge app:dcut --confirm
is '… there' "$(of '"o-dcut" in h["deleted"] or "o-dcut" in h["apps"]')" False

# ---- refused ----
printf 'wrong\n' >"$here/graph.secret"
fails 'a wrong secret does nothing' 6 '' "$aright" life step soft_delete app:gone --confirm --format csv
is '… there' "$(of '"o-gone" in h["apps"]')" True
chmod 644 "$here/graph.secret"
fails 'a secret that others can read is not used' 6 'graph.secret' "$aright" life step soft_delete app:gone --confirm --format csv
chmod 600 "$here/graph.secret"
printf 'gr-s3cret\n' >"$here/graph.secret"
ok 'the right one goes on' life step soft_delete app:gone --confirm
is 'nothing was asked in another way than Graph wants it' "$(grep -v ' /login' "$here/server/log" | grep -c WRONG)" 0
is 'no secret is in the home' "$(grep -rlE 's3cret|t0ken' "$ARIGHT_HOME" | wc -l)" 0
done_testing
