# How every standard stands, frozen; and what led from one snapshot to the next.
box_home
# the shipped standards are judged too: how many those are is no matter here
take() { show aright snapshot take "$@" | grep -Ev '^(scope|pass|share|changes) '; }
box_standard patched
echo "# before there is any"
show aright snapshot list
show aright snapshot show
show aright snapshot bridge
echo "# two, and what changed between them"
printf 'id,patched\na,true\nb,false\nc,true\nd,\ne,true\n' | boxes
take --name before
show aright snapshot bridge
printf 'id,patched,deleted_at\na,true,\nb,true,\nc,false,\nd,true,\ne,true,2026-01-01\nf,true,\n' | boxes
take --name after
show aright snapshot bridge --standard BX-1
show aright snapshot changes --standard BX-1
show aright snapshot changes --standard BX-1 --line fixed --format csv
show aright finding ages --standard BX-1
show aright finding ages --standard BX-1 --asof +40d --format csv
echo "# another version of a standard is another standard"
box_standard 'patched OR name IS NULL'
take --name changed
show aright snapshot bridge --standard BX-1
show aright snapshot show --domain -
show aright snapshot bridge --standard BX-1 --from before --format csv
echo "# a snapshot is one time, later than the last, under a name of its own"
show aright snapshot take --name after
show aright snapshot take --asof 2020-01-01
show aright snapshot show never
show aright snapshot bridge --from after --to after
aright snapshot list | cut -d ' ' -f 1
show aright snapshot check
echo "# how it went, snapshot by snapshot"
show aright snapshot trend --standard BX-1
show aright snapshot trend --standard BX-1 --limit 1 --by domain --format csv
show aright snapshot trend --pillar networks
show aright snapshot trend --standard BX-2
