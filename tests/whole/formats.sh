#!/bin/sh
# formats: what a program reads: every list as JSON, NDJSON and CSV that parse, with the same rows
# under the same snake_case names.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

cat >"$here/apps.ndjson" <<'T'
{"id":"a","name":"Payroll, \"the\" one\nand its \\ lines","env":"production","owner_id":"team:web"}
{"id":"b","name":"=cmd()","env":"production","owner_count":-3,"multi_tenant":true}
{"id":"c","name":"Überweisung \u202e 銀行","last_sign_in_at":"2026-01-02T03:04:05.678Z"}
T
ok 'applications with awkward names come in' \
    "$aright" import generic --kind app "$here/apps.ndjson"
ok 'and are judged' "$aright" evaluate
ok 'one is waived' \
    "$aright" waiver grant TN-4/app:a --until +5d --reason 'so that the list has one'
ok 'a daemon serves' serve

# Every operation that lists, as the program itself names them, and some more that print rows.
{
    csv help grants | cut -d, -f2 | grep ' list$' | sed 's/^asset list$/& --kind app/'
    cat <<'T'
asset list --kind asset
asset show app:a
kind show app
score --by pillar --class all
finding explain TN-4/app:a
owner explain app:a
status
config show
help grants
query "SELECT id, name, owner_count, multi_tenant, last_sign_in_at FROM app ORDER BY id"
T
} >"$here/verbs"
is 'there are at least nine lists' "$([ "$(grep -c ' list' "$here/verbs")" -ge 9 ] && echo yes)" yes
while read -r verb; do
    for format in json ndjson csv; do
        eval "\"\$aright\" --format $format $verb" >"$here/$format" 2>"$here/err" </dev/null ||
            note <"$here/err"
    done
    ok "aright $verb" python3 - "$here" <<'P'
import csv, json, pathlib, re, sys
here = pathlib.Path(sys.argv[1])


def once(pairs):
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


rows = json.loads((here / "json").read_bytes().decode(), object_pairs_hook=once)
assert isinstance(rows, list)
lines = [json.loads(line, object_pairs_hook=once)
         for line in (here / "ndjson").read_bytes().decode().split("\n")[:-1]]
assert lines == rows, "ndjson has other rows than json"
with open(here / "csv", newline="", encoding="utf-8") as file:
    head, *table = csv.reader(file, strict=True)
assert len(set(head)) == len(head), head
for name in head:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), name
for row in rows:
    assert list(row) == head, (list(row), head)
assert len(table) == len(rows), (len(table), len(rows))


def text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value  # a formula to a spreadsheet
    return value if isinstance(value, str) else json.dumps(value)


for cells, row in zip(table, rows):
    for cell, (name, value) in zip(cells, row.items()):
        same = cell == text(value)
        if isinstance(value, float):
            same = float(cell) == value
        assert same, (name, cell, value)
P
done <"$here/verbs"
is 'a list of nothing is an array of nothing' \
    "$("$aright" asset list --kind app --where 'FALSE' --format json | tr -d ' \n')" '[]'
is 'and a heading as CSV' \
    "$("$aright" asset list --kind app --where 'FALSE' --columns id --format csv | tr -d '\r')" id
is 'what has control characters is shown, not obeyed' \
    "$("$aright" asset list --kind app --columns name | grep -c 'lines\|\\n')" 1
is 'nor is text turned round' "$("$aright" asset list --kind app --columns name | grep -c '\\u202e')" 1
ok 'the daemon ends' unserve
done_testing
