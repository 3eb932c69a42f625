# The life of a standard: recorded at its gates, then denying, then retired.
home=$ARIGHT_HOME
mkdir -m 700 "$home"
mkdir "$home/kinds" "$home/standards"
cat >"$home/kinds/box.yaml" <<'END'
kind: box
title: Box
meaning: A computer.
columns:
  patched: {type: bool, meaning: Whether it has the last patch.}
END
cat >"$home/standards/BX-1.yaml" <<'END'
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
stay: {gate: [box.create], mode: audit, on_error: closed, needs: row}
tests: {pass: [{patched: true}], fail: [{patched: false}], unknown: [{}]}
END
decide() { echo "$1" | aright gate decide --gate box.create - 2>&1 | grep -oE 'denies it|none|audit|warn' | head -1; }
echo "# in audit it is recorded, and people say whether it was right"
decide '{"id": "a", "patched": true}'
decide '{"id": "b", "patched": false}'
decide '{"id": "c"}'
show aright gate answer G-1 yes
show aright gate answer G-2 yes
show aright gate answer G-3 no
echo "# what it would deny"
show aright standard promote BX-1 --to deny --dry-run
show aright standard promote BX-1 --to deny
show aright standard promote BX-1 --to deny --reason 'a month without a wrong word'
grep '^stay' "$home/standards/BX-1.yaml"
decide '{"id": "b", "patched": false}'
echo "# a shipped one stays as it is; the home's own takes its place, in the same version"
aright evaluate >/dev/null
shipped=$(aright standard show EN-3 | awk '$1 == "file" { print $2 }')
show aright standard promote EN-3 --to audit --reason 'the new forge is not ready'
grep -c . "$home/standards/EN-3.yaml"
diff "$home/standards/EN-3.yaml" "$shipped"
aright standard list --format csv | grep -E '^(EN-3|BX-1),' | cut -d, -f1,8,9
echo "# retired: its findings close, its numbers leave, the bridge sums"
printf 'id,patched\na,true\nb,false\n' | aright import generic --kind box --source cmdb - --format csv >/dev/null
aright snapshot take --name before >/dev/null
show aright standard retire BX-1 --reason 'there are no boxes any more'
day() { sed -E 's/retired on [0-9-]+/retired on DAY/'; }
show aright standard show BX-1 | day
aright snapshot take --name after >/dev/null
show aright snapshot bridge --standard BX-1
aright query "SELECT id, close_reason FROM finding WHERE standard_id = 'BX-1'"
grep -o '"event":"standard.[a-z]*".*' "$home/log/events.ndjson" | grep -o '"standard":.*' | sed 's/}*$//'
echo "# what is refused"
show aright standard retire BX-1 --reason 'there are no boxes any more' | day
show aright standard retire EN-4 --reason no
show aright standard promote EN-3 --to audit --reason 'the new forge is not ready'
show aright standard promote GV-1 --to deny --reason 'leaders should be stopped'
show aright standard promote EN-33 --to deny --reason 'leaders should be stopped'
sed 's/BX-1/BX-2/; s/fail: \[{patched: false}\]/fail: [{patched: true}]/; /^retired/d' "$home/standards/BX-1.yaml" >"$home/standards/BX-2.yaml"
show aright standard promote BX-2 --to warn --reason 'it should be said'
echo "# a daemon does the same"
start
show aright standard promote EN-3 --to deny --reason 'the new forge is ready'
show aright standard retire KL-4 --reason 'segments are judged elsewhere'
stop
ls "$home/standards"
