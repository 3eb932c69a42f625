#!/usr/bin/env python3
"""fetch_server FOLDER [CERT KEY]: a system to fetch from, with the faults of real ones. The first
word of a path names how it behaves. Writes FOLDER/port, then a line for each request to FOLDER/log:
what was asked, how it was answered, and what was wrong with how it was asked."""
import base64
import email.utils
import gzip
import http.server
import json
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
asked = {}    # (behaviour, page) -> how often
not_before = {}
log = open(folder / "log", "a", buffering=1)
PAGES, PER_PAGE = 3, 2


def items(page, first="i"):
    return [{"id": f"{first}{n}", "name": f"Item {n}"}
            for n in range((page - 1) * PER_PAGE, page * PER_PAGE)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body=b"", kind="application/json", **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body, indent=1).encode()
        with lock:
            log.write(f"{self.command} {self.path} {status} {self.wrong}\n")
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def count(self, key):
        with lock:
            asked[key] = asked.get(key, 0) + 1
            return asked[key]

    def page(self, page, last=PAGES, link=None, **more):
        """A page as Graph gives it."""
        body = {"value": items(page)} | more
        if page < last:
            body["@odata.nextLink"] = link or f"{self.base}/{self.name}/items?page={page + 1}"
        self.say(200, body)

    def answer(self):
        self.wrong = "-"
        parts = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(parts.query)
        self.name = parts.path.split("/")[1]
        self.base = f"{scheme}://{self.headers.get('Host')}"
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        page = int(query.get("page", ["1"])[0])
        behave = getattr(self, "do_" + self.name.replace("-", "_"), None)
        if behave is None:
            return self.shipped(query)
        behave(page, query)

    do_GET = do_POST = answer

    # ---- pages ----

    def do_plain(self, page, query):
        self.page(page)

    def do_relative(self, page, query):
        self.page(page, link=f"items?page={page + 1}")

    def do_link(self, page, query):
        more = {"Link": f'<{self.base}/link/items?page={page + 1}>; rel="next", '
                        f'<{self.base}/link/items?page={PAGES}>; rel="last"'} if page < PAGES else {}
        self.say(200, items(page), **more)

    def do_number(self, page, query):
        self.say(200, {"data": items(page) if page <= PAGES else []})

    def do_offset(self, page, query):
        at = int(query["offset"][0])
        if at >= PAGES * PER_PAGE:
            self.wrong = "BEHIND THE END"
        self.say(200, {"result": items(at // PER_PAGE + 1)}, X_Total_Count=str(PAGES * PER_PAGE))

    def do_token(self, page, query):
        sent = json.loads(self.body)
        page = int(sent["options"].get("$skipToken", "t1")[1:])
        if sent["query"] != "everything of here":
            self.wrong = "OTHER QUERY"
        body = {"data": items(page), "resultTruncated": "false"}
        if page < PAGES:
            body["$skipToken"] = f"t{page + 1}"
        self.say(200, body)

    def do_csv(self, page, query):
        self.say(200, b"id,name\na,One\nb,Two\n", "text/csv")

    # ---- faults ----

    def early(self, page):
        self.wrong = "TOO EARLY" if time.time() < not_before.get((self.name, page), 0) else "-"

    def do_throttle_seconds(self, page, query):
        if page == 2 and self.count((self.name, page)) == 1:
            not_before[self.name, page] = time.time() + 1
            return self.say(429, {"error": {"message": "slow down"}}, Retry_After="1")
        self.early(page)
        self.page(page)

    def do_throttle_date(self, page, query):
        if page == 2 and self.count((self.name, page)) == 1:
            then = int(time.time()) + 2
            not_before[self.name, page] = then
            return self.say(503, {}, Retry_After=email.utils.formatdate(then, usegmt=True))
        self.early(page)
        self.page(page)

    def do_throttle_header(self, page, query):
        if page == 2 and self.count((self.name, page)) == 1:
            then = int(time.time()) + 2
            not_before[self.name, page] = then
            return self.say(403, {"message": "rate limit"}, x_ratelimit_remaining="0",
                            x_ratelimit_reset=str(then))
        self.early(page)
        self.page(page)

    def do_throttle_long(self, page, query):
        self.say(429, {}, Retry_After="90")

    def do_throttle_for_ever(self, page, query):
        self.say(429, {}, Retry_After=str(2 ** 63 - 1))

    def do_throttle_past(self, page, query):
        if page == 2 and self.count((self.name, page)) == 1:
            return self.say(429, {}, x_ratelimit_remaining="0", x_ratelimit_reset=str(-2 ** 63))
        self.page(page)

    def do_moved(self, page, query):
        self.say(302, b"", None, Location="/moved/elsewhere")

    def do_shrinks(self, page, query):
        more = {"@odata.deltaLink": f"{self.base}/shrinks/items?token=a"}
        first = self.count(self.name) == 1
        self.say(200, {"value": items(1) + items(2) + items(3) if first else items(1)[:1]} | more)

    def do_twice(self, page, query):
        self.say(200, {"value": items(1) + items(1)})

    def do_flaky(self, page, query):
        if page == 2 and self.count((self.name, page)) <= 1:
            return self.say(500, b"oops", "text/plain")
        self.page(page)

    def do_broken(self, page, query):
        self.say(502, b"<html>bad gateway</html>", "text/html")

    def do_forbidden(self, page, query):
        self.say(403, {"error": {"code": "Denied", "message": "Insufficient privileges\u001b[31m"}})

    def do_cut(self, page, query):
        if page == 2 and self.count((self.name, page)) == 1:
            body = json.dumps({"value": items(page)}).encode()
            self.say(200, body[: len(body) // 2], Content_Length=str(len(body)))
            self.close_connection = True
            return self.connection.shutdown(2)
        self.page(page)

    def do_short(self, page, query):
        if page == 2 and self.count((self.name, page)) == 1:
            return self.say(200, b'{"value": [{"id": "i2", "na')
        self.page(page)

    def do_loop(self, page, query):
        self.page(page, last=99, link=f"{self.base}/loop/items?page={2 if page == 3 else page + 1}")

    def do_foreign(self, page, query):
        self.page(page, link=f"http://localhost:{self.server.server_port}/foreign/items?page=2")

    def do_redirect(self, page, query):
        if "moved" not in query:
            return self.say(302, b"", None, Location=f"/redirect/items?moved=1&page={page}")
        self.page(page)

    def do_redirect_foreign(self, page, query):
        self.say(302, b"", None, Location=f"http://localhost:{self.server.server_port}/plain/items")

    def do_html(self, page, query):
        self.say(200, b"<!doctype html><title>Sign in</title>", "text/html; charset=utf-8")

    def do_text(self, page, query):
        self.say(200, b'{"value": []}', "text/plain")

    def do_bomb(self, page, query):
        self.say(200, gzip.compress(b'{"value":[' + b" " * (64 << 20) + b"]}"),
                 Content_Encoding="gzip")

    def do_gzip(self, page, query):
        self.say(200, gzip.compress(json.dumps({"value": items(page)}).encode()),
                 Content_Encoding="gzip")

    def do_slow(self, page, query):
        time.sleep(5)
        self.page(page)

    def do_endless(self, page, query):
        self.page(page, last=10 ** 9)

    def do_hang(self, page, query):
        if page == 3 and self.count((self.name, page)) == 1:
            (folder / "hangs").touch()
            time.sleep(60)
        self.page(page)

    def do_expired(self, page, query):
        """The cursor is forgotten while the client was away."""
        if page == 2 and self.count((self.name, page)) == 1:
            return self.say(410, {"error": {"message": "resync"}})
        self.page(page)

    # ---- who asks ----

    def do_oauth(self, page, query):
        if self.path.endswith("/token"):
            form = urllib.parse.parse_qs(self.body.decode())
            right = form == {"grant_type": ["client_credentials"], "client_id": ["the client"],
                             "client_secret": ["s3cret &+="], "scope": ["all/.default"]}
            if not right:
                return self.say(400, {"error": "invalid_client", "error_description": "not you"})
            n = self.count("tokens")
            return self.say(200, {"token_type": "Bearer", "expires_in": "3599",
                                  "access_token": f"t0ken-{n}"})
        token = self.headers.get("Authorization")
        if token != ("Bearer t0ken-1" if page == 1 else "Bearer t0ken-2"):
            return self.say(401, {"error": {"message": "token is old"}})
        self.page(page)

    def do_long_token(self, page, query):
        if not self.path.endswith("/token"):
            return self.page(page)
        self.say(200, {"access_token": "t0ken", "expires_in": 2 ** 63 - 1})

    def do_split_token(self, page, query):
        if not self.path.endswith("/token"):
            return self.page(page)
        self.say(200, {"access_token": "t0ken\r\nX-Mine: yes", "expires_in": 60})

    def do_echo(self, page, query):
        said = self.body.decode() or self.headers.get("Authorization").removeprefix("Bearer ")
        self.say(403, {"message": f"who is {said}?"})

    def do_header(self, page, query):
        if self.headers.get("X-Api-Key") != "Key k3y" or self.headers.get("X-For") != "here":
            return self.say(401, {})
        self.page(page)

    def do_basic(self, page, query):
        want = "Basic " + base64.b64encode(b"kim:k3y").decode()
        if self.headers.get("Authorization") != want:
            return self.say(401, {})
        self.page(page)

    # ---- what has changed ----

    def do_changes(self, page, query):
        """All in two pages, then a change, then 410, then all again; at last something removed."""
        token = query.get("token", [""])[0]
        link = f"{self.base}/changes/items?token="
        if token == "":
            if page == 1:
                return self.page(1, link=f"{self.base}/changes/items?page=2")
            round_ = self.count("changes")
            return self.page(2, last=2, **{"@odata.deltaLink": f"{link}{'a' if round_ == 1 else 'c'}"})
        if token == "a":
            return self.say(200, {"value": [{"id": "i0", "name": "Changed"},
                                            {"id": "new", "name": "New"}],
                                  "@odata.deltaLink": link + "b"})
        if token == "b":
            return self.say(410, {"error": {"code": "syncStateNotFound"}})
        self.say(200, {"value": [{"id": "i1", "@removed": {"reason": "deleted"}}],
                       "@odata.deltaLink": link + "d"})

    def do_astray(self, page, query):
        more = {"@odata.deltaLink": f"http://localhost:{self.server.server_port}/astray/items?token=a"}
        self.say(200, {"value": items(1) + items(2) + items(3)} | more)

    def do_between(self, page, query):
        more = {"@odata.deltaLink": f"{self.base}/between/items?token=a"}
        self.say(200, {"value": items(1) if "token" in query else items(1) + items(2)} | more)

    # ---- as the shipped connectors expect it, an item a page ----

    def items_of(self):
        """The items of FOLDER/NAME, where it is a document; else small ones that have every id."""
        file = folder / self.name
        if file.exists():
            document = json.loads(file.read_text())
            return next((v for k, v in document.items() if k in ("value", "data", "result")), [])
        return [{"id": f"/subscriptions/s/providers/{n}", "appId": n, "deviceId": n, "sys_id": n,
                 "displayName": n, "name": n, "full_name": f"org/{n}", "login": "org", "keyId": n,
                 "email": f"{n}@here", "userPrincipalName": f"{n}@here", "status": {"errorCode": 0},
                 "userId": n, "createdDateTime": "2026-11-20T00:00:00Z", "principalId": n,
                 "passwordCredentials": [{"keyId": n}], "prefix": "10.0.0.0/8", "type": "t",
                 "location": "l"}
                for n in ("n1", "n2", "n3")]

    def check_proof(self):
        word = {"graph": "Bearer T", "azure": "Bearer T", "github": "Bearer k3y",
                "netbox": "Token k3y", "servicenow": "Basic "}[self.name.split("-")[0]]
        if not self.headers.get("Authorization", "").startswith(word):
            self.wrong = "WITHOUT PROOF"
        if not self.headers.get("User-Agent"):
            self.wrong = "WITHOUT NAME"

    def shipped(self, query):
        if self.path.endswith("/token"):
            return self.say(200, {"access_token": "T" + self.name, "expires_in": 3599})
        self.check_proof()
        every = self.items_of()
        sent = json.loads(self.body or "{}")
        n = int((query.get("at") or query.get("sysparm_offset") or
                 [sent.get("options", {}).get("$skipToken", "0")])[0])
        by = int(query.get("sysparm_limit", ["1"])[0])
        here, is_last = every[n:n + by], n + by >= len(every)
        here_url = self.path.split("at=")[0].rstrip("&?")
        link = f"{self.base}{here_url}{'&' if '?' in here_url else '?'}at={n + 1}"
        if self.name.startswith("graph-"):
            delta = "/delta" in self.path
            more = {"@odata.deltaLink": link} if is_last and delta else {}
            return self.say(200, {"value": here} | ({} if is_last else {"@odata.nextLink": link}) | more)
        if self.name == "github-organizations":
            return self.say(200, every[0])
        if self.name.startswith("github-"):
            return self.say(200, here, **({} if is_last else {"Link": f'<{link}>; rel="next"'}))
        if self.name.startswith("netbox-"):
            return self.say(200, {"count": len(every), "next": None if is_last else link,
                                  "previous": None, "results": here})
        if self.name.startswith("servicenow-"):
            return self.say(200, {"result": here}, X_Total_Count=str(len(every)))
        body = {"data": here, "count": len(here), "resultTruncated": "false" if is_last else "true"}
        self.say(200, body | ({} if is_last else {"$skipToken": str(n + 1)}))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # whoever asked is gone


server = Server(("127.0.0.1", 0), Handler)
scheme = "http"
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https"
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
