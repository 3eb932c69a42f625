# How a command ends when its reader goes, or it is interrupted.
d='(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
rows="SELECT 'a line of some length, so that it takes many writes' AS x
      FROM $d a, $d b, $d c, $d d, $d e, $d f"
long="SELECT count(*) AS n FROM $d a(x), $d b(x), $d c(x), $d d(x), $d e(x), $d f(x), $d g(x), $d h(x),
      $d i(x), $d j(x), $d k(x), $d l(x) WHERE a.x + b.x * c.x - d.x * e.x <> f.x * 77 + l.x"
{ aright query "$rows" --format csv; echo "exit $?" >&2; } | head -n 1
{ aright query "$rows" --format json; echo "exit $?" >&2; } | head -n 1 | wc -c
aright help >/dev/full
echo "exit $?"
aright help >&-
echo "exit $?"
cat >interrupt.py <<'END'
import signal, subprocess, sys, time
p = subprocess.Popen(["aright", "query", sys.argv[1]])
time.sleep(1.5)
p.send_signal(signal.SIGINT)
print("interrupted", p.wait())
END
python3 interrupt.py "$long"
echo "query_seconds: 1" >"$ARIGHT_HOME/aright.yaml"
aright query "$long"
echo "exit $?"
echo "# what its reader takes is not the query's time"
aright query --format csv "SELECT 'a line of some length, so that it takes many writes' AS x
    FROM $d a, $d b, $d c, $d d, $d e" | { sleep 2; wc -l; }
printf 'query_rows: 10\n' >"$ARIGHT_HOME/aright.yaml"
show aright query --format csv "SELECT a.x FROM $d a(x), $d b(x)"
show aright query --format csv "SELECT count(*) AS n FROM $d a, $d b"
echo "# a command waits for another one to end, and not for ever"
echo "query_seconds: 12" >"$ARIGHT_HOME/aright.yaml"
aright query "$long" >/dev/null 2>&1 &
sleep 2
show aright status
wait
aright query --format csv 'SELECT 1 AS a' >one &
aright query --format csv 'SELECT 2 AS a' >two
wait
cat one two
