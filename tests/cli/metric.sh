# Numbers: what they come to, what is behind them, and files of one's own.
home=$ARIGHT_HOME
mkdir -m 700 "$home"
mkdir "$home/kinds" "$home/metrics"
cat >"$home/kinds/box.yaml" <<'YAML'
kind: box
title: Box
meaning: A computer.
columns:
  patched: {type: bool, meaning: Whether it has the last patch.}
  checked_at: {type: time, meaning: When somebody looked at it.}
  bought_at: {type: time, meaning: When it was bought.}
  seen: {type: int, meaning: How many people were seen at it.}
  known: {type: int, meaning: How many of those are known.}
YAML
metric() { # ID, what it is
    {
        printf 'id: %s\ntitle: %s\nreport: Of a made report.\npillar: networks\nkind: box\n' "$1" "Number $1"
        printf 'unit: boxes\nexplain: [patched]\ntests: [{value: null, rows: []}]\n%s\n' "$2"
    } >"$home/metrics/$1.yaml"
}
metric BX-1 'form: ratio
numerator: patched
target: 0.9'
metric BX-2 'form: ratio
numerator: known
denominator: seen'
metric BX-3 'form: cap
value: checked_at
since: bought_at
target: 7'
metric BX-4 'form: cadence
on_time: checked_at > :asof - INTERVAL :days DAY
params: {days: 30}'
metric BX-5 'form: floor
value: seen
target: 1'
cat >"$home/metrics/BX-6.yaml" <<'YAML'
id: BX-6
title: Boxes removed
report: Of a made report.
pillar: networks
kind: box
form: count
where: deleted_at IS NOT NULL
unit: boxes
explain: [deleted_at]
tests: [{value: 1, numerator: 1, unknown: 0, rows: [{deleted_at: -1d}, {}]}]
YAML
# the shipped metrics are listed too: how many those are is no matter here
list() { aright metric list --format csv "$@" | tr -d '\r' | grep -E '^(id|BX)' | cut -d , -f 1,3-13; }
echo "# before there is anything"
list
echo "# with four boxes"
printf 'id,patched,checked_at,bought_at,seen,known,deleted_at\na,true,2026-01-03,2026-01-01,4,4,\nb,false,2026-01-12,2026-01-01,2,1,\nc,,,,3,,\nd,true,2026-01-02,2026-01-01,9,9,2026-02-01\n' |
    aright import generic --kind box --source cmdb - --format ndjson >/dev/null
list
list --pillar networks | wc -l
list --pillar tenants | wc -l
show aright metric show BX-1
show aright metric rows BX-1
show aright metric rows BX-2 --format csv | tr -d '\r'
show aright metric rows BX-3 --format json
show aright metric rows BX-6 --limit 1
echo "# the SQL that it shows comes to the same"
aright metric show BX-2 --sql --format json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["sql"])' >sql
show aright query "$(cat sql)" | tail -n 2
echo "# a file of one's own"
show aright metric check "$home/metrics/BX-6.yaml"
sed 's/value: 1,/value: 2,/' "$home/metrics/BX-6.yaml" >wrong.yaml
show aright metric check wrong.yaml
sed 's/deleted_at IS/deletd_at IS/' "$home/metrics/BX-6.yaml" >"$home/metrics/BX-7.yaml"
sed -i 's/^id: BX-6/id: BX-7/' "$home/metrics/BX-7.yaml"
show aright metric check "$home/metrics/BX-7.yaml"
echo "# what it was, snapshot by snapshot"
show aright metric trend BX-1
aright snapshot take --name first >/dev/null
show aright metric trend BX-1
show aright metric trend --limit 0
echo "# a bad one costs only itself"
aright metric list --format csv 2>&1 | tr -d '\r' | grep -E '^(BX-[67]|aright)|BX-7' | cut -d , -f 1,3-13
aright status --format csv | grep -E '^estate,metric'
show aright metric show BX-7
echo "# what is refused"
show aright metric show BX-9
show aright metric rows BX-1 --limit 0
show aright metric list --pillar network
