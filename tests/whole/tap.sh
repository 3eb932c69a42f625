# shellcheck shell=sh
# tap.sh: what the scripts of this folder share: sentences that can be false, printed as TAP, and a
# home, a HOME and a folder of their own that are gone at the end, with every process started here.
set -u
aright=${ARIGHT_PROGRAM:?the program to test}
here=$(mktemp -d "${TMPDIR:-/tmp}/aright-whole-XXXXXX") || exit 1
export ARIGHT_HOME="$here/home" HOME="$here/me" LC_ALL=C TZ=UTC
export ASAN_OPTIONS="${ASAN_OPTIONS:-}${ASAN_OPTIONS:+:}detect_leaks=0"
unset ARIGHT_FORMAT ARIGHT_DATA XDG_DATA_HOME
mkdir "$HOME"
sentences=0
started=
mounted=

# Ends what was started, in the order that lets a supervisor end its core.
leave() {
    status=$?
    trap - EXIT
    for pid in $started; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    [ -z "$mounted" ] || umount -l "$mounted"
    rm -rf "$here"
    exit "$status"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

note() { sed 's/^/# /'; }

verdict() { # STATUS SENTENCE
    sentences=$((sentences + 1))
    if [ "$1" -eq 0 ]; then echo "ok $sentences - $2"; else echo "not ok $sentences - $2"; fi
}

# ok SENTENCE COMMAND…: the command succeeds.
ok() {
    sentence=$1
    shift
    "$@" >"$here/out" 2>"$here/err"
    status=$?
    verdict "$status" "$sentence"
    [ "$status" -eq 0 ] || { echo "# $* ended with $status:" && head -n 20 "$here/err" | note; }
}

# is SENTENCE GOT WANTED
is() {
    if [ "$2" = "$3" ]; then verdict 0 "$1"; else
        verdict 1 "$1"
        printf 'got:    %s\nwanted: %s\n' "$2" "$3" | head -n 40 | note
    fi
}

# same SENTENCE FILE FILE
same() {
    if cmp -s "$2" "$3"; then verdict 0 "$1"; else
        verdict 1 "$1"
        diff "$2" "$3" | head -n 20 | cut -c 1-300 | note
    fi
}

# holds SENTENCE TEXT PART: the text has that part.
holds() {
    case $2 in
    *"$3"*) verdict 0 "$1" ;;
    *)
        verdict 1 "$1"
        printf 'got:    %s\nwanted: … %s …\n' "$2" "$3" | head -n 40 | note
        ;;
    esac
}

# fails SENTENCE STATUS WORDS COMMAND…: ends with that status, within a minute, and says those words
# on standard error.
fails() {
    sentence=$1 wanted=$2 words=$3
    shift 3
    timeout -k 5 60 "$@" >"$here/out" 2>"$here/err" </dev/null
    status=$?
    if [ "$status" -eq "$wanted" ] && grep -qF -- "$words" "$here/err"; then
        verdict 0 "$sentence"
    else
        verdict 1 "$sentence"
        echo "# status $status, wanted $wanted and the words: $words"
        head -n 10 "$here/err" | cut -c 1-400 | note
    fi
}

skip() { # SENTENCE WHY
    sentences=$((sentences + 1))
    echo "ok $sentences - $1 # SKIP $2"
}

# done_testing: the last line of a script: without it the plan is missing and the test fails.
done_testing() { echo "1..$sentences"; }

# csv WORD…: what the program answers to these words, without the heading and with plain line ends.
csv() { "$aright" "$@" --format csv 2>"$here/err" | tr -d '\r' | tail -n +2; }

# value KIND COLUMN [CONDITION]: that column of all such assets, one a line.
value() { csv asset list --kind "$1" --columns "$2" --where "${3:-TRUE}"; }

# dump FILE: all that commands read of the estate but the imports that failed, to compare.
dump() {
    {
        for kind in ${dump_kinds:-asset account app}; do
            "$aright" asset list --kind "$kind" --format ndjson
        done
        "$aright" finding list --format ndjson
        "$aright" finding list --state closed --format ndjson
        "$aright" import list --format ndjson 2>/dev/null | grep -v '"state":"failed"'
        "$aright" waiver list --all --format ndjson
        "$aright" source list --format ndjson
    } >"$1" 2>&1
}

# serve: a daemon for the home, until `unserve`; its process is $daemon.
serve() {
    : >"$here/serve.log" # what an earlier one said is not this one's word
    "$aright" serve 2>>"$here/serve.log" &
    daemon=$!
    started="$started $daemon"
    for _ in $(seq 300); do
        grep -q '"message":"serving' "$here/serve.log" && return 0
        kill -0 "$daemon" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

unserve() {
    kill "$daemon"
    wait "$daemon"
}
