# What is to be done, for whom, by when; nobody closes it but evidence.
home=$ARIGHT_HOME
box_home
box_standard patched 'get: {due: 30d, action: patch}'
cat >"$home/owners.yaml" <<'END'
owners:
  - {id: 'team:web', name: Web, domain: shop}
  - {id: 'person:kim', name: Kim, in: 'team:web'}
  - {id: 'person:dee', name: Dee}
domains:
  - {id: shop, name: Shop, deputy_ciso: 'person:dee'}
END
list() { show aright work list --standard BX-1 "$@" | sed -E 's/ +/ /g'; }
printf 'id,patched,owner_id,criticality\na,false,person:kim,5\nb,,person:kim,1\nc,false,team:web,\nd,false,,\n' | boxes && aright evaluate >/dev/null
echo "# what there is to do"
list
list --owner team:web
show aright work show BX-1/person:kim | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DAY/g'
show aright work members BX-1/person:kim | sed -E 's/ +/ /g'
echo "# a part at a time, and whose it is"
list --limit 2
list --limit 2 --skip 2
show aright work members BX-1/person:kim --limit 1 | sed -E 's/ +/ /g'
after=$(aright finding list --standard BX-1 --limit 2 | sed -n "s/.*--after '\(.*\)' shows.*/\1/p")
show aright finding list --standard BX-1 --limit 2 | sed -E "s/ +/ /g; s/'([0-9]+) [0-9]+ /'\1 TIME /"
show aright finding list --standard BX-1 --limit 2 --after "$after" | sed -E "s/ +/ /g; s/'([0-9]+) [0-9]+ /'\1 TIME /; s/--after [0-9]+ [0-9]+/--after/"
show aright finding list --asset box:c --format csv | cut -d , -f 1,2
show aright asset list --kind box --columns id,name --limit 2 --after a
aright work count --format csv | grep -E 'kim|web|dee'
echo "# later: it rises"
list --asof +31d --overdue
list --asof +38d
list --asof +45d --whose person:dee
echo "# effort, and a digest a day"
show aright work log BX-1/person:kim --minutes 90 --note 'looked at the first'
show aright work log BX-1/person:kim --minutes 30
aright work digest --format csv | tr -d '\r' | grep -E 'kim|web' | sed -E 's|,[0-9]+,/.*/digest/[0-9-]+|,N,DIGEST|'
show aright work digest
grep BX-1 "$home"/digest/*/person+kim.md | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}/DAY/g'
echo "# done is what evidence shows"
printf 'id,patched,owner_id,criticality\na,true,person:kim,5\nb,true,person:kim,1\nc,false,team:web,\nd,false,,\n' | boxes && aright evaluate >/dev/null
list
show aright work show BX-1/person:kim
echo "# what is refused"
show aright work show BX-1
show aright work log BX-9/person:kim --minutes 5
show aright work log BX-1/person:kim --minutes 0
show aright work list --limit 0
show aright work list --skip -1
show aright finding list --after 'BX-1/box:a'
