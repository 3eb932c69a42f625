# Cases: reported, decided by a table, followed to their end; nothing waits for the clock.
home=$ARIGHT_HOME
mkdir -m 700 "$home"
cat >"$home/owners.yaml" <<'E'
owners:
  - {id: 'team:web', name: Web, domain: shop}
  - {id: 'person:dee', name: Dee}
domains:
  - {id: shop, name: Shop, deputy_ciso: 'person:dee'}
E
echo '{"id": "shop", "owner_id": "team:web", "criticality": 5}' |
    aright import generic --kind app --source cmdb - >/dev/null
list() { show aright case list "$@" | sed -E 's/ +/ /g'; }
echo "# reported"
show aright case open 'any password opens it' --reporter outside --contact ada@example.org \
    --asset app:shop --point exploitation=active --description 'Type x; you are in.'
show aright case open 'who reads our mail' --kind incident --reporter inside
show aright case open 'old library' --reporter inside --owner team:web --kev-due -1d
list
list --asof +60h --state at_risk
echo "# the scorecard: of each domain, division, team, owner"
show aright case count --asof +60h
show aright case count --asof +60h --by owner --format csv | tr -d '\r'
show aright case count --by team --owner team:web
list --domain shop
list --domain -
list --owner team:web --state overdue
echo "# on its way"
show aright case signal
show aright case stage VC-1 triaged --point mission=medium --because 'only the test shop is open'
show aright case stage VC-1 deploying
show aright case stage VC-1 triaged
show aright case stage VC-1 triaged --because 'the first fix broke the till'
show aright case stage VC-1 triaged --point mission=low
show aright case stage VC-1 mitigated
show aright case stage VC-2 mitigated
echo "# closed"
show aright case close VC-1 --learning no
show aright case close VC-1 --learning no --because 'AU-1 says it already' --cwe CWE-287 --reason capacity
show aright case close VC-1 --learning no --because 'AU-1 says it already' --cwe CWE-287
show aright case close VC-2 --learning no --because 'a known class' --cwe CWE-1395
show aright case close VC-2 --learning no --because 'a known class' --cwe CWE-1395 --reason third_party_dependency
show aright case show VC-1
show aright case reasons
show aright case count --by division
show aright case count --since +1d
list --state missed
list
grep -o '"event":"case[^}]*' "$home/log/events.ndjson" | sed -E 's/"args".*"case":/…"case":/'
echo "# what the estate knows of them"
show aright asset list --kind vcase --columns id,owner_id,severity,cwe_id,miss_reason
echo "# a table of one's own"
mkdir "$home/tables"
table() { printf 'table: incident\ntitle: Ours\nkind: incident\npoints:\n%s\noutcomes:\n%s\nrows: %s\n' \
    '  scope: {meaning: How far it goes., values: [team, all], assume: [team, team, team, all, all]}' \
    '  calm: {due: 7d, severity: low}' "$1" >"$home/tables/incident.yaml"; }
table '[[team, calm]]'
show aright case open 'x' --kind incident --reporter inside
table '[[team, calm], [all, calm]]'
show aright case open 'x' --kind incident --reporter inside --point severity=high
show aright case open 'x' --kind incident --reporter inside --point scope=all
echo "# what is refused"
show aright case stage VC-9 triaged
show aright case stage VC-1 closed
show aright case close IN-1 --learning no
show aright case close VC-2 --learning no --reason laziness
show aright case list --limit 0
