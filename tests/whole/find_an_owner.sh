#!/bin/sh
# find_an_owner: what docs/find-an-owner.md says is so: its files are written, its commands run, and
# their output is what stands in the page. --update writes the page anew; read the difference.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

page=$(realpath "${0%/*}/../../docs/find-an-owner.md")
mkdir "$here/bin" "$here/work" "$here/page"
ln -s "$aright" "$here/bin/aright"
PATH="$here/bin:$PATH"
export PATH
"$aright" status >/dev/null
cd "$here/work" || exit 1

# Where the home lies and when it was are not the page's: it is always the same day, and a month
# later the same.
day() { date -u -d "$1" +%F; }
today="$(day now)|$(day tomorrow)"
due="$(day '30 days')|$(day '31 days')"
plain() {
    sed -E -e "s|$ARIGHT_HOME|HOME|g" -e "s/($today)T[0-9:.]+Z/2026-11-22T12:00:00Z/g" \
        -e "s/($due)T[0-9:.]+Z/2026-12-22T12:00:00Z/g"
}

# Copies the page to page/got; what commands print comes from the commands.
run_page() {
    block=
    while IFS= read -r line; do
        case $block:$line in
        :'```console') block=console ;;
        :'```yaml '* | :'```csv '*)
            block=file file=${line#* }
            case $file in *.yaml) file=$ARIGHT_HOME/$file ;; esac
            : >"$file"
            ;;
        :'```'*) block=other ;;
        *:'```') block= ;;
        console:'$ '*)
            printf '%s\n' "$line"
            eval "${line#'$ '}" 2>&1 </dev/null | plain
            continue
            ;;
        console:*) continue ;;
        file:*) printf '%s\n' "$line" | sed "s/uid: UID/uid: $(id -u)/" >>"$file" ;;
        esac
        printf '%s\n' "$line"
    done <"$page"
}
run_page >"$here/page/got"
if [ "${1-}" = --update ]; then cp "$here/page/got" "$page"; fi
same 'what the page says is so' "$here/page/got" "$page"
is 'it shows commands' "$([ "$(grep -c '^\$ aright' "$page")" -ge 12 ] && echo yes)" yes
done_testing
