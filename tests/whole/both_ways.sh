#!/bin/sh
# both_ways: through a daemon and without one the program says the same, to the byte, and writes the
# same events; the socket is for its owner, and nonsense on it hurts nobody else.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
at=2026-11-21T12:00:00Z

cat >"$here/apps.csv" <<'T'
id,name,env,owner_id,emergency_contact
a,"Payroll, ""the"" one",production,team:web,
b,=cmd(),production,,web
c,Überweisung,test,person:sam,
T
cat >"$here/verbs" <<'T'
kind list
kind show app
connector list
source list
domain list
owner list
owner explain app:a
asset list --kind app
asset list --kind app --where "env = 'production'" --columns id,name
asset list --kind asset --limit 2
asset show app:a
asset show app:nope
import list
standard list
standard show TN-4
score
score --by pillar --class all
score --by owner
score --by domain
finding list
finding list --standard TN-4 --state fail
finding explain TN-4/app:a
finding explain TN-4/app:b
waiver list
waiver list --all
query "SELECT id, name, first_seen FROM app ORDER BY id"
query "SELECT nope FROM app"
config show
help
help grants
version
T

# answers FOLDER: what each verb prints in each format, on both outputs, and its status.
answers() {
    mkdir "$1"
    n=0
    while read -r verb; do
        n=$((n + 1))
        for format in table json ndjson csv; do
            eval "\"\$aright\" --format $format --asof $at $verb" >"$1/$n.$format" 2>&1 </dev/null
            echo "status $?: $verb" >>"$1/$n.$format"
        done
    done <"$here/verbs"
}
# told: who did what with which words, without what differs from one time to the next.
told() {
    tail -n +"$1" "$ARIGHT_HOME/log/events.ndjson" |
        sed 's/"core":"[^"]*",//; s/"seq":[0-9]*,//; s/"\(at\|asof\|until\)":"[0-9][^"]*"//g
            s/"\(run\|evaluation\)":[0-9]*//g; s/W-[12]/W-N/' |
        grep -v '"event":"core\.'
}
changes() {
    "$aright" import generic "$here/apps.csv" --kind app --source "$1"
    "$aright" evaluate
    "$aright" waiver grant TN-4/app:a --until +5d --reason 'the same either way'
    "$aright" waiver end "W-$2" --reason 'the same either way'
    "$aright" waiver end W-99 --reason 'there is none such'
}

ok 'three applications come in' "$aright" import generic --kind app "$here/apps.csv"
ok 'and are judged' "$aright" evaluate
from=$(($(wc -l <"$ARIGHT_HOME/log/events.ndjson") + 1))
changes generic 1 >"$here/alone.changes" 2>&1
told "$from" >"$here/alone.events"
ok 'a daemon serves' serve
core=$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/serve.log")
from=$(($(wc -l <"$ARIGHT_HOME/log/events.ndjson") + 1))
changes generic 2 >"$here/served.changes" 2>&1
told "$from" >"$here/served.events"
same 'changes leave the same events either way' "$here/alone.events" "$here/served.events"
is 'that is five of them' "$(wc -l <"$here/served.events")" 5
unserve
answers "$here/alone"
ok 'a daemon serves again' serve
core=$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/serve.log")
answers "$here/served"
n=0
while read -r verb; do
    n=$((n + 1))
    for format in table json ndjson csv; do
        cmp -s "$here/alone/$n.$format" "$here/served/$n.$format" || echo "$format of $verb"
    done
done <"$here/verbs" >"$here/differ"
is 'every reading verb prints the same either way, in every format' "$(cat "$here/differ")" ''
is 'and none prints nothing' "$(find "$here/served" -type f -size -20c | wc -l)" 0

# ---- the socket ----
socket=$ARIGHT_HOME/run/core.sock
is 'the socket is for its owner alone' "$(stat -c %a "$socket" "$ARIGHT_HOME/run" | xargs)" '600 700'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$here"
    fails 'another user does not get to it' 3 'belongs to root (uid 0) and is closed to others' \
        setpriv --reuid 65534 --regid 65534 --clear-groups "$aright" --home "$ARIGHT_HOME" status
else
    skip 'another user does not get to it' 'only root can become another user'
fi
ok 'frames that are none are answered or dropped' python3 - "$socket" <<'P'
import os, random, socket, struct, sys
random.seed(7)
path = sys.argv[1]


def link():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(path)
    return s


def frame(body):
    return struct.pack(">I", len(body)) + body


bad = [
    b"", b"\0", b"\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", struct.pack(">I", 0xFFFFFFFF),
    struct.pack(">I", 5 << 20) + b"x" * 1000, frame(b""), frame(b"\x80"), frame(b"\x81" * 100_000),
    frame(b"\x9f" * 60), frame(b"\xbb" + b"\xff" * 8), frame(b"\x9b" + b"\xff" * 8),
    frame(b"\x7b" + b"\xff" * 8), frame(b"\x83\x63run\x61x\xf6"), frame(b"\x84\x63run\x65" b"0.1.0\xf6\x60"),
    frame(b"\x84\x63run\x65" b"0.1.0\xf6\x64\xff\xfe\xfd\xfc"),
] + [frame(os.urandom(random.randrange(1, 4000))) for _ in range(200)]
for body in bad:
    with link() as s:
        try:
            s.sendall(body)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
# more descriptors than a request may carry, and none that is asked for
with link() as s:
    null = os.open("/dev/null", os.O_RDONLY)
    try:
        socket.send_fds(s, [b"\0\0\0\1\x80"], [null] * 200)
        while s.recv(65536):
            pass
    except OSError:
        pass
# many that say nothing: who speaks is still heard
silent = [link() for _ in range(80)]
P
ok 'whoever speaks is still answered' "$aright" status
is 'by the same core' "$(csv status | grep -o "process $core")" "process $core"
is 'no supervisor had to start another' "$(grep -c 'core is process' "$here/serve.log")" 1
is 'and the core holds few files open' "$([ "$(find "/proc/$core/fd" | wc -l)" -lt 100 ] && echo yes)" yes
ok 'it ends when it is told to' unserve
done_testing
