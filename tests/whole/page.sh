# shellcheck shell=sh
# page.sh: what a page of docs/ says is so: its files are written, its commands run, and their output
# is what stands in the page. --update writes the page anew; read the difference.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
update=${1-}
mkdir "$here/bin" "$here/page"
ln -s "$aright" "$here/bin/aright"
PATH="$here/bin:$PATH"
export PATH

# Where the home lies, when it was and what a hash is are not the page's: it is always the same day,
# and so is three days before, a month and two months later. The first first: none becomes another.
days=
for offset in -3 0 30 60; do
    day=$(date -u -d "2026-11-22 $offset days" +%F)
    days="$days -e s/$(date -u -d "$offset days" +%F)/$day/g -e s/$(date -u -d "$((offset + 1)) days" +%F)/$day/g"
done
plain() {
    # shellcheck disable=SC2086 # one expression a word
    sed -E $days -e "s|$ARIGHT_HOME|HOME|g" -e 's/(20[0-9-]{8})T[0-9:.]+Z/\1T12:00:00Z/g' \
        -e 's/\b[0-9a-f]{64}\b/HASH/g'
}

# Copies the page; what commands print comes from the commands.
run_page() {
    block=
    while IFS= read -r line; do
        case $block:$line in
        :'```console') block=console ;;
        :'```yaml '* | :'```csv '* | :'```json '*)
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
    done <"$1"
}

# page NAME COMMANDS: docs/NAME.md is so, in a home of its own, and shows at least so many commands.
page() {
    page=$(realpath "${0%/*}/../../docs/$1.md")
    rm -rf "$ARIGHT_HOME"
    mkdir "$here/$1"
    "$aright" status >/dev/null && serve
    (cd "$here/$1" && run_page "$page") >"$here/page/$1"
    unserve
    if [ "$update" = --update ]; then cp "$here/page/$1" "$page"; fi
    same "what $1 says is so" "$here/page/$1" "$page"
    is 'it shows commands' "$([ "$(grep -c '^\$ aright' "$page")" -ge "$2" ] && echo yes)" yes
}
