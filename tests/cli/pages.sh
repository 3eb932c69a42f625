# What is printed from the rows is well formed: manual pages, completion, help of all operations.
aright help grants --format csv | tr -d '\r' | awk -F, 'NR > 1 { print $2 }' >all
while read -r words; do
    aright help $words >page || echo "no help for $words"
    grep -q '^usage: aright' page || echo "$words has no usage"
    awk -v w="$words" 'length($0) > 100 { print w ": a line of " length($0) " columns" }' page
    aright help man $words >page || echo "no page for $words"
    if command -v mandoc >/dev/null; then
        mandoc -Tlint -W warning page >lint || { echo "$words"; cat lint; }
    fi
done <all
aright help man >page
command -v mandoc >/dev/null && { mandoc -Tlint -W warning page || echo "aright(1) is not clean"; }
command -v bash >/dev/null || exit 0
cat >try.bash <<'END'
source <(aright help completion)
try() {
    COMP_WORDS=(aright "$@") COMP_CWORD=$# COMPREPLY=()
    _aright
    echo "$*: ${COMPREPLY[*]}"
}
try stat
try config ''
try config show --form
try config show --format ''
try backup --t
END
bash try.bash
