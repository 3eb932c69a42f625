# Standing access of a host that lies in a folder: ended, given an end, taken back byte for byte.
home=$ARIGHT_HOME
host=$PWD/host
mkdir -p "$host/etc/sudoers.d"
echo mill >"$host/etc/hostname"
printf 'root:x:0:\nsudo:x:27:ada,bob\ndocker:x:999:ada,cy\n' >"$host/etc/group"
printf 'ada:x:1000:1000::/ada:/bin/sh\n' >"$host/etc/passwd"
printf 'User_Alias DBAS = eve\nroot ALL=(ALL:ALL) ALL\n%%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n' >"$host/etc/sudoers"
printf '# the operators\nada, cy ALL=(ALL) NOPASSWD: ALL\ndan ALL = (root) /usr/bin/less \\\n    /var/log/*\nDBAS ALL=(postgres) ALL\n' >"$host/etc/sudoers.d/ops"
chmod 440 "$host/etc/sudoers" "$host/etc/sudoers.d/ops"
grant() { # ID WHO ROLE PATH SCOPE NOPASSWD
    echo "{\"id\": \"mill/$1\", \"name\": \"$2\", \"principal_id\": \"mill/$2\", \"role\": \"$3\"," \
        "\"system\": \"mill\", \"device_id\": \"mill\", \"privileged\": true, \"grant_kind\": \"standing\"," \
        "\"source_path\": \"$4\", \"scope\": $5, \"nopasswd\": $6}"
}
look() {
    grant uid/root/root root root /etc/passwd null false
    grant sudo/ada/1 ada sudo /etc/sudoers.d/ops '"(ALL) ALL"' true
    grant sudo/cy/1 cy sudo /etc/sudoers.d/ops '"(ALL) ALL"' true
    grant sudo/dan/1 dan sudo /etc/sudoers.d/ops '"(root) /usr/bin/less     /var/log/*"' false
    grant sudo/eve/1 eve sudo /etc/sudoers.d/ops '"(postgres) ALL"' false | sed 's/"privileged": true/"privileged": false/'
    grant sudo/bob/2 bob sudo /etc/sudoers '"(ALL:ALL) ALL"' false
    grant group/docker/cy cy docker /etc/group null true
    echo '{"id": "entra/1", "name": "kim", "principal_id": "kim", "role": "Global Administrator", "system": "entra", "privileged": true, "grant_kind": "standing"}'
    echo '{"id": "entra/2", "name": "lee", "principal_id": "lee", "role": "Global Administrator", "system": "entra", "privileged": true, "grant_kind": "eligible"}'
}
look | aright import generic --kind role_grant --source look - >/dev/null
cp -r host before
grant() { show aright grant "$@" | sed -E 's/ +/ /g'; }
grant list
echo "# dry first"
grant end mill/sudo/ada/1 --root "$host"
grant end mill/sudo/ada/1 --root "$host" --confirm --because 'asks each time from now on'
cat "$host/etc/sudoers.d/ops"
stat -c %a "$host/etc/sudoers.d/ops"
grant end mill/sudo/ada/1 --root "$host"
echo "# an end, by sudo itself"
grant end mill/sudo/dan/1 --at 2030-01-02 --root "$host" --confirm
cat "$host/etc/sudoers.d/ops"
grant end mill/sudo/dan/1 --at 2031-01-02 --root "$host"
echo "# of a group, by its name and by a rule"
grant end mill/group/docker/cy --root "$host" --confirm
grant end mill/sudo/bob/2 --at 2030-01-02 --root "$host"
grant end mill/sudo/bob/2 --root "$host" --confirm
cat "$host/etc/group"
grant list --standing --system mill
echo "# what is refused"
grant end mill/sudo/cy/1 --root "$host"
grant end mill/sudo/eve/1 --root "$host"
grant end mill/sudo/nobody/1 --root "$host"
grant end entra/1 --root "$host"
grant end entra/1 --at +1d
echo other >"$host/etc/hostname"
grant end mill/sudo/dan/1 --root "$host"
echo mill >"$host/etc/hostname"
echo "# and back, in any order that the files allow"
grant undo RC-1 --root "$host" --confirm
grant undo RC-2 --root "$host"
grant undo RC-2 --root "$host" --confirm
grant undo RC-1 --root "$host" --confirm
grant undo RC-4 --root "$host" --confirm
grant undo RC-3 --root "$host" --confirm
grant undo RC-3 --root "$host" --confirm
show diff -r before host
show aright life undo RC-1
echo "# another system"
mkdir "$home/actions"
printf 'action: remove-standing-grant\ntitle: Remove\nkind: role_grant\ndo: {command: [touch, "{justification}"]}\nundo: {command: [rm, "{justification}"]}\n' >"$home/actions/remove-standing-grant.yaml"
grant end entra/1
echo "{\"id\": \"entra/1\", \"justification\": \"$PWD/gone\"}" | aright import generic --kind role_grant --source pim - >/dev/null
grant end entra/1
grant end entra/1 --confirm
show ls gone
grant undo RC-10 --confirm
show ls gone
