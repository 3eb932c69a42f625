"""web.py PORT LINK OTHER_LINK FRONT CORE: asks the pages in every way, and says of each sentence whether it
holds: "0 SENTENCE" or "1 SENTENCE"; what was found instead goes to standard error."""
import gzip
import http.client
import json
import os
import random
import re
import signal
import socket
import sys
import time
import urllib.parse

port, link, other_link = int(sys.argv[1]), sys.argv[2], sys.argv[3]
front, core = int(sys.argv[4]), int(sys.argv[5])
host = f"127.0.0.1:{port}"
page = {"Content-Type": "application/json", "Aright-Door": "page"}


def holds(sentence, got, wanted=True):
    print(0 if got == wanted else 1, sentence, flush=True)
    if got != wanted:
        print(f"{sentence}\n  got {got!r}\n  wanted {wanted!r}", file=sys.stderr)


class Answer:
    def __init__(self, response):
        self.status, self.head, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def error(self):
        return self.json().get("error", {}).get("message", "")


def ask(path, method="GET", body=None, cookie=None, **head):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in head.items()}
    if cookie:
        headers["Cookie"] = f"aright={cookie}"
    c.request(method, path, body, headers)
    answer = Answer(c.getresponse())
    c.close()
    return answer


def raw(data):
    """What comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
        got = b""
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                got += part
        except OSError:
            pass
        return got


def raw_open(text):
    s = socket.create_connection(("127.0.0.1", port), timeout=30)
    s.sendall(text.encode())
    return s


def is_over(s):
    s.settimeout(2)
    try:
        while s.recv(65536):
            pass
        return True
    except TimeoutError:
        return False


def status_of(data):
    first = raw(data).split(b"\r\n")[0].split(b" ")
    return int(first[1]) if len(first) > 1 else 0


# ---- without a session ----
first = ask("/")
holds("the document is there for everybody", first.status, 200)
holds("and nothing else", ask("/api/v1/status").status, 401)
holds("who is nobody is told how to come in", "aright web link" in ask("/api/v1/status").error())
policy = first.head["Content-Security-Policy"]
holds("scripts and styles are our own", "unsafe" not in policy and "script-src 'self'" in policy)
for name, value in [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                    ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin")]:
    holds(f"every answer says {name}", (first.head[name], ask("/api/v1/x").head[name]), (value, value))
tag = first.head["ETag"]
known = ask("/", If_None_Match=tag)
holds("what a browser has is not sent again", (known.status, known.body), (304, b""))
assets = re.findall(r"/assets/[0-9a-f]+\.(?:js|css)", first.body.decode())
holds("files of the pages are named in it", len(assets) > 20)
size = 0
for path in assets:
    file = ask(path)
    size += len(file.body)
    good = file.status == 200 and "immutable" in file.head["Cache-Control"]
    if not good or len(gzip.decompress(file.body)) == 0:
        holds(f"{path} lies there", False)
holds("and lie there, compressed, for ever", size > 0)
holds("HEAD is GET without the body",
      (ask("/", "HEAD").status, ask("/", "HEAD").body, ask("/", "HEAD").head["Content-Length"]),
      (200, b"", str(len(first.body))))
holds("HTTP/1.0 is answered", status_of(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()), 200)
holds("a part of a file may be asked for, and all of it comes",
      ask(assets[0], Range="bytes=0-3").status in (200, 206))

# ---- coming in ----
# They are read at the end: by then the pages have lost patience with who reads nothing of them.
streams = [raw_open(f"GET /api/v1/web/who HTTP/1.1\r\nHost: {host}\r\nCookie: aright={'0' * 64}\r\n"
                    "Accept: text/event-stream\r\n\r\n") for _ in range(2)]
streamed = time.monotonic()
crossed = ask(link[link.index("/enter"):], Sec_Fetch_Site="cross-site")
holds("no other site lets anybody in with a link of its own", (crossed.status, crossed.head["Set-Cookie"]), (403, None))
entered = ask(link[link.index("/enter"):])
cookie = entered.head["Set-Cookie"] or ""
token = re.match(r"aright=([0-9a-f]{64});", cookie)
token = token and token.group(1)
holds("a link lets in and leads to the first page", (entered.status, entered.head["Location"]), (303, "/"))
holds("with a cookie that no script reads and no other site sends",
      "HttpOnly" in cookie and "SameSite=Strict" in cookie)
again = ask(link[link.index("/enter"):])
holds("but once", (again.head["Set-Cookie"], again.head["Location"]), (None, "/?link=ended"))
holds("a link that is none lets nobody in", ask("/enter?link=" + "0" * 64).head["Set-Cookie"], None)
holds("HEAD opens nothing", ask(other_link[other_link.index("/enter"):], "HEAD").head["Set-Cookie"], None)
holds("a session that was made up is refused", ask("/api/v1/status", cookie="0" * 64).status, 403)
holds("one of another length is none", ask("/api/v1/status", cookie="0" * 63).status, 401)
who = ask("/api/v1/web/who", cookie=token)
holds("a session is its person", (who.status, who.json()["rows"][0][0].startswith("person:")), (200, True))

# ---- asking ----
rows = ask("/api/v1/asset/list?kind=app&columns=id,name", cookie=token)
names = [column["name"] for column in rows.json()["columns"]]
holds("rows come with their columns", (names, len(rows.json()["rows"])), (["id", "name"], 2))
holds("and are kept by nobody on the way", rows.head["Cache-Control"], "no-store")
holds("a parameter that is none is named", "no parameter 'kynd'" in ask("/api/v1/asset/list?kynd=app", cookie=token).error())
holds("an error has the status of its kind", ask("/api/v1/asset/list?kind=ap", cookie=token).status, 404)
holds("an operation that is none", ask("/api/v1/asset/walk", cookie=token).status, 404)
csv = ask("/api/v1/asset/list?kind=app&columns=id,name&_format=csv", cookie=token)
holds("the same as a table to take away", (csv.head["Content-Type"], csv.body.splitlines()[0]),
      ("text/csv; charset=utf-8", b"id,name"))
lines = ask("/api/v1/asset/list?kind=app&_format=ndjson", cookie=token)
holds("and as lines", [json.loads(line)["id"] for line in lines.body.splitlines()], ["a", "b"])
document = ask("/api/openapi.json").json()
holds("the API describes itself", (document["openapi"], len(document["paths"]) > 40), ("3.1.0", True))


def resolve(about):
    """What stands where a reference points to."""
    while "$ref" in about:
        at = document
        for name in about["$ref"][2:].split("/"):
            at = at[name]
        about = at
    return about


TYPES = {"null": type(None), "boolean": bool, "integer": int, "number": (int, float), "string": str, "array": list, "object": dict}


def misfits(value, schema, where="answer"):
    """What of a value is not as its schema says."""
    types = schema.get("type", [])
    if types and not any(isinstance(value, TYPES[t]) and (t == "boolean" or not isinstance(value, bool))
                         for t in ([types] if isinstance(types, str) else types)):
        return [f"{where} is no {types}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is {value!r}"]
    found = []
    if isinstance(value, list) and "items" in schema:
        for i, one in enumerate(value):
            found += misfits(one, schema["items"], f"{where}[{i}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, one in value.items():
            if name in known:
                found += misfits(one, known[name], f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}.{name} is not described")
    return found


def wrong_values(schema):
    """Values that the schema does not allow, as a query and as JSON have them."""
    one = schema.get("items", schema)
    if "enum" in one:
        return ["none-of-these"]
    return {"integer": ["many"], "boolean": ["maybe"]}.get(one["type"], [])


def faults(path, method, about):
    """Where an operation does not do what the document says of it."""
    post = method == "post"
    parameters = [resolve(p) for p in about["parameters"]]
    body = about["requestBody"]["content"]["application/json"]["schema"] if post else None
    needed = body["required"] if post else [p["name"] for p in parameters if p.get("required")]
    schemas = body["properties"] if post else {p["name"]: p["schema"] for p in parameters}
    answers = resolve(about["responses"]["default"])["content"]["application/json"]["schema"]
    found = []

    def expect(what, status, values, **more):
        answer = (ask(path, "POST", json.dumps(values), **page, **more) if post
                  else ask(path + "?" + urllib.parse.urlencode(values), **more))
        got = answer.json()
        if status is None:
            status = 200 if "error" not in got else max(answer.status, 400)
        if answer.status != status or answer.status == 500:
            found.append((path, what, answer.status, got.get("error")))
        found.extend((path, what, one) for one in misfits(got, answers)[:3])
        if any(len(row) != len(got["columns"]) for row in got["rows"]):
            found.append((path, what, "rows are not as wide as columns"))

    expect("without a session", 401, {})
    expect("with a parameter that is none", 400, {"kynd": "x"}, cookie=token)
    if needed:
        expect("without what it needs", 400, {}, cookie=token)
    elif not post:
        expect("asked", None, {}, cookie=token)
    for name, schema in schemas.items():
        for value in wrong_values(schema):
            expect(f"{name}={value}", 400, {name: value}, cookie=token)
    return found


holds("every operation does what the document says, and refuses what it does not",
      [one for path, methods in document["paths"].items() for method, about in methods.items()
       for one in faults(path, method, about)], [])

# ---- changing ----
path = "/api/v1/snapshot/take"
holds("a change wants POST", ask(path, cookie=token).status, 405)
holds("and reading GET", ask("/api/v1/status", "POST", "{}", token, **page).status, 405)
holds("and our own header", ask(path, "POST", "{}", token, Content_Type="application/json").status, 403)
holds("and JSON, which no form sends",
      ask(path, "POST", "a=b", token, Aright_Door="page", Content_Type="application/x-www-form-urlencoded").status, 400)
holds("and no other site",
      [ask(path, "POST", "{}", token, Origin=o, **page).status for o in ("http://evil.example", "null", "https://" + host)],
      [403, 403, 403])
holds("as browsers tell it too",
      [ask(path, "POST", "{}", token, Sec_Fetch_Site=s, **page).status for s in ("cross-site", "same-site", "none")],
      [403, 403, 403])
holds("nor may another site read", ask("/api/v1/status", cookie=token, Sec_Fetch_Site="cross-site").status, 403)
taken = ask(path, "POST", json.dumps({"name": "by-page"}), token, Origin="http://" + host, **page)
holds("our own page may", (taken.status, "by-page" in taken.body.decode()), (200, True))
holds("what is no JSON is refused with its place",
      "body:1" in ask(path, "POST", "{", token, **page).error())
holds("a body that is too long is refused before it comes",
      status_of(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {2 << 20}\r\n"
                "Connection: close\r\n\r\n".encode()), 413)
holds("and one that does not say how long it is, when it is too long",
      status_of(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
                + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 32), 0)

def told(path, body):
    """The events of an answer: names and what they carry."""
    answer = ask(path, "POST", json.dumps(body), token, Accept="text/event-stream", **page)
    parts = [part.split("\n") for part in answer.body.decode().strip().split("\n\n")]
    return answer.head["Content-Type"], [(name, json.loads("\n".join(line[6:] for line in data))) for name, *data in parts]


kind, events = told("/api/v1/evaluate", {})
holds("what takes long tells how far it is, and then all of the answer",
      (kind, {name for name, _ in events[:-1]}, events[0][1]["done"], events[-1][0], len(events[-1][1]["rows"]) > 0),
      ("text/event-stream", {"event: progress"}, 0, "event: answer", True))
holds("or why there is none", "by-page" in told("/api/v1/snapshot/take", {"name": "by-page"})[1][-1][1]["error"]["message"])

# ---- meaning harm ----
holds("another name that leads here is not ours",
      [status_of(f"GET / HTTP/1.1\r\nHost: {h}\r\nConnection: close\r\n\r\n".encode())
       for h in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}.evil.example")],
      [421, 421, 421, 421])
holds("no name at all is none", status_of(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400)
for path in ("/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc/passwd",
             "/api/v1/../../etc/passwd", "/assets/", "/assets/%00"):
    answer = raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    holds(f"{path} is nothing", b"root:" not in answer and b" 200 " not in answer.split(b"\r\n")[0])
holds("a head of a megabyte is refused",
      status_of(b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n")
      in (0, 400, 413, 431))
holds("a thousand headers too",
      status_of(b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\n" + b"X: y\r\n" * 20000 + b"\r\n")
      in (0, 400, 413, 431))
holds("what is no HTTP is", status_of(b"\x16\x03\x01\x02\x00" + b"\x00" * 100) in (0, 400))
holds("a method that there is not", ask("/", "DELETE").status, 405)
holds("two lengths of one body are refused",
      status_of(f"POST /api/v1/snapshot/take HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n"
                "Content-Length: 3\r\nConnection: close\r\n\r\n{}".encode()) in (0, 400))
dice = random.Random(7)
seeds = [f"GET /api/v1/finding/list?state=fail&limit=3 HTTP/1.1\r\nHost: {host}\r\nCookie: aright={token}\r\n\r\n",
         f"POST /api/v1/snapshot/take HTTP/1.1\r\nHost: {host}\r\nCookie: aright={token}\r\nAright-Door: page\r\n"
         "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"name\":\"dice\"",
         f"GET /enter?link={token} HTTP/1.0\r\nHost: {host}\r\nRange: bytes=0-\r\nIf-None-Match: {tag}\r\n\r\n"]
strange = []
for i in range(200):
    data = bytearray(dice.choice(seeds).encode())
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data))
        data[at:at + dice.randint(0, 4)] = dice.randbytes(dice.randint(0, 4)) if dice.random() < 0.7 else dice.choice([b"\r\n", b"%00", b"&", b"\x00", b"%", b" "])
    answer = raw(bytes(data)).split(b"\r\n")[0]
    if answer and (not re.match(rb"HTTP/1\.[01] [2-5]\d\d ", answer) or b" 500 " in answer):
        strange.append((bytes(data), answer))
holds("two hundred requests that dice have spoilt are answered or refused", strange, [])
slow = []
for i in range(100):
    s = socket.create_connection(("127.0.0.1", port), timeout=30)
    s.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nX-{i}: ".encode())
    slow.append(s)
began = time.monotonic()
holds("a hundred who never end their question keep nobody out", ask("/").status, 200)
holds("nor make others wait", time.monotonic() - began < 5)
for s in slow:
    s.close()

noise = [dice.randbytes(dice.randint(1, 2000)) for _ in range(100)]
noise += [b"POST " + dice.randbytes(dice.randint(1, 300)) + b"\r\n\r\n" for _ in range(100)]
strange = [(data, answer) for data in noise
           if (answer := raw(data).split(b"\r\n")[0]) and not re.match(rb"HTTP/1\.[01] [4-5]\d\d ", answer)]
holds("two hundred floods of bytes are refused", strange, [])
holds("and it is the same process that still answers",
      (os.path.exists(f"/proc/{front}"), ask("/api/v1/web/who", cookie=token).status), (True, 200))

# ---- the process itself ----
def own(process, name):
    """What the kernel says of a process."""
    with open(f"/proc/{process}/status", encoding="utf-8") as status:
        return next(line.split(":")[1].split() for line in status if line.startswith(name + ":"))


mine = own("self", "Uid")
holds("the front process has a user of its own where root serves, and no group but that",
      (own(front, "Uid")[0] != "0", own(front, "Uid")[0] == mine[0] or own(front, "Groups") == []), (True, True))
holds("it can gain no right, and the kernel filters what it calls",
      (own(front, "NoNewPrivs"), own(front, "Seccomp"), int(own(front, "CapEff")[0], 16)), (["1"], ["2"], 0))

time.sleep(max(0, streamed + 24 - time.monotonic()))
holds("who stays behind an answer that came as events loses the connection",
      [is_over(s) for s in streams], [True, True])

# ---- ends ----
os.kill(core, signal.SIGKILL)
told = []
while not told or (told[-1] != 200 and len(told) < 100):
    told.append(ask("/api/v1/web/who", cookie=token).status)
    time.sleep(0.05)
holds("a core that is killed comes back, and who was in stays in", (told[-1], set(told) <= {200, 503}), (200, True))
os.kill(front, signal.SIGKILL)
for _ in range(200):
    try:
        back = ask("/api/v1/web/who", cookie=token).status
        break
    except OSError:
        back = 0
        time.sleep(0.05)
holds("a front process that is killed comes back, and who was in stays in", back, 200)
holds("who leaves is out", (ask("/api/v1/web/leave", "POST", "{}", token, **page).status,
                            ask("/api/v1/web/who", cookie=token).status), (200, 403))
holds("and all of it was asked", True)
