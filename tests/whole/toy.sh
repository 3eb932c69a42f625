#!/bin/sh
# toy: a made company comes in and is judged: every fault that was put into it is a finding, nothing
# else is, and each score is what it must be; days later, what was mended is closed, what broke is
# opened, what broke again is opened again, and what is gone is unknown.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
toy=${ARIGHT_TOY:?the program that makes the company}
size=${ARIGHT_TOY_SIZE:-100000}
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

company() { # DAY SIZE FOLDER
    "$toy" --size "$2" --seed 7 --now "$now" --day "$1" "$here/$3"
}

# What the company brought in, and not what aright made of it.
brought="kind NOT IN ('standard', 'waiver', 'work_item')"

# findings FILE: the open ones of kinds that have sources, "id state".
findings() {
    csv query "SELECT id, state FROM finding WHERE closed_at IS NULL AND $brought
               ORDER BY id" | tr , ' ' >"$1"
}

# faults FOLDER FILE: what was put into the company, in the same form.
faults() {
    sed 's|.*"standard":"\(.*\)","kind":"\(.*\)","id":"\(.*\)","state":"\(.*\)".*|\1/\2:\3 \4|' \
        "$here/$1/faults.ndjson" | sort >"$2"
}

# scores FILE: "standard,pass,fail,unknown" of all that has a scope.
scores() {
    "$aright" score --class all --format json | python3 -c '
import json, sys
for r in json.load(sys.stdin):
    if r["scope"]:
        print(r["standard"], r["pass"], r["fail"], r["unknown"], sep=",")' >"$1"
}

