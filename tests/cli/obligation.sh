# Obligations: what is declared beside what the standards that answer it come to, and where the two
# do not agree.
home=$ARIGHT_HOME
mkdir -m 700 "$home"
mkdir "$home/kinds" "$home/standards" "$home/obligations"
cat >"$home/kinds/box.yaml" <<'END'
kind: box
title: Box
meaning: A computer.
columns:
  patched: {type: bool, meaning: Whether it has the last patch.}
  locked: {type: bool, meaning: Whether it is locked away.}
END
standard() { # ID, column, what it answers
    cat >"$home/standards/$1.yaml" <<END
id: $1
class: standard
title: Boxes are $2
statement: Every box is $2.
pillar: networks
kind: box
pass: $2
right: See to it.
risk: 2
owner: team:boxes
explain: [$2]
maps: {act: [$3], nist-800-53: [si-2]}
tests: {pass: [{$2: true}], fail: [{$2: false}], unknown: [{}]}
END
}
standard BX-1 patched '1, 2'
standard BX-2 locked '2, 9'
cat >"$home/obligations/act.yaml" <<'END'
catalog: act
title: The box act
owner: team:law
obligations:
  - {id: 1, group: Care, text: Boxes are patched., declared: complete, at: 2026-01-01}
  - {id: 2, group: Care, text: Boxes are safe.}
  - {id: 3, text: Boxes are painted., declared: complete, at: 2026-01-01, note: Says the vendor.}
END
echo "# nothing was judged yet"
show aright obligation list --catalog act
printf 'id,patched,locked\na,true,true\nb,true,false\n' >boxes.csv
aright import generic --kind box --source cmdb boxes.csv >/dev/null
aright evaluate >/dev/null
echo "# what is declared, and what is"
show aright obligation list --catalog act
show aright obligation show nist-800-53/si-2
echo "# four snapshots on end make it complete"
for i in 1 2 3 4; do aright snapshot take --name "w$i" >/dev/null; done
show aright obligation declare act/1 in_progress --note 'until the audit has been here'
show aright obligation declare act/3 not_applicable --note 'our boxes have no paint'
show aright obligation list --catalog act --gaps
aright obligation list --catalog act --format csv | cut -d, -f1,3,4,8
echo "# it is judged itself"
aright evaluate >/dev/null
aright query "SELECT id, standard_count, evidence_at IS NOT NULL AS evidence, status FROM obligation ORDER BY id"
show aright finding list --standard GV-5
echo "# what is shipped is for reading until something is declared of it"
aright obligation declare csrb/1 complete --note 'we are a small company' >/dev/null
aright query "SELECT id, status FROM obligation WHERE framework = 'csrb'"
grep -o '"event":"obligation.declared".*"note":"[^"]*"' "$home/log/events.ndjson" | sed 's/.*"obligation":/"obligation":/'
echo "# what is refused"
show aright obligation list --catalog akt
show aright obligation show act/11
show aright obligation declare act/2 done --note 'as far as we know'
show aright obligation declare act/2 complete --note yes
sed -i 's/text: Boxes are safe./txt: Boxes are safe./' "$home/obligations/act.yaml"
show aright obligation list
aright evaluate >/dev/null && echo 'all else is judged'
aright status | grep obligations
