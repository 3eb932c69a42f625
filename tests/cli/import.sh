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