# changed OPERATION: how many findings of such kinds the last evaluation opened or closed.
changed() { python3 -c '
import json, sys
print(sum(row[sys.argv[1]] for row in json.load(sys.stdin) if row["kind"] != "work_item"))' "$1" <"$here/judged"; }

judge() { "$aright" evaluate --format json >"$here/judged"; }

# ---- one company, all standards ----
ok 'a company is made' company 1 "$size" day1
ok 'and once more' company 1 "$size" again
ok 'the same seed makes the same company, to the byte' diff -r "$here/day1" "$here/again"
rm -r "$here/again"
ok 'another seed' "$toy" --size 1000 --seed 8 --now "$now" "$here/other"
ok 'and one more' "$toy" --size 1000 --seed 9 --now "$now" "$here/again"
is 'make others' "$(cmp -s "$here/other/faults.ndjson" "$here/again/faults.ndjson" || echo yes)" yes
fails 'a company has a thousand things at least' 2 'from 1000 to' "$toy" --size 999 "$here/small"
fails 'and a folder to be in' 2 'the folder' "$toy" --size 1000
fails 'what is not understood is not passed over' 2 "'--sise'" "$toy" --sise 1000 "$here/small"
fails 'where nothing can be written it says so' 1 '/proc/' "$toy" --size 1000 /proc/toy
ok 'help says what it does' "$toy" --help
ok 'a daemon serves' serve
ok 'its systems are brought in' env ARIGHT_PROGRAM="$aright" sh "$here/day1/import.sh"
is 'as many things as were asked for' \
    "$(csv query 'SELECT (SELECT count(*) FROM asset) + (SELECT count(*) FROM package)
        + (SELECT count(*) FROM unit) + (SELECT count(*) FROM listener)
        + (SELECT count(*) FROM setting) + (SELECT count(*) FROM hook)')" "$size"
ok 'and are judged' judge
faults day1 "$here/faults"
findings "$here/got"
same 'every fault is a finding in its state, and nothing else is' "$here/got" "$here/faults"
scores "$here/got"
"$aright" standard list --format json | python3 -c '
import json, sys
own = ("standard", "waiver", "work_item", "review", "obligation")
print(*(r["id"] for r in json.load(sys.stdin) if r["kind"] not in own), sep="\n")' |
    sort >"$here/standards"
tail -n +2 "$here/day1/score.csv" | sort >"$here/wanted"
grep -F "$(sed 's/$/,/' "$here/standards")" "$here/got" | sort >"$here/judged-scores"
same 'and each standard has the scope and the shares that it must have' \
    "$here/judged-scores" "$here/wanted"
cut -d, -f1 "$here/wanted" >"$here/covered"
same 'no standard of a thing that a source can show is left out' \
    "$here/covered" "$here/standards"
# PE-6 asks whether a thing was seen today, and all of it just was.
[ "$size" -lt 100000 ] ||
    is 'and each is missed by something' \
        "$(awk -F, '$3 + $4 == 0 { print $1 }' "$here/wanted")" PE-6

# ---- numbers ----

"$aright" metric list --format csv >"$here/numbers"
# A small company misses no case.
is 'every number has a value but those of reviews and courses, which nothing brings in' \
    "$(python3 -c 'import csv, sys
print(*(r["id"] for r in csv.DictReader(sys.stdin) if not r["value"] and r["id"] != "KL-7"))' \
        <"$here/numbers")" 'N-18 TR-1'
cut -d, -f1 "$here/numbers" | tail -n +2 | while read -r id; do
    "$aright" metric rows "$id" --format csv | python3 -c 'import csv, sys
rows = list(csv.DictReader(sys.stdin))
print(sys.argv[1], sum(int(r["numerator"]) for r in rows), sum(int(r["denominator"]) for r in rows),
      sum(r["counts"] == "unknown" for r in rows), len(rows))' "$id"
done >"$here/behind"
python3 -c 'import csv, sys
for r in csv.DictReader(sys.stdin):
    print(*(r[k] for k in ("id", "numerator", "denominator", "unknown", "rows")))' \
    <"$here/numbers" >"$here/said"
same 'and the rows behind it are as many as it says' "$here/behind" "$here/said"

# ---- things without an owner who is here ----
is 'what nobody owns who is here waits in its domain for an owner' \
    "$(csv domain list | awk -F, '{ waits += $5 } END { print waits }')" \
    "$(grep -c '^PE-3/' "$here/faults")"
csv owner queue --limit 1000000 | cut -d, -f1 | sort >"$here/got"
sed -n 's|^PE-3/\(.*\) .*|\1|p' "$here/faults" | sort >"$here/wanted"
same 'and stands in the queue, once' "$here/got" "$here/wanted"
is 'whose owner has left names none, or whoever answers for the domain' \
    "$(csv asset list --kind asset --columns owner_id,owner_source \
        --where "owner_source IN ('left', 'default')" | cut -d: -f1 | sort -u | xargs)" \
    ',left team'

# ---- what is in a register, and what only showed itself ----
is 'of the network devices that were seen some are in no register' \
    "$(csv kind list | awk -F, '$1 == "netdev" { print $3, $4, ($4 > 0 && $4 < $3) }')" \
    "$(csv query 'SELECT count(*), count(*) FILTER (inventoried) FROM netdev' | tr , ' ') 1"
is 'and of what no register is a source, nobody says' \
    "$(csv kind list | awk -F, '$1 == "account" { print $4 }')" ''

# ---- systems that disagree: three things of each kind on which they do, and three others ----
sed 's|.*"kind":"\(.*\)","id":"\(.*\)","column":"\(.*\)".*|\1:\2 \3|' \
    "$here/day1/conflicts.ndjson" | sort >"$here/disagree"
{
    awk -F: 'seen[$1]++ < 3 { sub(/ .*/, ""); print }' "$here/disagree"
    for n in 1 2 3; do
        printf '%s\n' "person:p-000000$n" "device:dev-000000$n" "netdev:net-000000$n"
    done
} | sort -u >"$here/sample"
while read -r asset; do
    echo "$asset $(csv asset show "$asset" | sed -n 's/^other,\([^,]*\),.*/\1/p')"
done <"$here/sample" >"$here/got"
awk 'NR == FNR { column[$1] = $2; next } { print $1, column[$1] }' "$here/disagree" "$here/sample" \
    >"$here/wanted"
same 'what one system says instead is shown, and nothing where all agree' \
    "$here/got" "$here/wanted"

is 'nine days later nobody knows any more' \
    "$("$aright" evaluate --asof +9d --format json | python3 -c '
import json, sys
print(sum(r["pass"] + r["fail"] for r in json.load(sys.stdin)
          if r["kind"] not in ("standard", "domain", "waiver")))')" 0

# ---- three days ----
ok 'the daemon ends' unserve
ARIGHT_HOME=$here/days
ok 'a daemon serves another home' serve
small=$((size / 5 < 1000 ? 1000 : size / 5))
for day in 1 2 3; do
    ok "day $day is made" company $day "$small" "days$day"
    ok "day $day is brought in" env ARIGHT_PROGRAM="$aright" sh "$here/days$day/import.sh"
    ok "day $day is judged" judge
    faults "days$day" "$here/faults$day"
    findings "$here/got"
    same "on day $day the findings are its faults" "$here/got" "$here/faults$day"
    cut -d' ' -f1 "$here/faults$day" >"$here/ids$day"
    [ $day -gt 1 ] || continue
    before=$((day - 1))
    is "day $day opens what broke" "$(changed opened)" \
        "$(comm -13 "$here/ids$before" "$here/ids$day" | wc -l)"
    is "day $day closes what was mended" "$(changed closed)" \
        "$(comm -23 "$here/ids$before" "$here/ids$day" | wc -l)"
done
csv query "SELECT id FROM finding WHERE closed_at IS NULL AND episode = 2 AND $brought
           ORDER BY id" >"$here/got"
comm -13 "$here/ids2" "$here/ids3" | comm -12 - "$here/ids1" >"$here/wanted"
same 'what was mended and broke again is in its second episode' "$here/got" "$here/wanted"
[ "$size" -lt 100000 ] || is 'and there was some' "$(head -n 1 "$here/wanted" | wc -l)" 1
ok 'that daemon ends, too' unserve
done_testing
