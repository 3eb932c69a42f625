#!/bin/sh
# first_light: what ./start does once the program is built, and whether the card and the estate
# behind it are true of this machine, by other means.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

# Two repositories and a listener of our own: the rest of the machine is as it is.
commit() { # FOLDER TEXT
    git -C "$1" add -A &&
        git -C "$1" -c user.name=Sam -c user.email=sam@example.org -c commit.gpgsign=false \
            commit -qm "$2"
}
for name in one two; do
    git init -q "$here/trees/$name"
    echo "$name" >"$here/trees/$name/file"
    commit "$here/trees/$name" first
done
mkdir "$here/trees/two/.github"
echo '* @example/platform' >"$here/trees/two/.github/CODEOWNERS"
commit "$here/trees/two" owners
echo more >>"$here/trees/one/file"

python3 -c '
import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
time.sleep(600)' >"$here/port" &
started="$started $!"
while [ ! -s "$here/port" ]; do sleep 0.05; done
port=$(cat "$here/port")

ok 'look host works on a home that does not exist yet' "$aright" look host
ok 'look repos works' "$aright" look repos "$here/trees"
ok 'evaluate works' "$aright" evaluate
ok 'score works' "$aright" score
cp "$here/out" "$here/card"
ok 'finding list works' "$aright" finding list
is 'the home is for its owner alone' "$(stat -c %a "$ARIGHT_HOME")" 700
is 'the estate too' "$(stat -c %a "$ARIGHT_HOME/estate.duckdb")" 600

# ---- the estate against other means ----
os() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" /etc/os-release; }
is 'one device: this one' "$(value device hostname)" "$(uname -n)"
is 'its kernel' "$(value device kernel)" "$(uname -r)"
is 'its architecture' "$(value device arch)" "$(uname -m)"
is 'its system' "$(value device os,os_version)" "$(os ID),$(os VERSION_ID)"
is 'when it was started, to the minute' "$(value device boot_at | cut -c 1-15)" \
    "$(date -u -d "@$(sed -n 's/^btime //p' /proc/stat)" +%Y-%m-%dT%H:%M | cut -c 1-15)"
is 'its accounts are those of getent' "$(value account name | sort)" \
    "$(getent -s files passwd | cut -d: -f1 | sort)"
is 'their uids too' "$(value account uid | sort)" \
    "$(getent -s files passwd | cut -d: -f3 | sort)"
is 'who is root there is root here' "$(value account name 'uid = 0' | sort)" \
    "$(getent -s files passwd | awk -F: '$3 == 0 { print $1 }' | sort)"
if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f '${db:Status-Status} ${Package}:${Architecture} ${Version}\n' |
        sed -n 's/^installed //p' | LC_ALL=C sort >"$here/theirs"
    value package name,architecture,version | sed 's/,/:/; s/,/ /' | LC_ALL=C sort >"$here/ours"
    same 'its packages and their versions are those of dpkg-query' "$here/ours" "$here/theirs"
else
    skip 'its packages are those of dpkg-query' 'no dpkg here'
fi
is 'the listener is seen on its port, and only near' \
    "$(value listener address,exposed "port = $port")" '127.0.0.1,false'
if command -v ss >/dev/null; then
    holds 'ss sees it too' "$(ss -ltnH)" "127.0.0.1:$port"
else
    skip 'ss sees it too' 'no ss here'
fi
# sshd wants a key and a folder in /run, which a machine has only once sshd was started
ask_sshd() {
    # shellcheck disable=SC2016 # $0 is for the inner shell
    ssh-keygen -q -t ed25519 -N '' -f "$here/key" &&
        unshare -m sh -c 'mount -t tmpfs none /run && mkdir /run/sshd && exec sshd -T -h "$0"' \
            "$here/key"
}
if [ "$(id -u)" = 0 ] && command -v sshd >/dev/null && ask_sshd >"$here/sshd" 2>/dev/null; then
    is 'whether root may come in by ssh is what sshd -T says' \
        "$(value setting value "area = 'sshd' AND key = 'PermitRootLogin'")" \
        "$(sed -n 's/^permitrootlogin //p' "$here/sshd" | sed s/without-password/prohibit-password/)"
else
    skip 'whether root may come in by ssh is what sshd -T says' 'no sshd, or not root'
