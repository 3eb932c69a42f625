#!/bin/sh
# others: what people.yaml grants to other users they do through the socket of a running core, and
# nothing else; nothing in the home can be read; without them, and without a core, it is closed.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    skip 'others than the owner' 'only root can become another user'
    done_testing
    exit
fi
reader=65534 writer=54321 stranger=54322
log=$ARIGHT_HOME/log/events.ndjson

# What others run must be theirs to run, wherever this was built. `as UID COMMAND…` runs with that
# uid and no right of root's, `ask UID WORD…` is the program for that uid.
chmod 755 "$here"
mkdir -m 755 "$here/bin"
cp "$aright" "$here/bin/aright"
cat >"$here/bin/as" <<'S'
#!/bin/sh
uid=$1
shift
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --bounding-set=-all --inh-caps=-all "$@"
S
cat >"$here/bin/ask" <<S
#!/bin/sh
uid=\$1
shift
exec env ARIGHT_DATA="$here" HOME=/ as "\$uid" aright "\$@"
S
chmod 755 "$here/bin"/*
PATH=$here/bin:$PATH
modes() { stat -c %a "$ARIGHT_HOME" "$ARIGHT_HOME/run" | xargs; }
# open_to UID: what in the home, other than the way to the socket, that user can do something with.
open_to() {
    find "$ARIGHT_HOME" -mindepth 1 ! -type l >"$here/paths"
    # shellcheck disable=SC2016 # the inner shell expands it
    as "$1" sh -c 'while read -r path; do
        [ -r "$path" ] || [ -w "$path" ] || { [ -x "$path" ] && [ ! -d "$path" ]; } || continue
        echo "$path"
    done' <"$here/paths" | grep -v '/run/\(core\|facts\|gate\).sock$'
    as "$1" ls "$ARIGHT_HOME" "$ARIGHT_HOME/run" 2>/dev/null
    as "$1" touch "$ARIGHT_HOME/new" "$ARIGHT_HOME/run/new" 2>/dev/null && echo 'makes files'
}
people() {
    cat >"$ARIGHT_HOME/people.yaml" <<Y
people:
  - {person: "person:ada", uid: 0, grants: [all]}
$*
Y
}
named="  - {person: 'person:rea', uid: $reader, grants: [home.read, estate.read]}
  - {person: 'person:wil', uid: $writer, grants: [estate.write, gate.decide]}"

# ---- closed, as it is by default ----
ok 'a home is made' "$aright" status
is 'it is its owner'\''s alone' "$(modes)" '700 700'
fails 'another user is told whose it is' 3 'belongs to root (uid 0) and is closed to others' \
    ask "$reader" status
fails 'its settings are not taken for absent' 3 'Permission denied' ask "$reader" config show
fails 'nor are they well formed to one who cannot read them' 3 'Permission denied' \
    ask "$reader" config check
fails 'nobody restores what is not theirs' 7 'belongs to uid 0' ask "$reader" restore "$here"
fails 'nor serves it' 3 'Permission denied' ask "$reader" serve
ok 'help needs no home' ask "$reader" help
ok 'a daemon serves it' serve
is 'it stays closed while people.yaml names nobody' "$(modes)" '700 700'
is 'with its socket' "$(stat -c %a "$ARIGHT_HOME/run/core.sock")" 600
fails 'a running core changes nothing about that' 3 'is closed to others' ask "$reader" status
people "$named"
holds 'status says that others wait for a restart' "$(csv status | grep '^home,others')" \
    '"people.yaml names 2; a core that starts lets them in",warn'
unserve

# ---- open ----
mkdir "$ARIGHT_HOME/kinds"
echo secret >"$ARIGHT_HOME/notes.txt"
chmod 755 "$ARIGHT_HOME/kinds"
chmod 644 "$ARIGHT_HOME/notes.txt" "$ARIGHT_HOME/people.yaml"
ln -s /etc/passwd "$ARIGHT_HOME/link"
ok 'a daemon serves those who are named' serve
core=$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/serve.log")
is 'the way to the socket can be passed, no more' "$(modes)" '711 711'
is 'its sockets are for all' "$(stat -c %a "$ARIGHT_HOME"/run/*.sock | xargs)" '666 666 666'
holds 'status says so' "$(csv status | grep '^home,others')" \
    '"get to its socket; people.yaml names 2",ok'
printf 'id,name\na,A\n' >"$here/apps.csv"
chmod 600 "$here/apps.csv" # the caller opens it, not the core
chown "$writer" "$here/apps.csv"
ok 'one who may change does' ask "$writer" import generic --kind app "$here/apps.csv"
ok 'one who may read does' ask "$reader" asset show app:a
holds 'and sees what was changed' "$(cat "$here/out")" 'A'
ok 'status is read by who may' ask "$reader" status
fails 'who may read may not change' 3 \
    'person:rea may not import: it takes the grant estate.write' \
    ask "$reader" import generic --kind app - </dev/null
fails 'who may change may not read' 3 \
    'person:wil may not asset.list: it takes the grant estate.read' \
    ask "$writer" asset list --kind app
echo '{"id": "a"}' >"$here/proposal"
chmod 644 "$here/proposal"
fails 'a gate answers who may ask it' 3 'app.create denies it (G-' \
    ask "$writer" gate decide --gate app.create "$here/proposal"
fails 'and nobody else' 3 'person:rea may not gate.decide: it takes the grant gate.decide' \
    ask "$reader" gate decide --gate app.create "$here/proposal"
fails 'nor one who is not named' 3 "uid $stranger is nobody here" \
    ask "$stranger" gate decide --gate app.create "$here/proposal"
ok 'whoever asks the core next finds that entered' ask "$reader" status
is 'a decision is an event of the person' "$(grep -c \
    "\"who\":\"person:wil\",\"uid\":$writer,\"op\":\"gate.decide\",\"event\":\"gate.decided\",\"outcome\":\"ok\"" "$log")" 1
is 'so is being refused one' "$(grep -c \
    "\"who\":\"person:rea\",\"uid\":$reader,\"op\":\"gate.decide\",\"event\":\"operation.denied\"" "$log")" 1
fails 'who is not named is nobody' 3 "uid $stranger is nobody here" ask "$stranger" status
fails 'and stays so' 3 "uid $stranger is nobody here" ask "$stranger" status
is 'a change is an event of the person' "$(grep -c \
    "\"who\":\"person:wil\",\"uid\":$writer,\"op\":\"import\",\"event\":\"estate.imported\",\"outcome\":\"ok\"" "$log")" 1
is 'a denial too' "$(grep -c "\"who\":\"person:rea\",\"uid\":$reader,\"op\":\"import\",\"event\":\"operation.denied\"" "$log")" 1
is 'strangers are one event of each socket, however often they come' "$(grep -c \
    "\"who\":\"uid:$stranger\",\"uid\":$stranger,\"op\":\"connect\",\"event\":\"operation.denied\"" "$log")" 2
ok 'a backup lies in the home' "$aright" backup
ok 'a query leaves its copy there' "$aright" query 'SELECT id FROM app'
for uid in $reader $writer $stranger; do
    is "uid $uid can read, write or list nothing in the home" "$(open_to "$uid")" ''
done
is 'what lay open was closed' "$(stat -c %a "$ARIGHT_HOME/notes.txt" "$ARIGHT_HOME/kinds" | xargs)" '600 700'
is 'what a link points to was let alone' "$(stat -Lc %a "$ARIGHT_HOME/link")" 644
fails 'its settings are still its own' 3 'Permission denied' ask "$reader" config check
fails 'and nobody else serves it' 7 'belongs to uid 0' ask "$reader" serve
chmod 644 "$ARIGHT_HOME/notes.txt"
holds 'status names what was opened since' "$(csv status | grep 'open to others')" \
    "$ARIGHT_HOME/notes.txt,warn"

# ---- while it runs ----
people "  - {person: 'person:rea', uid: $reader, grants: [estate.read]}"
fails 'a grant that is taken away is gone' 3 'it takes the grant home.read' ask "$reader" status
fails 'one who is no longer named is nobody' 3 "uid $writer is nobody here" \
    ask "$writer" import list
echo 'people: [' >"$ARIGHT_HOME/people.yaml"
fails 'a file that is broken lets in nobody else, and tells them nothing of itself' 3 \
    'HOME/people.yaml cannot be read; its owner finds out why' ask "$reader" asset show app:a
fails 'its owner learns where' 2 'people.yaml:' "$aright" status
people "$named"
ok 'once it is mended all is as before' ask "$reader" asset show app:a
is 'the core was the same all the time' "$(csv status | grep -o "process $core")" "process $core"

# ---- who answers ----
unserve
# shellcheck disable=SC2016 # the words as they are
fails 'without a core it is said who must start one' 6 \
    'no core runs there; root (uid 0) must start `aright serve`' ask "$reader" status
is 'and nothing was made or locked' "$(find "$ARIGHT_HOME" ! -uid 0)$(open_to "$reader" | grep -v notes)" ''
ok 'its owner needs none' "$aright" status
mkdir -m 711 "$here/false" "$here/false/run"
chown "$writer" "$here/false" "$here/false/run"
python3 -c 'import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.listen()
time.sleep(600)' "$here/false/run/core.sock" &
started="$started $!"
for _ in $(seq 100); do [ -S "$here/false/run/core.sock" ] && break; sleep 0.1; done
fails 'who answers for a home without owning it is told nothing' 3 \
    "belongs to uid $writer, and root (uid 0) answers for it" \
    ask "$reader" --home "$here/false" status

# ---- a file that its sender may open, and the core's user may not ----
plan='{"payload":"apps.parquet","format":"auto",
    "items":{"steps":[],"where":[],"lookups":[],"refuse":[],"partial":""},
    "bad_rows_max":0,"survey":false,"by_name":true,"columns":[["id","text",""]],"owners":[]}'
echo PAR1 >"$here/apps.parquet"
chmod 600 "$here/apps.parquet"
as "$reader" aright --process connector "$plan" <"$here/apps.parquet" >"$here/said"
holds 'Parquet says that it is to come from a pipe then' "$(tr -d '\0' <"$here/said")" \
    "apps.parquet: uid $reader, who reads it, may not open it, which Parquet takes (from a pipe"

# ---- closed again ----
echo 'people: [' >"$ARIGHT_HOME/people.yaml"
fails 'no core starts with people who cannot be read' 2 'people.yaml:' "$aright" serve
people ''
ok 'a daemon serves its owner only' serve
is 'the home is closed again' "$(modes) $(stat -c %a "$ARIGHT_HOME/run/core.sock")" '700 700 600'
fails 'to everybody else' 3 'is closed to others' ask "$reader" status
holds 'status says so' "$(csv status | grep '^home,others')" 'only its owner gets in,ok'
unserve
done_testing
