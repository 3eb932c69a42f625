#!/bin/sh
# full_disk: where the disk is full, what changes something says so and nothing is lost; with space
# again everything works. Needs root, to mount a small file system.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
mkdir "$here/small"
if [ "$(id -u)" != 0 ] || ! mount -t tmpfs -o size=24m,mode=700 tmpfs "$here/small" 2>"$here/err"; then
    skip 'a full disk loses nothing' 'only root can mount a small file system'
    done_testing
    exit 0
fi
mounted=$here/small
ARIGHT_HOME=$here/small/home
log=$ARIGHT_HOME/log/events.ndjson

# payload NAME ROWS
payload() {
    awk -v rows="$2" -v name="$1" 'BEGIN {
        for (i = 0; i < rows; i++)
            printf "{\"id\":\"a%d\",\"name\":\"%s %d\",\"env\":\"production\",\"owner_id\":\"team:web\"}\n",
                i, name, i * 7919 % 1000003
    }' >"$here/$1.ndjson"
}
fill() { # leaves so many KiB
    rm -f "$here/small/filler"
    free=$(df -k --output=avail "$here/small" | tail -n 1)
    dd if=/dev/zero of="$here/small/filler" bs=1024 count=$((free - $1)) 2>/dev/null
}
payload first 2000
payload second 15000

ok 'two thousand applications come in' "$aright" import generic --kind app "$here/first.ndjson"
ok 'and are judged' "$aright" evaluate
dump "$here/before"
for left in 0 64 512; do
    fill $left
    fails "with $left KiB left an import says that the disk is full" 8 'space' \
        "$aright" import generic --kind app "$here/second.ndjson"
    fails 'and so does a backup' 8 'space' "$aright" backup
    is 'of which nothing is left' "$(find "$ARIGHT_HOME/backup" -mindepth 1)" ''
    rm "$here/small/filler"
    dump "$here/after"
    same "with space again nothing is lost after $left KiB" "$here/before" "$here/after"
done
"$aright" import generic --kind app "$here/second.ndjson" --delta >/dev/null
dump "$here/before"
fill 64
fails 'an evaluation that has no room for its verdicts says so' 8 'space' "$aright" evaluate
rm "$here/small/filler"
dump "$here/after"
same 'and leaves the last ones' "$here/before" "$here/after"
ok 'then it works' "$aright" evaluate
ok 'and so does a backup to a disk with room' "$aright" backup --to "$here/copies"
is 'the log has every event once' "$(sed -n 's/.*"seq":\([0-9]*\),.*/\1/p' "$log" | xargs)" \
    "$(seq "$(wc -l <"$log")" | xargs)"
is 'and status finds it whole' "$(csv status | grep '^log,complete,')" 'log,complete,yes,ok'
done_testing
