# What comes from a pipe is read to its end before the home is asked for: its writer may need it too.
printf '{"id":"a"}\n{"id":"b"}\n' >apps.ndjson
aright import generic apps.ndjson --kind app >/dev/null
# late, so that who reads is there first
late() { sleep 0.3; aright asset list --kind app --columns id,name --format ndjson; }
late | show aright import generic --kind app --source copy - --format json
start
late | show aright import generic --kind app --source copy - --format json
stop
show aright asset list --kind app --columns id,source
