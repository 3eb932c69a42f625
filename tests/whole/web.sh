#!/bin/sh
# web: the pages as a browser, a script and somebody who means harm ask for them.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

mkdir -m 700 "$ARIGHT_HOME"
echo 'web_listen: 0.0.0.0:8640' >"$ARIGHT_HOME/aright.yaml"
ok 'a daemon serves, though its pages are to be open to others' serve
holds 'which it refuses with what helps' "$(cat "$here/serve.log")" 'ssh -L'
holds 'and goes on without them' "$(cat "$here/serve.log")" 'goes on without it'
unserve

echo "web_listen: 127.0.0.1:$port" >"$ARIGHT_HOME/aright.yaml"
printf '{"id":"a","name":"<script>alert(1)</script>","owner_count":2}\n{"id":"b","owner_count":0}\n' \
    >"$here/apps.ndjson"
ok 'there is something to show' "$aright" import generic --kind app "$here/apps.ndjson"
ok 'and it is judged' "$aright" evaluate
ok 'a daemon serves' serve
link() { csv web link | cut -d, -f1; }
holds 'a link leads to this machine' "$(link)" "http://127.0.0.1:$port/enter?link="

# Each line that it prints is a sentence, and before it whether that holds.
first=$(link)
process() { sed -n 's/.*"message":"'"$1"' is process \([0-9]*\)".*/\1/p' "$here/serve.log" | tail -n 1; }
python3 "${0%/*}/web.py" "$port" "$first" "$(link)" "$(process front)" "$(process core)" >"$here/said" 2>"$here/why" ||
    sed 's/^/# /' "$here/why"
while read -r held sentence; do
    verdict "$held" "$sentence"
    [ "$held" = 0 ] || grep -F -A3 "$sentence" "$here/why" | note
done <"$here/said"
is 'everything was asked' "$(tail -n 1 "$here/said")" '0 and all of it was asked'
ok 'the core serves as before' "$aright" status
holds 'and says whose the process is that serves the pages' "$(csv status | grep '^process,pages,')" \
    "served by uid $(awk '/^Uid/ { print $2 }' "/proc/$(process front)/status"),"
is 'no link is in the log' "$(grep -c "${first#*=}" "$ARIGHT_HOME/log/events.ndjson")" 0
unserve
is 'nobody listens when it has ended' "$(python3 -c '
import socket, sys
print(socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))) != 0)' "$port")" True
done_testing
