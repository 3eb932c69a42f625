# Who may do what, through the socket too, and what the log says of it.
aright status >/dev/null
me=$(id -u)
printf 'people:\n  - {person: "person:sam", uid: %s, grants: [home.read]}\n' "$me" >"$ARIGHT_HOME/people.yaml"
show aright backup
start
show aright backup
show aright query 'SELECT 1 AS a'
printf 'people:\n  - {person: "person:sam", uid: %s, grants: [home.read, estate.query]}\n' "$me" >"$ARIGHT_HOME/people.yaml"
show aright query 'SELECT 1 AS a'
show aright restore "$ARIGHT_HOME/backup"
stop
show aright restore "$ARIGHT_HOME/backup"
show cut -d, -f2- "$ARIGHT_HOME/log/events.ndjson"
