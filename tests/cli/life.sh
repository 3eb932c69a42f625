# Lives: vended, warned, quarantined, brought back, deleted; by a life cycle of seconds.
home=$ARIGHT_HOME
mkdir -m 700 -p "$home"
mkdir "$home/actions" "$home/lifecycles" blocked
cat >"$home/actions/block-tenant.yaml" <<'A'
action: block-tenant
title: Block sign-in to a tenant
kind: tenant
do: {command: [touch, '{default_domain}']}
check: {command: [test, -e, '{default_domain}']}
undo: {command: [rm, '{default_domain}']}
A
cat >"$home/lifecycles/tenant.yaml" <<'L'
lifecycle: tenant
title: A life of seconds
used: last_activity_at
class: class
classes:
  ephemeral: {life: 90d}
  production:
idle: {after: 90d, sources: 2, fresh: 7d}
notice: {times: 1, answer: 1s}
quarantine: {for: 1s, action: block-tenant}
soft_delete: {for: 1s}
purge: {}
batch: {most: 4, two_persons_above: 2}
stop: {restores: 10%, within: 30d, least: 3}
L
tenant() { echo "{\"id\": \"$1\", \"class\": \"production\", \"owner_id\": \"team:lab\"," \
    "\"inventoried\": true, \"default_domain\": \"$2\", \"last_activity_at\": \"$(date -u -d "$3" +%FT%TZ)\"}"; }
{ tenant old "$PWD/blocked/old" '-100 days'; tenant odd "$PWD/none/odd" '-120 days'; tenant new "$PWD/blocked/new" now; } >shown
for source in directory billing; do
    aright import generic --kind tenant --source $source shown >/dev/null
done
aright new tenant lab --owner team:lab --class ephemeral --set contact=l@example.org --set purpose=trial --expires +60d >/dev/null 2>&1
life() { show aright life "$@" | sed -E 's/ +/ /g'; }
echo "# what there is"
show aright action list
show aright lifecycle list
show aright life list
show aright life list --due any
echo "# a step is dry first"
life step quarantine tenant:old
life step warn --kind tenant
life step warn --kind tenant --confirm
sleep 1.1
life step quarantine tenant:old
life step quarantine tenant:old --confirm
show ls blocked
life step quarantine tenant:odd --confirm
show aright life show tenant:odd
echo "# and back"
life undo RC-3
life undo RC-3 --confirm
show ls blocked
life undo RC-3 --confirm
life undo RC-1
show aright life show tenant:old
show aright life answer tenant:new keep --because 'it is used each day'
show aright life answer tenant:old
echo "# vended"
show aright life approve tenant:lab
show aright life extend tenant:lab --until +100d --because 'the trial goes on'
show aright life extend tenant:lab --until +80d --because 'the trial goes on'
echo "# a whole kind"
show aright life iterate tenant
show aright life iterate tenant --end
echo "# what is refused"
life step warn
life step warn tenant:nobody
life step warn app:x tenant:old
life step fire tenant:old
life step warn --kind device
life step quarantine --batch B-1
life undo L-1
life undo RC-99
show aright life list --kind device
sed -i 's/two_persons_above: 2/two_persons_above: 9/' "$home/lifecycles/tenant.yaml"
show aright lifecycle check "$home/lifecycles/tenant.yaml"
show aright life list
grep -o '"event":"life[^}]*' "$home/log/events.ndjson" | sed -E 's/"args".*"(kind|results|receipt|batch|undoes)":/…"\1":/' | tail -4
