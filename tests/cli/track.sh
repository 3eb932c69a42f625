# What trackers would be asked, and what is wrong with the files of trackers and projects.
home=$ARIGHT_HOME
box_home
box_standard patched 'get: {due: 30d, action: patch}'
printf 'id,name,patched,owner_id\na,"a ""quoted"" | <b>",false,team:web\n' | boxes && aright evaluate >/dev/null
echo "# trackers"
show aright tracker list
# try NAME: the requests of a shipped one, days as words.
try() {
    aright tracker show "$1" >"$1.yaml"
    show aright tracker try "$1.yaml" BX-1/team:web 2>&1 | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DAY/g'
}
try github
try jira
aright tracker show gitlab >gitlab.yaml
try azure-devops
echo "# projects"
mkdir "$home/projects"
show aright work sync
printf 's3cret' >token && chmod 600 token
project() { printf 'project: web\ntracker: github\nauth: {secret_file: "%s/token"}\nowners: [team:web]\n%s\n' "$PWD" "$1" >"$home/projects/web.yaml"; }
project 'with: {org: acme, repo: web}'
show aright work sync --dry-run --tracker github
show aright work sync --dry-run --project wbe
echo "# what is wrong is said"
project 'with: {org: acme}'
show aright work sync --dry-run
project 'with: {org: acme, repo: web, rpeo: x}'
show aright work sync --dry-run
project 'wiht: {org: acme, repo: web}'
show aright work sync --dry-run
project 'with: {org: acme, repo: web}'
sed 's/project: web/project: other/' "$home/projects/web.yaml" >"$home/projects/other.yaml"
show aright work sync --dry-run
rm "$home/projects/other.yaml"
sed 's/{marker}/{makrer}/; s/^  get:/  got:/' github.yaml >mine.yaml
show aright tracker check mine.yaml
sed 's/{title}/{titel}/' gitlab.yaml >mine.yaml
show aright tracker check mine.yaml
sed '/^close:/,/^reopen:/{/^reopen:/!d}' gitlab.yaml >mine.yaml
show aright tracker check mine.yaml
show aright tracker try gitlab.yaml BX-1/team:none
