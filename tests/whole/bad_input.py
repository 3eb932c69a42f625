"""bad_input.py FOLDER: the payloads and documents of bad_input.sh, those that a shell cannot write."""
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
HUGE, DEEP = 40_000_000, 100_000


def put(name, content):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def sparse(name, content):
    put(name, content)
    with open(folder / name, "r+b") as file:
        file.truncate(40 << 30)


put("good.ndjson", "".join(f'{{"id":"a{i}","name":"app {i}","owner_count":{i % 3}}}\n'
                           for i in range(300)))

put("deep.json", "[" * DEEP + "]" * DEEP)
put("deep.ndjson", '{"id":"a"}\n{"id":"b","name":' + "[" * DEEP + "]" * DEEP + "}\n")
put("deepmap.json", '[{"id":"a","x":' + '{"a":' * DEEP + "1" + "}" * DEEP + "}]")
put("trailing.json", '[{"id":"a"}] x')
put("dupkey.json", '[{"id":"a","name":"x","name":"y"}]')
put("dupkey.ndjson", '{"id":"a"}\n{"id":"b","id":"c"}\n')
put("dupid.json", '[{"id":"a"},{"id":"a"}]')
put("range.json", '[{"id":"a","owner_count":99999999999999999999}]')
put("double.json", '[{"id":"a","owner_count":1e400}]')
put("type.json", '[{"id":"a","multi_tenant":"maybe"}]')
put("nul.json", b'[{"id":"a\0b"}]')
put("nulescape.json", '[{"id":"a\\u0000b"}]')
put("nul.ndjson", b'{"id":"a"}\n{"id":"b\0"}\n')
put("utf8.json", b'[{"id":"a\xff\xfe"}]')
put("utf8.ndjson", b'{"id":"a"}\n{"id":"b\xc0\xaf"}\n')
put("surrogate.json", '[{"id":"\\ud800"}]')
put("cut.json", '[{"id":"a"},{"id":"b"')
put("cut.ndjson", '{"id":"a"}\n{"id":"b"')
put("noid.json", '[{"name":"x"}]')
put("scalar.json", "42")
put("huge.json", '[{"id":"a","name":"' + "x" * HUGE + '"}]')
put("huge.ndjson", '{"id":"a","name":"' + "x" * HUGE + '"}\n')
put("longid.ndjson", '{"id":"' + "x" * 5000 + '"}\n')

put("open.csv", 'id,name\na,"x\nb,y\n')
put("more.csv", "id,name\na,x\nb,y,z\n")
put("fewer.csv", "id,name\na\n")
put("wide.csv", ",".join(["id"] + [f"c{i}" for i in range(10_000)]) + "\n")
put("nul.csv", b"id,name\na,\0\n")
put("utf8.csv", b"id,name\na,\xff\n")
put("twice.csv", "id,name,name\na,b,c\n")
put("noid.csv", "name\nx\n")
put("quote.csv", 'id,name\na,"x"y\n')
put("type.csv", "id,owner_count\na,many\n")
put("huge.csv", "id,name\na," + "x" * HUGE + "\n")
put("garbage.parquet", b"PAR1" + bytes(range(256)) * 20 + b"PAR1")

sparse("sparse.json", '[{"id":"a"}')
sparse("sparse.ndjson", '{"id":"a"}\n')
sparse("sparse.csv", "id,name\na,b\n")
put("endless.ndjson", '{"id":"a"}\n{"id":"b","name":"' + "x" * HUGE + '"}\n')
sparse("hole.csv", "id,name\n" + "".join(f"{i},b\n" for i in range(50_000)))
sparse("sparse.parquet", "PAR1")
sparse("sparse16.json", b"\xff\xfe[\0")

standard = (pathlib.Path(sys.argv[2]) / "standards" / "TN-3.yaml").read_text()
assert "baseline_ok AND" in standard and "title:" in standard
put("column.yaml", standard.replace("baseline_ok AND", "baseline_okk AND"))
put("syntax.yaml", standard.replace("baseline_ok AND", "baseline_ok AND AND"))
put("key.yaml", standard.replace("title:", "titel:"))
put("deep.yaml", "id: " + "[" * DEEP + "]" * DEEP + "\n")
put("bomb.yaml", "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n")
put("dupkey.yaml", "id: TN-3\nid: TN-4\n")
put("utf8.yaml", b'id: "\xff"\n')
put("nul.yaml", b"id: a\0b\n")
put("huge.yaml", "id: " + "x" * HUGE + "\n")
put("tab.yaml", "id: x\n\ttitle: y\n")
put("second.yaml", "id: x\n---\nid: y\n")
put("tag.yaml", "id: !!python/object:os.system x\n")
put("scalar.yaml", "just text\n")
