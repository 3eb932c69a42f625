# A weekly review over a frozen snapshot: what moved, what is decided, what the next one opens with.
home=$ARIGHT_HOME
box_home
box_standard patched 'get: {due: 30d, action: patch}'
# the shipped standards move too: how is no matter here
only() { sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DAY/g; s/: [0-9]+ of [0-9]+ checks/: N of M checks/' | grep -E '^(- (BX-|A-|Snap)|[^-]|$)'; }
echo "# there is nothing to look at without a snapshot"
show aright review open --kind weekly
show aright review list
printf 'id,patched\na,true\nb,false\n' | boxes
aright snapshot take --name first >/dev/null
show aright review open --kind weekly --chair person:dee
show aright review decide R-1 'Boxes are patched within a week' --standard BX-1
show aright review act R-1 'Patch box b' --owner team:boxes --due +7d
show aright review close R-1 --attended person:dee --attended person:kim
echo "# the next one opens with what is left, and looks at what changed since"
printf 'id,patched\na,false\nb,true\nc,true\nd,false\n' | boxes
aright snapshot take --name second >/dev/null
show aright review open --kind weekly --due +1d
aright review show R-2 | only
show aright review done A-1 --note 'patched by hand'
aright review show R-2 | grep -A 2 'earlier reviews'
show aright review list
echo "# what standards say of it"
aright evaluate >/dev/null
aright query "SELECT id, kind, attendees, actions_open_overdue, snapshot_hash IS NOT NULL AS frozen FROM review ORDER BY id"
echo "# what is refused"
show aright review decide R-1 'One thing more'
show aright review act R-2 'Patch' --owner team:boxes --due -1d
show aright review act R-2 'Do' --owner team:boxes --due +1d
show aright review decide R-2 'Something' --standard BX-9
show aright review done A-1
show aright review done A-9
show aright review show 2
show aright review show R-9
echo "# who decides second is told of the first"
as() {
    printf 'people:\n  - {person: "person:%s", uid: %s, grants: [all]}\n' "$1" "$(id -u)" >"$home/people.yaml"
    shift
    show aright "$@"
}
as kim review decide R-2 'Boxes may wait until spring' --standard BX-1
as kim review decide R-2 'Box d goes first' --standard BX-1
as sam review decide R-2 'No box waits' --standard BX-1
rm "$home/people.yaml"
echo "# the report is made from the same snapshots"
show aright report progress --from second
aright report progress | grep -E '\(on [A-Z]|^### Gov'