fi
log=$(value log_source path "format = 'text' AND last_event_at IS NOT NULL" | head -n 1)
if [ -n "$log" ]; then
    is 'a log that has lines was written when stat says' \
        "$(value log_source last_event_at "path = '$log'" | cut -c 1-15)" \
        "$(date -u -d "@$(stat -c %Y "$log")" +%Y-%m-%dT%H:%M | cut -c 1-15)"
else
    skip 'a log that has lines was written when stat says' 'no such log here'
fi
unit=$(value unit path "path IS NOT NULL AND NOT writable_by_others AND privileged" | head -n 1)
if [ -n "$unit" ]; then
    is 'a unit that others may not write has such a mode' \
        "$(stat -L -c %a "$unit" | grep -c '[2367]$')" 0
else
    skip 'a unit that others may not write has such a mode' 'no units here'
fi

# ---- the repositories against git ----
for name in one two; do
    tree=$here/trees/$name
    is "head, branch, commits and files of '$name' are those of git" \
        "$(value repo head_commit,default_branch,commit_count,file_count "name = '$name'")" \
        "$(git -C "$tree" rev-parse HEAD),$(git -C "$tree" symbolic-ref --short HEAD),$(
            git -C "$tree" rev-list --count HEAD
        ),$(git -C "$tree" ls-files | wc -l)"
    is "the last commit of '$name' is as old as git log says" \
        "$(value repo last_commit_at "name = '$name'")" \
        "$(git -C "$tree" log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)"
done
is 'what git status calls changed is dirty' "$(value repo name,worktree_dirty | sort | xargs)" \
    'one,true two,false'
is 'the owner comes from CODEOWNERS, else from who committed' \
    "$(value repo name,owner_source | sort | xargs)" 'one,git_history two,codeowners'

# ---- the card against the rows behind it ----
"$aright" score --class all --format csv >"$here/score.csv"
"$aright" finding list --format csv >"$here/findings.csv"
ok 'every number of the score is the number of findings behind it, and every scope their sum' \
    python3 - "$here/score.csv" "$here/findings.csv" <<'P'
import collections, csv, sys
behind = collections.Counter()
for row in csv.DictReader(open(sys.argv[2])):
    behind[row["standard"], row["state"]] += 1
seen = 0
for row in csv.DictReader(open(sys.argv[1])):
    states = {s: int(row[s]) for s in ("pass", "fail", "unknown", "waived")}
    assert int(row["scope"]) == sum(states.values()), row
    for state in ("fail", "unknown", "waived"):
        assert states[state] == behind.pop((row["standard"], state), 0), (row, state)
        seen += states[state]
    if int(row["scope"]):
        assert abs(float(row["share"]) - states["pass"] / int(row["scope"])) < 1e-9, row
    else:
        assert row["share"] == "", row
assert seen and not behind, (seen, behind)
P
first=$(csv finding list --limit 1 | cut -d, -f1)
ok 'the first finding is explained' "$aright" finding explain "$first"
explained=$(cat "$here/out")
standard=${first%%/*}
holds 'by the text of its standard' "$explained" "$("$aright" standard list --format csv |
    python3 -c 'import csv,sys
print([r["title"] for r in csv.DictReader(sys.stdin) if r["id"] == sys.argv[1]][0])' "$standard")"
for part in why facts right owner_source history; do
    is "its explanation has '$part'" "$(echo "$explained" | grep -c "^$part ")" 1
done

# ---- again ----
is 'a second look finds nothing new' \
    "$(csv look repos "$here/trees" | awk -F, '{ n += $5 + $7 } END { print n }')" 0
is 'and a second evaluation opens and closes nothing' \
    "$(csv evaluate | awk -F, '{ n += $7 + $8 } END { print n }')" 0
is 'the whole event log is there, one line each, none twice' \
    "$(sed -n 's/.*"seq":\([0-9]*\),.*/\1/p' "$ARIGHT_HOME/log/events.ndjson" | xargs)" \
    "$(seq "$(wc -l <"$ARIGHT_HOME/log/events.ndjson")" | xargs)"
is 'help lists every operation once' \
    "$("$aright" help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)   *[a-z].*/\1/p' | sort | uniq -d)" ''
done_testing
