#!/bin/sh
# mail: each owner's digest goes to a mail server, one a day, that takes only what is a letter.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

command -v python3 >/dev/null || { skip 'digests are mailed' 'there is no python3'; done_testing; exit; }
mkdir "$here/server"
python3 "${0%/*}/mail_server.py" "$here/server" &
started="$started $!"
for _ in $(seq 100); do [ -s "$here/server/port" ] && break; sleep 0.1; done
port=$(cat "$here/server/port")
mkdir -p "$ARIGHT_HOME/kinds" "$ARIGHT_HOME/standards"
chmod 700 "$ARIGHT_HOME"
printf 'kind: box\ntitle: Box\nmeaning: A computer.\ncolumns:\n  patched: {type: bool, meaning: Whether it has the last patch.}\n' \
    >"$ARIGHT_HOME/kinds/box.yaml"
cat >"$ARIGHT_HOME/standards/BX-1.yaml" <<'T'
id: BX-1
class: standard
title: Boxes are patched
statement: Every box has the last patch.
pillar: networks
kind: box
pass: patched
right: Patch it.
risk: 2
owner: team:boxes
explain: [patched]
get: {due: 30d, action: patch}
tests: {pass: [{patched: true}], fail: [{patched: false}], unknown: [{}]}
T
cat >"$ARIGHT_HOME/owners.yaml" <<'T'
owners:
  - {id: 'person:kim', aliases: [kim@example.org]}
  - {id: 'person:lee'}
  - {id: 'team:web'}
T
printf 's3cret\n' >"$here/secret" && chmod 600 "$here/secret"
server() { # HOST
    printf 'server: smtp://%s:%s\nfrom: aright@example.org\nauth: {user: kim, secret_file: %s}\nto: {"team:web": web@example.org}\nrequest_seconds: 5\n' \
        "$1" "$port" "$here/secret" >"$ARIGHT_HOME/mail.yaml"
}
mails() { find "$here/server" -name '*.eml' | wc -l; }
id_of() { grep -i '^Message-ID' "$here/server/$1.eml"; }
printf 'id,name,patched,owner_id\na,Zoë’s box,false,person:kim\nb,b,false,team:web\nc,c,false,person:lee\n' >"$here/boxes.csv"
"$aright" import generic --kind box --source cmdb "$here/boxes.csv" >/dev/null && "$aright" evaluate >/dev/null

fails 'without a server nothing is mailed' 4 "want $ARIGHT_HOME/mail.yaml" "$aright" work mail
server 127.0.0.2
fails 'what goes to another host goes encrypted or not at all' 3 'smtp://127.0.0.2' "$aright" work mail
is '… and nothing was said there' "$(grep -c '^MAIL' "$here/server/log")" 0
server 127.0.0.1
echo cut >"$here/server/faults"
"$aright" work mail --format csv >"$here/out" 2>"$here/err"
is 'a server that takes a letter and says nothing' "$? $(grep -c 'person:kim,kim@example.org,.*,failed' "$here/out")" '6 1'
is '… keeps the others from nobody' "$(grep -c 'team:web,web@example.org,.*,mailed' "$here/out")" 1
is '… whose address is not known is named' "$(grep -c 'person:lee,,.*,unknown' "$here/out")" 1
ok 'the next run mails what was not' "$aright" work mail --format csv
is '… and that only' "$(grep -c ',mailed,' "$here/out")$(grep -c 'person:kim,.*,mailed' "$here/out")" 11
is '… as the letter that it was' "$(id_of 1)" "$(id_of 3)"
is '… which is another one’s for another' "$([ "$(id_of 1)" = "$(id_of 2)" ] && echo same)" ''
before=$(mails)
ok 'a day has one letter for each' "$aright" work mail
is '… indeed' "$(mails)" "$before"
is 'what is read is what was written' "$(python3 -c "
import email, email.policy, glob
m = email.message_from_file(open('$here/server/1.eml'), policy=email.policy.default)
text = m.get_content()
print(m['To'], 'Zoë’s box' in text, text.startswith('# What is to be done'))")" 'kim@example.org True True'
ok 'tomorrow' "$aright" work mail --asof +1d
is '… is another letter' "$(mails) $([ "$(id_of 1)" = "$(id_of $((before + 1)))" ] && echo same)" "$((before + 2)) "
echo rcpt >"$here/server/faults"
fails 'an address that is refused is told' 2 '550 5.1.1 no such address' "$aright" work mail --asof +2d
printf 'wr0ng-s3cret\n' >"$here/secret"
fails 'a server that says the secret back' 3 'who is …' "$aright" work mail --asof +3d
is 'nothing was said in another way than a server wants it' "$(grep -c WRONG "$here/server/log")" 0
is 'no secret is in the home' "$(grep -rlE 's3cret' "$ARIGHT_HOME" --include='*.json' --include='*.ndjson' --include='*.md' | wc -l)" 0
done_testing
