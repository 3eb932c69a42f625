# Writing a connector: what helps, and what is said of what is wrong.
connector() {
    {
        printf 'connector: apps\ntitle: Applications\nkind: app\n'
        cat
    } >apps.yaml
    show aright connector try apps.yaml "$1"
}
cat >apps.json <<'T'
{"value": [
  {"appId": "a", "displayName": "Ledger", "createdDateTime": "2026-01-02T03:04:05Z", "owners": [{}],
   "web": {"url": "https://ledger.example"}, "lastSignIn": "N/A"},
  {"appId": "b", "displayName": "Payroll", "createdDateTime": "soon", "owners": []},
  {"displayName": "Nobody"}
]}
T
echo '# a draft takes what is called like a column, and names the rest'
show aright connector new apps.json --kind app | sed '/^# columns that nothing fills/,$d'
show aright connector new apps.json --kind appp
printf '[{"app id": "x", "os": {"2nd": 1, "host name": "h"}, "it'"'"'s `": true, "owner-id": 7}]' >odd.json
show aright connector new odd.json --kind device | sed '/^# columns that nothing fills/,$d'
printf '[]' >empty.json
show aright connector new empty.json --kind app
echo '# … items that lie deeper are found where one says, and a draft of nothing is one all the same'
printf '{"meta": {"page": 1}, "errors": [], "data": {"teams": [{"hosts": [{"sn": 1}]}]}}' >deep.json
show aright connector new deep.json --kind device
show aright connector new deep.json --kind device --items data.teams --items hosts >deep.yaml
show sed '/^# columns that nothing fills/,$d' deep.yaml
sed -i 1d deep.yaml
show aright connector try deep.yaml deep.json
printf 'App ID,App Name,Owner\na,Ledger,kim\n' >titles.csv
show aright connector new titles.csv --kind app | sed '/^# columns that nothing fills/,$d'
echo '# trying tells what comes, what cannot be read, what stays empty and what is left over'
connector apps.json <<'T'
id: appId
columns: {name: displayName, created_at: createdDateTime, owner_count: owners | count, emergency_contact: phone}
T
connector apps.json <<'T'
bad_rows: skip
id: displayName | null_if(Nobody) ?? 'Ledger'
T
echo '# a file that is wrong says where'
connector apps.json <<'T'
id: appId
columns: {nam: displayName}
T
connector apps.json <<'T'
id: appId
columns: {owner: displayName}
T
connector apps.json <<'T'
id: appId
columns: {users: displayName}
T
connector apps.json <<'T'
id: appId
columns:
  name: Display Name
T
connector apps.json <<'T'
id: appId
columns:
  env: stage | map(prod: production)
T
connector apps.json <<'T'
items: value | eech(appId)
id: appId
T
echo '# … and where no item counts, that'
connector apps.json <<'T'
items: value
where: type | is(app)
id: appId
T
connector apps.json <<'T'
items: values
id: appId
T
echo '{"error": {"code": "TokenExpired", "message": "Sign in again."}}' >error.json
connector error.json <<'T'
items: value
id: appId
T
echo '<!DOCTYPE html><html><head><title>Sign in</title></head></html>' >page.json
connector page.json <<'T'
id: appId
T
echo '# what is shipped can be begun from'
show aright connector show osquery-hosts
show aright connector show osquery-host
echo '# a row that is skipped is counted and named, and the import is kept with it'
mkdir -p "$ARIGHT_HOME/connectors"
printf 'connector: apps\ntitle: T\nkind: app\nid: id\nbad_rows: skip\ncolumns: {owner_count: n}\n' \
    >"$ARIGHT_HOME/connectors/apps.yaml"
printf 'id,n\na,1\nb,2\nc,3\n' >good.csv
printf 'id,n\na,1\nb,many\n' >bad.csv
show aright import apps good.csv
show aright import apps bad.csv
show aright import list --format ndjson
printf 'partial: more\n' >>"$ARIGHT_HOME/connectors/apps.yaml"
printf 'id,n,more\na,1,\nb,2,yes\n' >part.csv
show aright import apps part.csv
