# One answer in every format; what could harm a terminal or a spreadsheet is shown as text.
rows="SELECT * FROM (VALUES
  ('plain', 1, 0.5, true, TIMESTAMP '2026-11-21 09:30:00'),
  (chr(27) || '[31mred' || chr(10) || 'line', -20000, 1e300, false, NULL),
  ('=cmd()', 0, NULL, NULL, TIMESTAMP '2026-11-21 09:30:00.5'),
  ('a \"quoted\", name', 7, -0.0, true, NULL),
  ('漢字 ünï ' || chr(8238) || 'x', NULL, 0.1, true, NULL)) t(name, n, d, ok, \"at\")"
for format in table json ndjson csv; do
    show aright query --format $format "$rows"
done
show aright query --format json 'SELECT 1 AS a WHERE false'
show aright query --format table 'SELECT 1 AS a WHERE false'
show aright query --format csv 'SELECT 1 AS a WHERE false'
show aright query 'SELECT 1 AS '
echo "# ten thousand rows, as wide as the first thousand"
d='(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
got=$(aright query "SELECT a.x * 1000 + b.x * 100 + c.x * 10 + d.x AS n
              FROM $d a(x), $d b(x), $d c(x), $d d(x) ORDER BY n" | md5sum)
want=$({ echo n; seq 0 9999; } | awk '{ printf "%3s\n", $0 }' | md5sum)
[ "$got" = "$want" ] && echo "are aligned"
