# New things start right: judged before anything is made, registered, and their files written.
new() { show aright new "$@"; }
echo "# what there is"
show aright template list
show aright template show tenant
echo "# a wrong one is refused, and the gate denies the same change in the same words"
repo='repo shop --owner team:web --set reviewers=@acme/web'
new $repo --set presence=false --into shop
ls shop 2>&1
aright new $repo --dry-run --format json | sed -n 's/.*"part":"asset".*"text":"\(.*\)"}.*/\1/p' | sed 's/\\"/"/g' >right.json
sed 's/"presence_required":true/"presence_required":false/' right.json >wrong.json
aright gate decide --gate repo.create right.json --format csv | cut -d, -f2-5
aright gate decide --gate repo.create wrong.json --format csv 2>&1 | cut -d, -f2-6
echo "# a right one is registered, and its files are written"
new $repo --dry-run --into shop
ls shop 2>&1
new $repo --into shop
find shop -type f | sort
cat shop/CODEOWNERS shop/README.md shop/.github/workflows/build.yml
aright asset show repo:shop --format csv | tr -d '\r' | grep -E '^fact,(owner_id|created_via|inventoried|inventoried_at|source|push_protection),' | cut -d, -f1-3,5
echo "# the same words make nothing new; others are told"
new $repo --into shop
new $repo --into again | grep -E '^asset|README'
new $repo --set ssh=false
new $repo --class ephemeral
echo 'id,name' >others.csv; echo 'theirs,theirs' >>others.csv
aright import generic others.csv --kind repo --source cmdb >/dev/null
new repo theirs --owner team:web --set reviewers=@acme/web
echo "# what does not last"
tenant='tenant trial --owner team:web --set contact=a@example.org'
new $tenant --set purpose='To try, and to drop' --expires +91d
new $tenant --set purpose='To try, and to drop' --expires +30d --into trial
sed -E 's/"TIME"/"T"/' trial/tenant-request.json
aright asset show tenant:trial --format csv | tr -d '\r' | grep -E '^fact,(class|expires_at|emergency_contact),' | cut -d, -f1-3,5
echo "# what is refused"
new repos shop --set reviewers=x
new repo ../shop --set reviewers=x
new repo other
new repo other --set reviewers=x --set ss=true
new repo other --set reviewers=x --owner web
new repo other --set reviewers=x --into shop
new repo other --set reviewers=x --into no/where
mkdir "$ARIGHT_HOME/templates"
echo 'template: repo' >"$ARIGHT_HOME/templates/repo.yaml"
new repo other --set reviewers=x
show aright template check "$ARIGHT_HOME/templates/repo.yaml"
aright template list 2>&1 | tail -2
rm "$ARIGHT_HOME/templates/repo.yaml"
echo "# a core that serves the home judges and registers; the files are still those of who asks"
start
new vnet web --owner team:web --set cidr=10.1.2.0/24 --into web
new vnet leak --owner team:web --set cidr=10.1.3.0/24 --set default_outbound=true --into leak
ls web leak 2>&1
ln -s "$PWD/web" link
new vnet link --owner team:web --set cidr=10.1.4.0/24 --into link
echo "# what could not be written is named, and comes with the same words again"
(trap '' XFSZ; ulimit -f 0; new vnet dmz --owner team:web --set cidr=10.1.4.0/24 --into dmz) | cat
ls dmz
new vnet dmz --owner team:web --set cidr=10.1.4.0/24 --into dmz2
ls dmz2
stop
grep -o '"event":"template[^}]*}' "$ARIGHT_HOME/log/events.ndjson" | tail -2
