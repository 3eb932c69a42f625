#!/bin/sh
# lookup: whatever is killed while verdicts change, a gate that is asked by id says what the estate
# said before or what it says now, and in the end exactly what it says now.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
rounds=${ARIGHT_TEST_LONG:+20}
rounds=${rounds:-3}
things=3000
mkdir -p "$ARIGHT_HOME/kinds" "$ARIGHT_HOME/standards"
chmod 700 "$ARIGHT_HOME"
cat >"$ARIGHT_HOME/kinds/box.yaml" <<'T'
kind: box
title: Box
meaning: A computer.
columns:
  patched: {type: bool, meaning: Whether it has the last patch.}
T
cat >"$ARIGHT_HOME/standards/BX-1.yaml" <<'T'
id: BX-1
class: standard
title: Boxes are patched
statement: Every box has the last patch.
pillar: networks
kind: box
pass: patched
right: Patch it.
risk: 2
owner: team:boxes
explain: [patched]
stay: {gate: [box.use], mode: deny, on_error: closed, needs: lookup}
get: {due: 30d, action: patch}
tests: {pass: [{patched: true}], fail: [{patched: false}], unknown: [{}]}
T
# boxes ROUND: box N is patched when (N + ROUND) % 3 is not 0, but for b0, which always is.
boxes() {
    awk -v r="$1" -v n=$things 'BEGIN { print "id,patched"; for (i = 0; i < n; i++)
        printf "b%d,%s\n", i, i == 0 || (i + r) % 3 ? "true" : "false" }' >"$here/boxes.csv"
    "$aright" import generic --kind box --source cmdb "$here/boxes.csv" >/dev/null 2>&1
}
asked() { "$aright" gate decide --gate box.use --asset "box:$1" --format csv 2>/dev/null | sed -n '2s/^[^,]*,\([a-z]*\),[^,]*,\([a-z]*\),.*/\1 \2/p'; }
# wrong ROUND: of some boxes, how many are judged otherwise than that round's facts are.
wrong() {
    n=0
    for i in 0 1 2 3 100 101 102 2998 2999; do
        wanted='true pass'
        [ $i != 0 ] && [ $(((i + $1) % 3)) = 0 ] && wanted='false fail'
        [ "$(asked b$i)" = "$wanted" ] || n=$((n + 1))
    done
    echo $n
}
boxes 0
is 'before anything was judged nothing is known' "$(asked b1)" 'false unknown'
"$aright" evaluate >/dev/null 2>&1
is 'then what the estate has is' "$(wrong 0)" 0
is 'and what it has not is not' "$(asked nowhere)" 'false unknown'
ok 'a daemon serves' serve
is 'the gate says the same' "$(wrong 0)" 0
boxes 1
"$aright" evaluate >/dev/null 2>&1
is 'and at once what was judged anew' "$(wrong 1)" 0

# ---- killed while it is written ----
round=1
odd=0
while [ $round -le "$rounds" ]; do
    round=$((round + 1))
    boxes $round
    "$aright" evaluate >/dev/null 2>&1 &
    judging=$!
    sleep "0.$((round * 7 % 5))$((round * 3 % 10))"
    kill -9 "$(sed -n 's/.*"message":"core is process \([0-9]*\)".*/\1/p' "$here/serve.log" | tail -n 1)" 2>/dev/null
    wait $judging 2>/dev/null
    [ "$(asked b0)" = 'true pass' ] || odd=$((odd + 1))
    [ "$(asked nowhere)" = 'false unknown' ] || odd=$((odd + 1))
done
is 'however it was killed, what stays as it is is known' "$odd" 0
for _ in $(seq 50); do "$aright" evaluate >/dev/null 2>&1 && break; sleep 0.2; done
is 'in the end the gate says what the estate says' "$(wrong $round)" 0
is '… of all of them' "$(csv finding list --standard BX-1 | wc -l)" \
    "$(awk -F, 'NR > 1 && $2 == "false"' "$here/boxes.csv" | wc -l)"
is 'no segment is left that is not named' \
    "$(find "$ARIGHT_HOME/lookup" -name '*.verdict' | sed 's/.*\///; s/\.verdict//' | sort | xargs)" \
    "$(grep -o '"id":"[0-9a-f]\{16\}"' "$ARIGHT_HOME/lookup/index" | cut -d'"' -f4 | sort | xargs)"

# ---- cut, and gone ----
for file in "$ARIGHT_HOME"/lookup/*.verdict; do cp "$file" "$file.cut" && truncate -s 5000 "$file.cut" && mv "$file.cut" "$file"; done
sed -i 's/"evaluation":\([0-9]*\)/"evaluation":\1 /' "$ARIGHT_HOME/lookup/index"
is 'a damaged index denies' "$(asked b0)" 'false unknown'
"$aright" gate cost >/dev/null 2>&1
is '… and the core writes it anew' "$(wrong $round)" 0
rm -r "$ARIGHT_HOME/lookup"
is 'so does one that is gone' "$(asked b0)" 'false unknown'
"$aright" gate cost >/dev/null 2>&1
is '… and is there again' "$(wrong $round)" 0
unserve
done_testing
