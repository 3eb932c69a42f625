# Every read answers the same, byte for byte, whether a core serves it or the command itself does.
aright help grants --format csv | tr -d '\r' | awk -F, '$3 == "reads" && $4 == "core" { print $2 }' >reads
[ -s reads ] || echo "there are no reads"
answers() {
    while read -r words; do
        example=$(aright help $words | sed -n 's/^example: aright //p')
        [ -n "$example" ] || example=$words
        formats=json
        case $words in status | query) formats='table json ndjson csv' ;; esac
        for format in $formats; do
            echo "# $example --format $format"
            eval "aright $example --asof 2026-11-21 --format $format" 2>&1 </dev/null
            echo "exit $?"
        done
    done <reads | sed -E 's/ +/ /g' | grep -v -e process -e '"area":"log"' -e '^log' -e 'log,'
}
aright status >/dev/null
answers >alone
start
answers >served
stop
diff alone served && echo "the same: $(grep -c '^# status ' served) formats of status"
grep -q '^# query ' served || echo "query was not among them"
