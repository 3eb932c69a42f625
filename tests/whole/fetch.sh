#!/bin/sh
# fetch: sources that are fetched over HTTP, from a server that pages in every way and fails in
# every way; what it saw of the client is in its log.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

command -v python3 >/dev/null || { skip 'sources are fetched' 'there is no python3'; done_testing; exit; }
mkdir "$here/server"
printf '{"value":[{"id":"i0"},{"id":"i1"},{"id":"i2"},{"id":"i3"}]}' >"$here/server/one.json"
python3 "${0%/*}/fetch_server.py" "$here/server" &
started="$started $!"
for _ in $(seq 100); do [ -s "$here/server/port" ] && break; sleep 0.1; done
base=http://127.0.0.1:$(cat "$here/server/port")
mkdir -p "$ARIGHT_HOME/connectors" "$ARIGHT_HOME/sources"
chmod 700 "$ARIGHT_HOME"
printf 's3cret &+=\n' >"$here/secret" && chmod 600 "$here/secret"
printf 'k3y' >"$here/key" && chmod 600 "$here/key"

# describe NAME 'LINES OF fetch' ['LINES OF THE SOURCE' [ITEMS]]: a connector and a source.
describe() {
    {
        printf 'connector: %s\ntitle: T\nformat: json\nkind: app\nid: id\n' "$1"
        [ -z "${4-value}" ] || printf 'items: %s\n' "${4-value}"
        printf 'columns: {name: name}\nfetch:\n%s\n' "$2"
    } >"$ARIGHT_HOME/connectors/$1.yaml"
    printf 'source: %s\nconnectors: [%s]\nwith: {base: "%s"}\n%s\n' "$1" "$1" "$base" "${3-}" \
        >"$ARIGHT_HOME/sources/$1.yaml"
}
next="  pages: {next: '@odata.nextLink'}"
# paged NAME [LINES]: the usual one.
paged() { describe "$1" "  url: '{base}/$1/items'
$next" "${2-}"; }
got() { csv query "SELECT string_agg(id, ',' ORDER BY id) FROM app WHERE NOT gone AND
    list_contains(string_split(source, ','), '$1')"; }
asked() { grep -c " /$1/items$2 " "$here/server/log"; }
all=i0,i1,i2,i3,i4,i5
# brings NAME HOW: fetches it, and all six are there.
brings() {
    ok "$2" "$aright" fetch "$1"
    is '… with every item' "$(got "$1")" "\"$all\""
}

# ---- pages ----
paged plain
brings plain 'a link in the body is followed'
is 'each page was asked for once' "$(asked plain '[^ ]*')" 3
paged relative
brings relative 'also one that is relative'
describe link "  url: '{base}/link/items'
  pages: {link: next}" '' ''
brings link 'a link in the header is followed'
describe number "  url: '{base}/number/items'
  pages: {page: page}" '' data
brings number 'pages are counted to the first without items'
describe offset "  url: '{base}/offset/items'
  pages: {offset: offset, by: 2, total: X-Total-Count}" '' result
brings offset 'items are counted to the total that the server tells'
is 'and not beyond' "$(grep -c BEHIND "$here/server/log")" 0
describe token "  url: '{base}/token/items'
  body: {query: 'everything of {place}', options: {'\$top': 2}}
  pages: {token: '\$skipToken', into: 'options.\$skipToken'}" '' data
sed -i 's/with: {/&place: here, /' "$ARIGHT_HOME/sources/token.yaml"
brings token 'a token goes back in the body'
is 'beside the query, with its setting' "$(grep -c OTHER "$here/server/log")" 0

cat >"$ARIGHT_HOME/connectors/csv.yaml" <<'T'
connector: csv
title: T
format: csv
kind: app
id: id
columns: {name: name}
fetch: {url: '{base}/csv/items'}
T
printf 'source: csv\nconnectors: [csv]\nwith: {base: "%s"}\n' "$base" >"$ARIGHT_HOME/sources/csv.yaml"
ok 'one document of another format comes as it is' "$aright" fetch csv
is '… with its items' "$(got csv)" '"a,b"'

# ---- what passes ----
early() { is '… and not before it was time' "$(grep "/$1/" "$here/server/log" | grep -c EARLY)" 0; }
paged throttle-seconds
brings throttle-seconds '429 is waited out'
early throttle-seconds
paged throttle-date
brings throttle-date '503 with a date is waited out'
early throttle-date
paged throttle-header
brings throttle-header '403 with the time of a limit is waited out'
early throttle-header
paged throttle-past
brings throttle-past 'also with a time before all times'
paged flaky
brings flaky 'a server that failed is asked again'
paged cut
brings cut 'a body that was cut off is asked for again'
paged short
brings short 'also one that ends too early without a word'
paged gzip
ok 'packed answers are unpacked' "$aright" fetch gzip
paged redirect
brings redirect 'a redirect on the same host is followed'

# ---- what is refused ----
# refuses NAME STATUS WORDS SENTENCE [LINES]: and nothing of it enters the estate.
refuses() {
    paged "$1" "${5-attempts: 1}"
    fails "$4" "$2" "$3" "$aright" fetch "$1"
    is '… nothing of it is in the estate' "$(got "$1")" ''
    is '… and it is recorded' "$(csv import list | grep -c "failed,$1,$1,")" 1
}
refuses throttle-long 6 'asks to wait 90 s, longer than the 60 s' \
    'a server that wants more time than there is' 'minutes_max: 1'
refuses throttle-for-ever 6 'longer than the 60 s' 'also one that wants all the time there is' 'minutes_max: 1'
refuses twice 2 "twice: id 'i0' is there twice" 'one asset twice'
is '… which is not tried again' "$(ls "$ARIGHT_HOME/fetch/twice/twice")" lock
refuses broken 6 'asked 2 times: '"$base"'/broken/items answers with status 502' \
    'a server that goes on failing' 'attempts: 2'
refuses forbidden 3 'answers with status 403: Insufficient privileges' 'what is forbidden'
refuses html 2 'answers with a page of HTML, as one that asks to sign in does' 'a page of HTML with status 200'
refuses text 2 'answers with text/plain (want JSON' 'another type than JSON'
refuses loop 2 'page 3 of '"$base"'/loop/items leads back to one that came before' 'links in a circle'
is '… after each page was asked for once' "$(asked loop '[^ ]*')" 3
refuses foreign 3 'leads elsewhere than to http://127.0.0.1' 'a link to another host'
is '… which nobody followed' "$(asked foreign '?page=2')" 0
refuses redirect-foreign 3 'a redirect: http://localhost' 'a redirect to another host'
refuses bomb 5 'answers with more than 16777216 bytes' 'a small answer that unpacks to a large one'
refuses slow 6 'asked 1 times: '"$base"'/slow/items: Operation timed out' 'a server that is slow' \
    'attempts: 1
request_seconds: 1'
refuses endless 5 'more than 4 pages' 'pages without end' 'pages_max: 4'
is '… before the fifth is asked for' "$(asked endless '[^ ]*')" 4
describe moved "  url: '{base}/moved/items'
  body: {a: 1}
$next"
fails 'a redirect of what is posted' 2 'answers with status 302' "$aright" fetch moved
is 'an escape sequence of a server reaches no terminal' "$(grep -c "$(printf '\033')" "$here/err")" 0

# ---- who asks ----
describe oauth "  url: '{base}/oauth/items'
  auth: {oauth: '{base}/oauth/token', scope: 'all/.default'}
$next" "auth: {client_id: 'the client', secret_file: '$here/secret'}"
brings oauth 'a token is had for a secret, and once more when it is refused half-way'
is '… twice in all' "$(grep -c 'POST /oauth/token 200' "$here/server/log")" 2
printf 'wrong\n' >"$here/secret"
fails 'a wrong secret is refused in the words of the server' 3 'answers with status 400: not you' \
    "$aright" fetch oauth
describe long-token "  url: '{base}/long-token/items'
  auth: {oauth: '{base}/long-token/token'}
$next" "auth: {client_id: c, secret_file: '$here/secret'}
minutes_max: 1"
brings long-token 'a token that holds for ever is had once'
is '… indeed' "$(grep -c 'POST /long-token/token 200' "$here/server/log")" 1
describe split-token "  url: '{base}/split-token/items'
  auth: {oauth: '{base}/split-token/token'}
$next" "auth: {client_id: c, secret_file: '$here/secret'}"
fails 'a token adds no header of its own' 2 'the access_token has a byte 0x0d' "$aright" fetch split-token
printf 's3cret &+=\n' >"$here/secret"
describe echo "  url: '{base}/echo/items'
  auth: {header: Authorization, prefix: 'Bearer '}
$next" "auth: {secret_file: '$here/secret'}"
fails 'a server that says the secret back' 3 'answers with status 403: who is …?' "$aright" fetch echo
describe echo "  url: '{base}/echo/items'
  auth: {oauth: '{base}/echo/token'}
$next" "auth: {client_id: c, secret_file: '$here/secret'}"
fails '… as it was sent' 3 'answers with status 403: who is grant_type=client%5Fcredentials&client_id=c&client_secret=…?' \
    "$aright" fetch echo
describe header "  url: '{base}/header/items'
  headers: {X-For: '{who}'}
  auth: {header: X-Api-Key, prefix: 'Key '}
$next" "auth: {secret_file: '$here/key'}"
sed -i 's/with: {/&who: here, /' "$ARIGHT_HOME/sources/header.yaml"
brings header 'a secret goes in the header that the connector names'
describe basic "  url: '{base}/basic/items'
  auth: {basic: true}
$next" "auth: {user: kim, secret_file: '$here/key'}"
brings basic 'or with a name, as the oldest way has it'
chmod 644 "$here/key"
fails 'a secret that others may read is not used' 3 'is open to others (mode 0644' "$aright" fetch basic
chmod 600 "$here/key"
is 'no secret is in the home' "$(grep -rlE 'k3y|s3cret|Bearer|t0ken' "$ARIGHT_HOME" --include='*.json' --include='*.ndjson' | wc -l)" 0
is 'the log names the source and how much came' \
    "$(grep '"op":"fetch.take"' "$ARIGHT_HOME/log/events.ndjson" | grep '"outcome":"ok"' | head -n 1 |
        grep -o '"args".*' | sed 's/"bytes":[0-9]*/"bytes":N/; s/"run":[0-9]*/"run":N/')" \
    '"args":[["source","plain"],["connector","plain"]],"pages":3,"bytes":N,"delta":false,"run":N,"source":"plain","kind":"app","state":"ok","rows":6}}'

# ---- resume ----
paged hang
"$aright" fetch hang >"$here/out" 2>&1 &
fetching=$!
for _ in $(seq 100); do [ -e "$here/server/hangs" ] && break; sleep 0.1; done
child=$(tr -d ' ' <"/proc/$fetching/task/$fetching/children")
is 'the child that fetches is in a sandbox' \
    "$(grep -E '^(NoNewPrivs|Seccomp):' "/proc/$child/status" | tr -d '[:space:]')" NoNewPrivs:1Seccomp:2
is '… holds nothing of the home' "$(find "/proc/$child/fd" -lname "$ARIGHT_HOME*" 2>/dev/null | wc -l)" 0
is '… and is told nothing in its words' "$(tr '\0' ' ' <"/proc/$child/cmdline" | sed 's/^[^ ]* //')" '--process fetch '
kill -9 "$fetching"
wait "$fetching" 2>/dev/null
sleep 0.2
is 'a fetch that is killed takes its child with it' "$(grep -s ^State "/proc/${child:-self}/status" | grep -vc zombie)" 0
is '… and changes nothing' "$(got hang)" ''
fails '… and what it has is not taken for the whole' 7 '2 pages of hang are there, and not all' \
    "$aright" fetch take hang hang
brings hang 'the next one goes on'
is '… and no page is answered twice' "$(asked hang '')$(asked hang '?page=2')$(asked hang '?page=3')" 111
is '… and keeps nothing' "$(ls "$ARIGHT_HOME/fetch/hang/hang")" lock
paged expired
brings expired 'where the server no longer knows the place, it begins anew'
is '… with the first page' "$(asked expired '')$(asked expired '?page=2')" 22

# ---- what has changed ----
describe changes "  url: '{base}/changes/items'
$next
  delta: {link: '@odata.deltaLink', removed: '@removed'}"
# changes SENTENCE DELTA ITEMS
changes() {
    ok "$1" "$aright" fetch changes --format ndjson
    cp "$here/out" "$here/was"
    is "… delta is $2" "$(grep -o '"delta":[a-z]*' "$here/was")" "\"delta\":$2"
    is '… and all is as it should be' "$(got changes)" "\"$3\""
}
changes 'the first time all comes' false i0,i1,i2,i3
changes 'then what has changed' true i0,i1,i2,i3,new
is '… and no more' "$(grep -o '"rows":[0-9]*,"new":[0-9]*,"changed":[0-9]*,"gone":[0-9]*' "$here/was")" \
    '"rows":2,"new":1,"changed":1,"gone":0'
changes 'when the server has forgotten, all again' false i0,i1,i2,i3
changes 'and when something was removed' false i0,i1,i2,i3
describe shrinks "  url: '{base}/shrinks/items'
$next
  delta: {link: '@odata.deltaLink'}"
brings shrinks 'a source that had much'
ok '… and shows little' "$aright" fetch shrinks --anew --format ndjson
is '… is held' "$(grep -o '"state":"[a-z]*"' "$here/out")$(got shrinks)" "\"state\":\"held\"\"$all\""
is '… and what changes on top of it is not asked for' "$(ls "$ARIGHT_HOME/fetch/shrinks/shrinks")" lock
describe astray "  url: '{base}/astray/items'
$next
  delta: {link: '@odata.deltaLink'}"
brings astray 'a source that says on another host what will have changed'
brings astray 'is asked for all again'
describe between "  url: '{base}/between/items'
$next
  delta: {link: '@odata.deltaLink'}"
ok 'another source is fetched' "$aright" fetch between
ok 'something comes in between by another way' "$aright" import between --source between "$here/server/one.json"
fails '… on top of which changes are worth nothing' 7 'is not the last one any more; the next fetch brings all' \
    "$aright" fetch between
ok '… and the next fetch brings all' "$aright" fetch between --format ndjson
is '… indeed' "$(grep -o '"delta":[a-z]*,"rows":[0-9]*' "$here/out")" '"delta":false,"rows":4'

# ---- what is said of a source before anything is asked ----
# wrong SENTENCE WORDS LINES: a source described so.
wrong() {
    printf '%s\n' "$3" >"$ARIGHT_HOME/sources/wrong.yaml"
    fails "$1" 2 "$2" "$aright" fetch check
    rm "$ARIGHT_HOME/sources/wrong.yaml"
}
printf 's3cret &+=\n' >"$here/secret"
ok 'what is right is shown' "$aright" fetch check --format csv
is '… every source with its connector' "$(wc -l <"$here/out")" "$(($(find "$ARIGHT_HOME/sources" -name '*.yaml' | wc -l) + 1))"
wrong 'a setting that is missing' "the setting 'base' is missing" 'source: wrong
connectors: [plain]'
wrong 'a setting that nothing asks for' "no connector asks for the setting 'tenant'" 'source: wrong
connectors: [plain]
with: {base: "https://h", tenant: t}'
wrong 'a connector that is not fetched' "connector generic does not say how it is fetched" 'source: wrong
connectors: [generic]'
wrong 'two that show all of one kind' 'both show all of kind app' 'source: wrong
connectors: [plain, loop]
with: {base: "https://h"}'
wrong 'a secret that is missing' 'connector header needs a secret' 'source: wrong
connectors: [header]
with: {base: "https://h", who: w}'
wrong 'a secret in the file itself' "secret_file" 'source: wrong
connectors: [header]
auth: {secret: k3y}'
wrong 'a path that depends on where one stands' "'key' is no absolute path" 'source: wrong
connectors: [header]
auth: {secret_file: key}'
wrong 'a name that leads out of its folder' "'../x' is not a source's name" 'source: ../x
connectors: [plain]'
wrong 'a limit that is none' "'attempts' is a number from 1 to 100" 'source: wrong
connectors: [plain]
attempts: 0'
fails 'a source that nobody described' 4 "no source is named 'plian'; 'plain' is" "$aright" fetch plian
sed "s#$base#http://fetch.invalid#" "$ARIGHT_HOME/sources/plain.yaml" | sed 's/source: plain/source: far/' >"$ARIGHT_HOME/sources/far.yaml"
fails 'http to another host takes a word' 3 "would be asked without encryption (want https://, or 'plain_http: true'" "$aright" fetch far

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$here" && chmod 711 "$ARIGHT_HOME"
    fails 'another user fetches nothing' 3 'belongs to root (uid 0), and only its owner fetches' \
        setpriv --reuid 65534 --regid 65534 --clear-groups "$aright" --home "$ARIGHT_HOME" fetch plain
    chmod 700 "$ARIGHT_HOME"
else
    skip 'another user fetches nothing' 'only root can become another user'
fi

# ---- certificates ----
if command -v openssl >/dev/null; then
    mkdir "$here/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=here \
        -addext 'subjectAltName=DNS:localhost' -keyout "$here/tls/key" -out "$here/tls/cert" 2>/dev/null
    python3 "${0%/*}/fetch_server.py" "$here/tls" "$here/tls/cert" "$here/tls/key" &
    started="$started $!"
    for _ in $(seq 100); do [ -s "$here/tls/port" ] && break; sleep 0.1; done
    secure() { sed "s#$base#https://$1:$(cat "$here/tls/port")#; s/source: plain/source: secure/" \
        "$ARIGHT_HOME/sources/plain.yaml" >"$ARIGHT_HOME/sources/secure.yaml"; }
    secure localhost
    fails 'a certificate that nobody vouches for' 3 'its certificate is not trusted' "$aright" fetch secure
    echo "ca_file: $here/tls/cert" >>"$ARIGHT_HOME/sources/secure.yaml"
    brings secure 'one that the source vouches for'
    secure 127.0.0.1
    echo "ca_file: $here/tls/cert" >>"$ARIGHT_HOME/sources/secure.yaml"
    fails 'one for another name' 3 'its certificate is not trusted' "$aright" fetch secure
    is 'asks nothing of who is not trusted' "$(grep -c . "$here/tls/log")" 3
else
    skip 'certificates are checked' 'there is no openssl to make one'
fi

# ---- the shipped connectors, at this server instead of their own ----
# as_shipped NAME: its connector at this server, and a source for it.
as_shipped() {
    sed "s#https://[a-z.]*#$base/$1#g" "$shipped/$1.yaml" >"$ARIGHT_HOME/connectors/$1.yaml"
    {
        printf 'source: %s\nconnectors: [%s]\n' "$1" "$1"
        printf "auth: {user: kim, client_id: c, secret_file: '%s'}\nwith:\n" "$here/key"
        for setting in base tenant org; do
            grep -q "{$setting}" "$shipped/$1.yaml" || continue
            [ $setting = base ] && echo "  base: $base/$1" || echo "  $setting: org"
        done
    } | sed '$s/^with:$//' >"$ARIGHT_HOME/sources/$1.yaml"
}
shipped=$ARIGHT_SOURCE/connectors
for file in "$shipped"/*.yaml; do
    grep -q '^fetch:' "$file" || continue
    name=$(basename "$file" .yaml)
    as_shipped "$name"
    ok "$name is fetched" "$aright" fetch "$name" --format ndjson
    wanted=3 && [ "$name" != github-organizations ] || wanted=1
    is '… page by page' "$(grep -o '"rows":[0-9]*' "$here/out")" "\"rows\":$wanted"
done
is '… with what proves who asks' "$(grep -c WITHOUT "$here/server/log")" 0

# ---- payloads of real systems, when they are at hand: page by page as at once ----
data=
[ ! -x "$ARIGHT_SOURCE/../shared/data/unpack" ] || data=$("$ARIGHT_SOURCE/../shared/data/unpack" estate)
# facts HOME KIND: all that is known of the kind but who said it and when.
facts() { "$aright" --home "$1" query "SELECT * EXCLUDE (first_seen, last_seen, source, source_count) FROM $2 ORDER BY id" --format csv; }
# real CONNECTOR KIND FILE
real() {
    [ -e "$shipped/$1.yaml" ] || return 0
    cp "$data/$3" "$here/server/$1"
    "$aright" --home "$here/once" import "$1" "$data/$3" >"$here/out" 2>"$here/err"
    facts "$here/once" "$2" >"$here/once.csv"
    mkdir "$here/paged" && chmod 700 "$here/paged"
    cp -r "$ARIGHT_HOME/connectors" "$ARIGHT_HOME/sources" "$here/paged"
    "$aright" --home "$here/paged" fetch "$1" >"$here/out" 2>"$here/err"
    facts "$here/paged" "$2" >"$here/paged.csv"
    same "$3 is the same page by page as at once" "$here/once.csv" "$here/paged.csv"
    is '… and something' "$([ "$(wc -l <"$here/paged.csv")" -gt 1 ] && echo yes)" yes
    rm -rf "$here/once" "$here/paged" "$here/once.csv" "$here/paged.csv"
}
if [ -n "$data" ]; then
    real graph-applications app entra/graph_applications_list.json
    real graph-service-principals app entra/graph_servicePrincipals_list.json
    real graph-devices device entra/graph_devices_list.json
    real graph-organization tenant entra/graph_organization_list.json
    real graph-role-assignments role_grant entra/graph_roleAssignments_list.json
    real graph-registration-details account entra/graph_userRegistrationDetails_list.json
    real graph-sign-ins app entra/graph_signIns_list.json
    real azure-resources cloud_resource azure/resourcegraph_basic_query.json
    real servicenow-computers device servicenow/cmdb_ci_computer.json
else
    skip 'payloads of real systems come page by page' 'they are not at hand'
fi

# ---- beside a core ----
ok 'a daemon serves' serve
ok 'beside which sources are fetched' "$aright" fetch plain link --anew
is '… by the command, not by the core' "$(asked plain '[^ ]*')$(asked link '[^ ]*')" 66
unserve
done_testing
