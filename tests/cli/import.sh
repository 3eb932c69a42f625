# What a source shows, and what is refused of it.
import() { show aright import generic --kind app --source cmdb "$@" --format ndjson; }
printf 'id,name\na,Ledger\nb,Payroll\n' >apps.csv
: >nothing.csv
echo id >header.csv
echo '[]' >list.json
echo >line.ndjson
echo "# a file without a byte is no snapshot, neither the first nor a later one; a delta may be"
import nothing.csv
import - <nothing.csv
import apps.csv
import nothing.csv
import nothing.csv --delta
echo "# a source may say that it has nothing: that is held, once it had something"
import header.csv --dry-run
import list.json --dry-run
import line.ndjson --dry-run
import list.json
echo "# an import that failed is listed, with its event, and changed nothing; one that was none is not"
printf 'id,owner_count\na,1\nb,many\n' >wrong.csv
import wrong.csv
import wrong.csv --dry-run
show aright import generic wrong.csv --kind appp
show aright import list
tail -n 1 "$ARIGHT_HOME/log/events.ndjson"
grep -c '"event":"estate.imported","outcome":"failed"' "$ARIGHT_HOME/log/events.ndjson"
echo "# what failed, or waits for someone, is for who looks at the status too"
printf 'id\na\n' >one.csv
import header.csv
aright status | grep '^estate *import' | sed -E 's/ +/ /g'
echo "# what things are linked to, from both sides"
printf '{"id":"vm-1","name":"web"}\n{"id":"vm-2"}\n' | aright import generic --kind cloud_resource --source cloud - --format ndjson >/dev/null
printf '{"id":"l-1","name":"syslog","asset_id":"vm-1"}\n{"id":"l-2","asset_id":"vm-1"}\n' | aright import generic --kind log_source --source logs - --format ndjson >/dev/null
show aright asset links cloud_resource:vm-1
show aright asset links log_source:l-1
show aright asset links cloud_resource:vm-2
show aright asset links cloud_resource:vm-9
