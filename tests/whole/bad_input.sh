#!/bin/sh
# bad_input: what is wrong is refused, with its place and what would be right, and changes nothing.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
inputs=$here/inputs
mkdir "$inputs"
ok 'the inputs are written' python3 "${0%/*}/bad_input.py" "$inputs" "${ARIGHT_SOURCE:?}"
cd "$inputs" || exit 1
ok 'a good file is imported' "$aright" import generic --kind app good.ndjson
ok 'and judged' "$aright" evaluate
echo 'query_seconds: 2' >"$ARIGHT_HOME/aright.yaml"
dump "$here/before"
unchanged() {
    dump "$here/after"
    same "$1" "$here/before" "$here/after"
}

# Each line: the file, the exit status, words of the sentence.
while read -r file status words; do
    fails "import $file: $words" "$status" "$words" "$aright" import generic --kind app "$file"
done <<'T'
deep.json 5 deep.json:1:65: nested more than 64 deep
deep.ndjson 5 deep.ndjson:2:81: nested more than 64 deep
deepmap.json 5 nested more than 64 deep
trailing.json 2 trailing.json:1:14: found 'x', want nothing behind the value
dupkey.json 2 dupkey.json:1:23: the key 'name' is already at 1:12
dupkey.ndjson 2 the key 'id' is already at
dupid.json 2 id 'a' is there twice (want one row for each asset)
range.json 2 range.json:1: column 'owner_count':
double.json 2 double.json:1:26: the number is too large
type.json 2 type.json:1: column 'multi_tenant': 'maybe' is not a bool
nul.json 2 nul.json:1: a NUL
nulescape.json 2 nulescape.json:1: column 'id': a text with a NUL byte cannot be kept
nul.ndjson 2 nul.ndjson:2: a NUL
utf8.json 2 utf8.json:1:10: the text is not valid UTF-8
utf8.ndjson 2 utf8.ndjson:2:9: the text is not valid UTF-8
surrogate.json 2 surrogate.json:1:11: half of a surrogate pair
cut.json 2 cut.json:1:22: the text ends, want ',' or '}'
cut.ndjson 2 the text ends, want ',' or '}'
noid.json 2 noid.json:1: column 'id': it is empty
scalar.json 2 scalar.json:1: no field is named 'id'
huge.json 5 huge.json:1: a row may hold 16777216 bytes of text
huge.ndjson 5 huge.ndjson:1: a row may hold 16777216 bytes of text
endless.ndjson 5 endless.ndjson:2: a line has more than 16777216 bytes
longid.ndjson 5 longid.ndjson:1: an id may have 1024 bytes, this one has 5000
open.csv 2 open.csv:2: a quote is opened and never closed
more.csv 2 more.csv:3: 3 fields, but the header has 2
fewer.csv 2 fewer.csv:2: 1 fields, but the header has 2
wide.csv 5 wide.csv:1: more than 4096 fields
nul.csv 2 nul.csv:2: a NUL
utf8.csv 2 utf8.csv: invalid UTF-8 at byte 10
twice.csv 2 twice.csv:1: the header names 'name' twice
noid.csv 2 noid.csv:1: no field is named 'id'
quote.csv 2 quote.csv:2: text behind a closing quote
type.csv 2 type.csv:2: column 'owner_count': 'many' is not an int
huge.csv 5 huge.csv:2: a line has more than 16777216 bytes
garbage.parquet 2 garbage.parquet: it cannot be read as Parquet: Footer length error in file 'garbage.parquet' (want
absent.json 4 there is no file absent.json
sparse.json 2 sparse.json:1: a NUL
sparse.ndjson 2 sparse.ndjson:2: a NUL
sparse.csv 2 sparse.csv:3: a NUL
hole.csv 2 hole.csv:50002: a NUL
sparse.parquet 2 sparse.parquet: it cannot be read as Parquet:
sparse16.json 5 are the most of UTF-16
T
is 'a file under half of the last size is held, not taken' \
    "$(echo '[]' | csv import generic --kind app - | cut -d, -f2)" held
dump "$here/held"
is 'the held file changed no asset and no finding' "$(grep -v '"run":' "$here/held" | cksum)" \
    "$(grep -v '"run":' "$here/before" | cksum)"
cp "$here/held" "$here/before"

while read -r file status words; do
    fails "standard check $file: $words" "$status" "$words" "$aright" standard check "$file"
done <<'T'
column.yaml 2 column.yaml:9:7: unknown column 'baseline_okk' of kind app; did you mean 'baseline_ok'?
syntax.yaml 2 syntax.yaml:9:23: want a value before AND
key.yaml 2 key.yaml:3:1: unknown key 'titel' (did you mean 'title'?)
deep.yaml 5 deep.yaml:1:68: nested more than 64 deep
bomb.yaml 2 bomb.yaml:1:4: anchors (&name) are not allowed here: write the value out
dupkey.yaml 2 dupkey.yaml:2:1: the key 'id' is already at 1:1
utf8.yaml 2 utf8.yaml:1:6: the text is not valid UTF-8
nul.yaml 2 nul.yaml:1:6: a NUL character is not allowed
huge.yaml 5 'huge.yaml' is larger than 262144 bytes
tab.yaml 2 tab.yaml:2:1: found a tab character
second.yaml 2 second.yaml:2:1: a second document begins
tag.yaml 2 tag.yaml:1:5: tags (!name) are not allowed here
scalar.yaml 2 scalar.yaml:1:1: want a map here, found a text
T
fails 'connector check refuses it too' 2 'bomb.yaml:1:4: anchors' "$aright" connector check bomb.yaml
fails 'config check too' 2 "key.yaml:1:1: unknown key 'id'" "$aright" config check key.yaml
mkdir "$ARIGHT_HOME/standards"
cp column.yaml "$ARIGHT_HOME/standards/TN-3.yaml"
"$aright" --format csv evaluate >"$here/evaluated" 2>"$here/notes"
is 'a broken standard of the home costs only itself, and evaluate names it' \
    "$? $(grep -c "TN-3.yaml:9:7: unknown column 'baseline_okk'" "$here/notes")" '0 1'
is 'so does status' "$("$aright" --format csv status | grep -c '^estate,standard TN-3,.*,warn')" 1
fails 'and what asks for it fails' 2 'TN-3.yaml:9:7' "$aright" standard show TN-3
rm -r "$ARIGHT_HOME/standards"
"$aright" evaluate >"$here/evaluated"

# Words of a command line: the status, the words of the sentence, the command.
while IFS='|' read -r status words command; do
    eval "fails \"aright \$command\" \"\$status\" \"\$words\" \"\$aright\" $command"
done <<'T'
2|'frobnicate' is no operation; `aright help` lists them|frobnicate
2|did you mean 'asset list'?|asset lst
2|has no option --kid (did you mean --kind?)|asset list --kid app
2|'asset list' wants --kind: |asset list
4|no kind is named 'ap'; did you mean 'app'?|asset list --kind ap
4|no connector is named 'genric'; 'generic' is|import genric good.ndjson
2|'xml' is no format (want table, json, ndjson or csv)|--format xml status
2|'never' is not a time (want 2026-11-21T09:30:00Z|--asof never status
2|--where:1:1: unknown column 'ownr_count' of kind app; did you mean 'owner_count'?|asset list --kind app --where 'ownr_count > 1'
2|--where:1:14: want a value before the end|asset list --kind app --where 'owner_count >'
2|'app' is not an asset (want KIND:ID)|asset show app
4|no app has the id 'nope'|asset show app:nope
2|want STANDARD/KIND:ID|finding explain x
4|there is no app with the id 'nope'|finding explain TN-3/app:nope
4|there is no waiver W-77|waiver end W-77 --reason 'no longer needed'
2|want one like W-12|waiver end W77 --reason 'no longer needed'
3|a query is a SELECT|query 'DELETE FROM app'
3|a query is a SELECT|query 'CREATE TABLE x (a int)'
3|a query is a SELECT|query "COPY app TO '/tmp/x'"
3|a query is a SELECT|query "ATTACH '/tmp/x.db'"
3|a query is a SELECT|query "SET memory_limit = '100GB'"
3|a query is a SELECT|query 'INSTALL httpfs'
3|a query is a SELECT|query 'PRAGMA version'
3|may not read from read_csv()|query "SELECT * FROM read_csv('/etc/passwd')"
4|no table or view is called /etc/passwd|query "SELECT * FROM '/etc/passwd'"
3|may not read from duckdb_settings()|query 'SELECT * FROM duckdb_settings()'
3|may not call getenv|query "SELECT getenv('HOME')"
3|may not call repeat|query "SELECT repeat('x', 2000000000)"
3|may not read from range()|query 'SELECT * FROM range(100000000)'
3|is outside of what a query sees|query 'SELECT * FROM ar.outbox'
4|no table or view is called ap;|query 'SELECT * FROM ap'
2|want one SELECT, not 2|query 'SELECT 1; SELECT 2'
2|want one SELECT, not 0|query ''
2|syntax error at or near "SELEC"|query 'SELEC 1'
5|ran longer than 2 s (query_seconds)|query 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) AS n FROM t'
T
# to check it takes a minute where nobody ends it
many=$(python3 -c 'print("WITH", ", ".join(f"a{i} AS (SELECT 1)" for i in range(2500)), "SELECT 1")')
fails 'a query that is long to check has no more time than others' 5 \
    'ran longer than 2 s (query_seconds)' "$aright" query "$many"
has=$(seq -s , 32)
{
    printf 'connector: c\ntitle: T\nkind: app\nitems: value\nid: id\ncolumns: {name: "%s"}\n' \
        "[$(for _ in $(seq 30); do printf '^.l | has(%s), ' "$has"; done)1] | count"
} >long.yaml
python3 -c 'print({"value": [{"id": n} for n in range(1000)], "l": ["x"] * 300000})' | tr "'" '"' >long.json
fails 'nor has a connector that is tried' 5 'connector.try ran longer than 2 s (query_seconds)' \
    "$aright" connector try long.yaml long.json
rm "$ARIGHT_HOME/aright.yaml"
fails 'a query that wants all memory gets its share and no more' 5 'failed to allocate' \
    "$aright" query 'SELECT list(a.name || b.name || c.name || d.name) AS l FROM app a, app b, app c, app d'
unchanged 'after all of this every asset, finding, import and waiver is as it was'

# ---- homes ----
wait_locked() { while [ ! -S "$ARIGHT_HOME/run/core.sock" ]; do sleep 0.05; done; }
ok 'a core serves the home' serve
wait_locked
fails 'a second core on the home is refused and names the first' 7 "process" "$aright" serve
fails 'a restore under a running core too' 7 '' "$aright" restore "$ARIGHT_HOME/backup/none"
ok 'the first still answers' "$aright" status
unserve

cp -r "$ARIGHT_HOME" "$here/damaged"
dd if=/dev/urandom of="$here/damaged/estate.duckdb" bs=4096 seek=1 count=3 conv=notrunc 2>/dev/null
cksum <"$here/damaged/estate.duckdb" >"$here/sum"
"$aright" --home "$here/damaged" asset list --kind app >"$here/out" 2>"$here/err"
status=$?
is 'a damaged estate is refused, not read' "$([ $status -gt 0 ] && [ $status -lt 10 ] && echo yes)" yes
holds 'the sentence names the file' "$(cat "$here/err")" estate.duckdb
holds 'and the way out' "$(cat "$here/err")" restore
is 'the damaged file is left as it is' "$(cksum <"$here/damaged/estate.duckdb")" "$(cat "$here/sum")"
done_testing
