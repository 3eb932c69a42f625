#!/bin/sh
# bring_in: the page "Bring in a source" does what it says: its files are written, its commands run.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

page=${ARIGHT_SOURCE:?}/docs/bring-in-a-source.md
mkdir "$here/bin" "$here/work" && ln -s "$aright" "$here/bin/aright" && cd "$here/work" || exit 1
PATH=$here/bin:$PATH
mkdir -m 700 "$ARIGHT_HOME"

# Blocks: "```sh" is run, "```TYPE NAME" is the file NAME.
awk -v out="$here" '
    /^```sh$/ { n++; file = out "/block" n; print "sh" > (out "/plan") }
    /^```[a-z]+ [a-z.]+$/ { n++; file = out "/block" n; print $2 > (out "/plan") }
    /^```$/ { file = "" }
    /^```/ { next }
    file != "" { print > file }
' "$page"
n=0
while read -r what; do
    n=$((n + 1))
    if [ "$what" != sh ]; then
        cp "$here/block$n" "$what"
        continue
    fi
    while read -r command; do
        ok "$command" sh -c "$command"
        cp "$here/out" "$here/said"
        case $command in
        'aright connector try'*) cp "$here/out" "$here/tried" ;;
        'aright connector new'*) cp laptops.yaml "$here/draft" ;;
        'aright asset list'*) holds 'it shows the laptop that is not encrypted' "$(cat "$here/said")" ben-pc ;;
        esac
    done <"$here/block$n"
done <"$here/plan"
is 'every command of the page was run' "$sentences" 11
holds 'the draft takes what is called like a column' "$(cat "$here/draft")" '  created_at: createdDateTime'
holds 'and knows other words for some' "$(cat "$here/draft")" '  name: displayName'
holds 'what it leaves out is named' "$(cat "$here/draft")" 'nothing takes yet: system'
is 'what was tried is what came' "$(csv query "SELECT id, name, os, os_version, disk_encrypted,
    compliant, checked_in_at FROM device ORDER BY id" | tr '\n' ';')" \
    'C02X1,anna-mac,macos,15.1,true,true,;C02X2,ben-pc,windows,11,false,false,2026-11-20T08:12:44Z;'
done_testing
