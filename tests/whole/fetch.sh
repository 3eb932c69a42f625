#!/bin/sh
# fetch: sources that are fetched over HTTP, from a server that pages in every way and fails in
# every way; what it saw of the client is in its log.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

command -v python3 >/dev/null || { skip 'sources are fetched' 'there is no python3'; done_testing; exit; }
mkdir "$here/server"
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
done_testing
