# What is told of assets between imports: what is taken, what is refused, and where it is seen.
cat >apps.csv <<'X'
id,name,owner_id,env,secret_count
payroll,Payroll,team:pay,production,0
shop,Shop,team:shop,production,0
crm,CRM,team:crm,production,2
X
aright import generic apps.csv --kind app --source cmdb >/dev/null
aright evaluate >/dev/null
seen() { aright finding list --standard ID-5 --format csv | cut -d, -f1,2,6 && aright score --standard ID-5 --format csv | head -n 2; }
echo "# before"
seen
echo "# facts as they come"
cat >facts.ndjson <<'X'
{"kind": "app", "id": "crm", "facts": {"secret_count": 0, "auth_kind": "managed"}}
{"kind": "app", "id": "shop", "observed": "-1h", "facts": {"secret_count": 1}}
{"kind": "app", "id": "shop", "observed": "2026-01-01T10:00:00Z", "facts": {"secret_count": 7}}
{"kind": "app", "id": "portal", "facts": {"name": "Portal", "secret_count": 4}}
{"kind": "apps", "id": "crm", "facts": {}}
{"kind": "app", "id": "crm", "facts": {"secrets": 4}}
{"kind": "app", "id": "crm", "facts": {"secret_count": "four"}}
{"kind": "app", "id": "crm", "observed": "2126-01-01T10:00:00Z", "facts": {}}
{"kind": "repo", "id": "git/crm", "facts": {}}
{"kind": "app", "id": "crm", "secret_count": 4}
{"kind": "app",
X
show aright fact tell --source cmdb facts.ndjson
seen
aright import list --format csv | cut -d, -f2,4,5,9- | grep -v '^ok'
tail -n 1 "$ARIGHT_HOME/log/events.ndjson" | grep -o '"event":"fact[^}]*}' | sed -E 's/2[0-9]{3}-[^ ,"]*Z/TIME/g'
echo "# over a socket, from standard input"
start
echo '{"kind": "app", "id": "crm", "facts": {"secret_count": 5}}' | show aright fact tell --source cmdb -
for _ in 1 2 3 4 5 6 7 8 9 10; do
    aright finding list --standard ID-5 --format csv | grep -q '^ID-5/app:crm,fail' && break
    sleep 0.2
done
seen
stop
echo "# what is not taken at all"
show aright fact tell --source nobody facts.ndjson
show aright fact tell --source cmdb apps.csv
show aright fact tell --source cmdb /nowhere
head -c 1100000 /dev/zero | tr '\0' ' ' >large
show aright fact tell --source cmdb large
