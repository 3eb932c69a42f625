# The progress report: what two snapshots, and what was recorded between them, say in prose.
home=$ARIGHT_HOME
mkdir -m 700 "$home"
mkdir "$home/kinds" "$home/standards"
cat >"$home/kinds/box.yaml" <<'END'
kind: box
title: Box
meaning: A computer.
columns:
  patched: {type: bool, meaning: Whether it has the last patch.}
END
cat >"$home/standards/BX-1.yaml" <<'END'
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
END
cat >"$home/owners.yaml" <<'END'
owners:
  - {id: 'division:shop', name: Shop, domain: shop}
  - {id: 'team:boxes', in: 'division:shop'}
  - {id: 'person:dee'}
  - {id: 'person:kim'}
domains:
  - {id: shop, name: Shop, deputy_ciso: 'person:dee', reports_to: 'person:kim', council: true, default: true}
  - {id: games, name: 'Games & <fun>'}
END
boxes() { aright import generic --kind box --source cmdb - --format ndjson >/dev/null; }
echo "# it needs two snapshots"
show aright report progress
printf 'id,patched,owner_id\na,true,team:boxes\nb,false,team:boxes\nc,true,team:boxes\n' | boxes
aright snapshot take --name first >/dev/null
show aright report progress
aright review open --kind council >/dev/null
aright review decide R-1 'Boxes are patched within a week' --standard BX-1 >/dev/null
aright review act R-1 'Patch box b' --owner team:boxes --due +7d >/dev/null
aright review close R-1 --attended person:kim | grep 'not there'
show aright domain list
aright review open --kind weekly --due -1d >/dev/null
aright review list | grep Overdue
aright case open 'any password opens it' --reporter outside --owner team:boxes >/dev/null
aright case stage VC-1 mitigated >/dev/null
aright case close VC-1 --cwe CWE-287 --learning BX-1 >/dev/null
aright case open 'old library' --reporter inside --owner team:boxes --kev-due -1d >/dev/null
printf 'id,patched,owner_id\na,true,team:boxes\nb,true,team:boxes\nc,false,team:boxes\nd,false,\ne,,team:boxes\n' | boxes
aright snapshot take --name second >/dev/null
echo "# in prose; what is in no scope is left out here"
aright report progress >report.md
days() { sed -E 's/[0-9]+ [A-Z][a-z]+ 20[0-9]{2}/DAY/g'; }
sed -n '/^## Sources/q; /^Nothing is in scope yet/d; /^There is nothing to count/d; p' report.md | days
echo "# each figure has its source"
grep -c '^| Q' report.md
grep -o '\[Q[0-9]*\]' report.md | sort -u | wc -l
echo "# the same each time, and by day"
aright report progress | cmp - report.md && echo same
aright report progress --from "$(date -u +%Y-%m-%d)" --to first
aright report progress --from 2020-01-01 --to "$(date -u +%Y-%m-%d)" | cmp - report.md && echo same
show aright report progress --as html --pdf report.pdf
echo "# as one page, without a script, and as JSON"
aright report progress --as html >report.html
grep -c '<script' report.html
grep -o 'Games &amp; &lt;fun&gt;' report.html | head -1
python3 - <<'END'
import html.parser, json, subprocess
class Check(html.parser.HTMLParser):
    open = []
    ids = set()
    links = set()
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag != 'meta': self.open.append(tag)
        self.ids.add(attrs.get('id'))
        if tag == 'a': self.links.add(attrs['href'][1:])
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
check = Check()
check.feed(open('report.html').read())
print('open:', check.open, 'links to nothing:', check.links - check.ids)
report = json.loads(subprocess.run(['aright', 'report', 'progress', '--as', 'json'], capture_output=True, text=True).stdout)
blocks = [b for s in report['sections'] for b in s['blocks']]
print(report['schema'], [b['figures'] for b in blocks if b.get('figures', {}).get('standard') == 'BX-1'][-1])
named = {b['source'] for b in blocks if 'source' in b}
print('sources:', named == {s['source'] for s in report['sources']})
END
