# A home from its first command to its restoration.
status() { aright status "$@" | sed -E 's/[0-9]+ MiB/N MiB/; s/sandbox .*/sandbox GIVEN UP/; /kinds|standards|schema/s/[0-9]+/N/; s/ +/ /g'; }
show status
show aright config show
printf 'memory_mib: 600\nkeep_bckups: 3\n' >"$ARIGHT_HOME/aright.yaml"
show aright status
show aright config check | tr -s " "
printf 'memory_mib: 600\n' >"$ARIGHT_HOME/aright.yaml"
show aright config check | tr -s " "
show aright config show --format csv
show aright backup --format json | sed -E 's/"bytes":[0-9]+/"bytes":N/'
echo "threads: many" >wrong.yaml
show aright config check wrong.yaml
rm "$ARIGHT_HOME/aright.yaml"
show aright restore "$ARIGHT_HOME"/backup/2*
show cat "$ARIGHT_HOME/aright.yaml"
show cat "$ARIGHT_HOME/log/events.ndjson"
printf 'people:\n  - {person: "person:x", grants: [home.raed]}\n' >"$ARIGHT_HOME/people.yaml"
show aright config check | tr -s " "
show aright status
rm "$ARIGHT_HOME/people.yaml"
printf 'owners:\n  - {id: "team:web", in: "division:x"}\n' >"$ARIGHT_HOME/owners.yaml"
show aright config check | tr -s " "
printf 'owners:\n  - {id: "team:web"}\n' >"$ARIGHT_HOME/owners.yaml"
show aright config check | tr -s " "
rm "$ARIGHT_HOME/owners.yaml"
show tail -n 1 "$ARIGHT_HOME/log/events.ndjson"
echo "# everything in it is its owner's alone"
find "$ARIGHT_HOME" -perm /077 ! -type l
