#!/usr/bin/env python3
"""act_server FOLDER: the part of Microsoft Graph that the shipped actions ask, strict: it takes
what its documentation says and nothing else. Writes FOLDER/port, a line for each request to
FOLDER/log (WRONG says what was wrong with it), and after each change what it holds to FOLDER/held.
FOLDER/faults has a line `METHOD FAULT` for each request that goes wrong once: 500, 429, cut (it is
done, and the connection ends without an answer), half (it is done, and half of an answer comes),
hang (nothing comes for a while), reset (it is not done, and the connection is reset)."""
import http.server
import json
import pathlib
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1])
lock = threading.RLock()
log = open(folder / "log", "a", buffering=1)
held = {"apps": {}, "deleted": {}, "principals": {}, "partners": {}}
SECRET, TOKEN = "gr-s3cret", "t0ken"


class Wrong(Exception):
    """The request is not one that Graph takes."""


def need(condition, why):
    if not condition:
        raise Wrong(why)


def quoted(text):
    """What stands between the quotes of an OData key, where each quote is written twice."""
    need(re.fullmatch(r"(?:[^']|'')*", text), f"a quote ends '{text}'")
    return text.replace("''", "'")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body=None, **headers):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if body is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def fault(self):
        lines = (folder / "faults").read_text().splitlines() if (folder / "faults").exists() else []
        for line in filter(None, lines):
            method, fault = line.split()
            if method == self.command:
                lines.remove(line)
                (folder / "faults").write_text("".join(x + "\n" for x in lines))
                return fault
        return None

    def end(self, reset=False):
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR) if not reset else self.connection.close()

    def token(self, body):
        asked = urllib.parse.parse_qs(body.decode())
        need(asked.get("client_secret") == [SECRET] and asked.get("client_id") == ["bot"] and
             asked.get("grant_type") == ["client_credentials"] and
             asked.get("scope") == [f"http://127.0.0.1:{port}/graph/.default"], "no proof")
        self.say(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    def answer(self, path, query, body):
        """(status, body) as Graph has it."""
        what = (self.command, path)
        if m := re.fullmatch(r"servicePrincipals\(appId='(.*)'\)", path):
            key = quoted(m[1])
            if key not in held["principals"]:
                return 404, {"error": {"code": "Request_ResourceNotFound"}}
            if self.command == "GET":
                need(query == "$select=accountEnabled", f"query '{query}'")
                return 200, {"accountEnabled": held["principals"][key]}
            need(self.command == "PATCH" and isinstance(body, dict), "a patch has a body")
            need(set(body) == {"accountEnabled"} and isinstance(body["accountEnabled"], bool), "body")
            held["principals"][key] = body["accountEnabled"]
            return 204, None
        if m := re.fullmatch(r"applications/([^/]+)", path):
            need(self.command == "DELETE" and body is None, "an application is deleted")
            if m[1] not in held["apps"]:
                return 404, {"error": {"code": "Request_ResourceNotFound"}}
            held["deleted"][m[1]] = held["apps"].pop(m[1])
            return 204, None
        if m := re.fullmatch(r"directory/deletedItems/([^/]+)(/restore)?", path):
            if m[1] not in held["deleted"]:
                return 404, {"error": {"code": "Request_ResourceNotFound"}}
            if m[2]:
                need(self.command == "POST", "restore is posted")
                held["apps"][m[1]] = held["deleted"].pop(m[1])
                return 200, {"id": m[1]}
            if self.command == "GET":
                return 200, {"id": m[1]}
            need(self.command == "DELETE", "method")
            del held["deleted"][m[1]]
            return 204, None
        if what == ("POST", "policies/crossTenantAccessPolicy/partners"):
            need(body["b2bCollaborationInbound"]["applications"]["targets"] ==
                 [{"target": "AllApplications", "targetType": "application"}], "targets")
            if body["tenantId"] in held["partners"]:
                return 409, {"error": {"code": "Request_MultipleObjectsWithSameKeyValue"}}
            held["partners"][body["tenantId"]] = body
            return 201, body
        if m := re.fullmatch(r"policies/crossTenantAccessPolicy/partners/([^/]+)", path):
            if m[1] not in held["partners"]:
                return 404, {"error": {"code": "Request_ResourceNotFound"}}
            if self.command == "GET":
                return 200, held["partners"][m[1]]
            need(self.command == "DELETE", "method")
            del held["partners"][m[1]]
            return 204, None
        raise Wrong("no such path")

    def graph(self, url, body):
        need(self.headers.get("Authorization") == f"Bearer {TOKEN}", "no proof")
        need(not url.fragment, "a fragment")
        need(re.fullmatch(r"[A-Za-z0-9%/._~()='$-]+", url.path), f"path '{url.path}'")
        if body:
            need(self.headers.get("Content-Type", "").startswith("application/json"), "no JSON")
        path = url.path.removeprefix("/graph/v1.0/")
        need(path != url.path and "//" not in path, "no path of v1.0")
        steps = [urllib.parse.unquote(x) for x in path.split("/")]
        need(all("/" not in x for x in steps), "a step holds a slash")
        return self.answer("/".join(steps), urllib.parse.unquote(url.query),
                           json.loads(body) if body else None)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlsplit(self.path)
        if url.path.startswith("/hand"):
            for what, more in json.loads(body).items():
                held[what].update(more)
            return self.say(200, {})
        fault = None if url.path.startswith("/login") else self.fault()
        try:
            if url.path == "/login/contoso/oauth2/v2.0/token":
                return self.token(body)
            if fault in ("500", "429", "reset", "hang"):
                log.write(f"{self.command} {self.path} {fault}\n")
                if fault == "hang":
                    time.sleep(2)
                if fault in ("reset", "hang"):
                    return self.end(reset=True)
                return self.say(int(fault), {"error": {}}, **({"Retry_After": "1"} if fault == "429" else {}))
            status, answer = self.graph(url, body)
        except Wrong as wrong:
            log.write(f"{self.command} {self.path} WRONG {wrong}\n")
            return self.say(400, {"error": {"message": str(wrong)}})
        log.write(f"{self.command} {self.path} {status} {fault or ''}\n")
        (folder / "held").write_text(json.dumps(held))
        if fault == "cut":
            return self.end()
        if fault == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"id\":")
            return self.end()
        return self.say(status, answer)

    def do_GET(self):
        with lock:
            self.serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
port = server.server_address[1]
(folder / "port").write_text(str(port))
server.serve_forever()
