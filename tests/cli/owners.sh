# Whose things are: what the owner verbs answer, and what is taken away with a source.
mkdir -m 700 "$ARIGHT_HOME"
printf "people:\n  - {person: 'person:kim', uid: %s, grants: [all]}\n" "$(id -u)" >"$ARIGHT_HOME/people.yaml"
cat >"$ARIGHT_HOME/owners.yaml" <<'T'
owners:
  - {id: 'division:engineering', domain: engineering}
  - {id: 'team:web', in: 'division:engineering', aliases: [acme/web]}
  - {id: 'team:data', in: 'division:engineering'}
  - {id: 'person:kim', in: 'team:web'}
  - {id: 'person:lee', in: 'team:data', left: 2026-01-31}
domains:
  - {id: engineering, owner: 'division:engineering', default: true}
T
printf 'id,name,owner_id\nledger,Ledger,team:data\nshop,Shop,acme/web\nwiki,Wiki,person:lee\n' >cmdb.csv
printf 'id,hostname,serial\nh1,web-1,S-1\n' >agent.csv
printf 'id,hostname,serial\n1,web-1,S-1\n2,web-2,S-2\n' >mdm.csv
aright import generic cmdb.csv --kind app --source cmdb >/dev/null
printf 'id,owner_id\nshop,team:data\nledger,someone@example.org\n' >portal.csv
aright import generic portal.csv --kind app --source portal >/dev/null
aright import generic agent.csv --kind device --source agent >/dev/null
aright import generic mdm.csv --kind device --source mdm >/dev/null
show aright owner list
show aright owner status
show aright owner explain app:shop
show aright owner explain app:ledger
show aright owner explain app:nobodys
echo '# an asset has the id of its first row; the id that another source has leads to it'
show aright owner explain device:1
show aright asset show device:1
echo '# the queue, and what is no queue'
show aright owner queue --domain engineering
show aright owner queue --team team:data
show aright owner queue --team team:date
show aright owner queue --domain engineerin
show aright owner queue --kind devise
show aright owner queue --limit 0
echo '# a claim is for oneself or for a team of ones own; others are assigned'
show aright owner claim
show aright owner claim app:wiki --kind app --where true
show aright owner claim app:wiki --dry-run
show aright owner claim app:wiki
show aright owner claim app:wiki --for team:data
show aright owner assign app:wiki
show aright owner assign app:wiki --to team:wen
show aright owner assign app:wiki --to person:lee
show aright owner assign app:wiki --to team:web
show aright owner assign --kind device --where "hostname LIKE 'web-%'" --to team:web
echo '# the later one holds; what nobody claims is not released'
show aright owner claims
show aright owner claims --state outweighed
show aright owner claims --state gone
show aright owner release app:wiki app:shop
show aright owner release app:wiki
show aright owner claims
echo '# what came under a wrong name goes again; what another source shows too stays'
show aright source list
show aright source remove mdn
show aright source remove mdm --kind app
show aright source remove mdm --dry-run
show aright source remove mdm
show aright source remove cmdb
show aright asset list --kind app
show aright import list
