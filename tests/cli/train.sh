# Training: who has to take which course by when, and has.
mkdir -m 700 "$ARIGHT_HOME"
cat >"$ARIGHT_HOME/owners.yaml" <<'END'
owners:
  - {id: 'division:shop', domain: shop}
  - {id: 'team:web', in: 'division:shop'}
  - {id: 'person:kim', in: 'team:web', aliases: [kim@example.org]}
  - {id: 'person:lee', in: 'division:shop'}
domains:
  - {id: shop}
END
echo "# nothing is known yet"
show aright train list
cat >people.csv <<'END'
id,name,mail,active,training_due,training_done
kim,Kim,kim@example.org,true,,
lee,Lee,lee@example.org,true,,
max,Max,max@example.org,true,,
old,Old,old@example.org,false,,
ann,Ann,ann@example.org,true,2,2
END
day() { date -u -d "$1 days" +%Y-%m-%d; }
cat >courses.csv <<END
person,course,title,assigned,due,completed,valid_until
kim,SEC-1,Phishing,$(day -90),$(day -30),$(day -40),
kim,SEC-2,Secrets,$(day -90),$(day -3),,
lee,SEC-1,Phishing,$(day -500),$(day -400),$(day -410),$(day -45)
max,SEC-1,Phishing,$(day -9),$(day 30),,
old,SEC-1,Phishing,$(day -90),$(day -30),,
END
show aright import generic --kind person --source hr people.csv --format csv
show aright import training-records courses.csv --format csv
days() { sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z/DAY                 /g; s/ +/ /g'; }
show aright train list | days
show aright train list --state overdue --owner team:web | days
show aright train status
show aright train status --by division
echo "# the standard and the numbers say the same"
aright evaluate >/dev/null
aright query "SELECT id, state FROM finding WHERE standard_id = 'CU-4' AND closed_at IS NULL ORDER BY id"
show aright metric rows TR-1 --format csv
aright metric list --format csv | grep '^TR-' | cut -d, -f1,4
echo "# what is refused"
show aright train list --limit 0
show aright train status --by manager
