#!/usr/bin/env python3
"""track_server FOLDER: four trackers (GitHub, GitLab, Jira Cloud, Azure DevOps) that take what their
documentation says and nothing else: method, path, query, headers, content type, proof, the schema
of each body. Writes FOLDER/port, a line for each request to FOLDER/log (WRONG says what was wrong
with it), and after each change what it holds to FOLDER/TRACKER.json. FOLDER/faults has a line
`TRACKER STEP FAULT` for each request that goes wrong once: 500, 429, cut (it is done, and the
connection ends without an answer), slow, html (a page that asks to sign in), nonsense."""
import base64
import datetime
import http.server
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1])
lock = threading.RLock()
log = open(folder / "log", "a", buffering=1)


class Wrong(Exception):
    """The request is not one that the tracker takes."""


def need(condition, why):
    if not condition:
        raise Wrong(why)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def is_time(text):
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text or ""), f"'{text}' is no time")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def fields(body, required, optional=()):
    """A map with exactly these keys, each of its type."""
    need(isinstance(body, dict), "the body is no map")
    kinds = dict(required) | dict(optional)
    for key, value in body.items():
        need(key in kinds, f"unknown key '{key}'")
        need(isinstance(value, kinds[key]), f"'{key}' is a {type(value).__name__}")
    for key in dict(required):
        need(key in body, f"no '{key}'")


class Tracker:
    def __init__(self, name):
        self.name, self.items, self.next = name, {}, 1

    def make(self, title, body, labels, assignee=None):
        need(title and len(title) <= 255, "no title, or too long a one")
        key = self.key_of(self.next)
        self.items[key] = {"title": title, "body": body, "labels": labels, "state": "open",
                           "assignee": assignee, "comments": [], "updated": now()}
        self.next += 1
        return key

    def key_of(self, n):
        return n

    def item(self, key):
        if key not in self.items:
            raise KeyError(key)
        return self.items[key]

    def change(self, key, **what):
        self.item(key).update(what, updated=now())

    def comment(self, key, text):
        need(text, "an empty comment")
        self.item(key)["comments"].append(text)
        self.items[key]["updated"] = now()


class GitHub(Tracker):
    routes = [("find", "GET", r"/repos/acme/shop/issues"),
              ("create", "POST", r"/repos/acme/shop/issues"),
              ("read", "GET", r"/repos/acme/shop/issues/(\d+)"),
              ("update", "PATCH", r"/repos/acme/shop/issues/(\d+)"),
              ("assign", "POST", r"/repos/acme/shop/issues/(\d+)/assignees"),
              ("comments", "GET", r"/repos/acme/shop/issues/(\d+)/comments"),
              ("comment", "POST", r"/repos/acme/shop/issues/(\d+)/comments")]

    def check(self, request):
        need(request.headers.get("Authorization") == "Bearer gh-s3cret", "no proof")
        need(request.headers.get("Accept") == "application/vnd.github+json", "no Accept")
        need(request.headers.get("X-GitHub-Api-Version") == "2022-11-28", "no version")

    def shown(self, key):
        i = self.items[key]
        return {"number": key, "title": i["title"], "body": i["body"], "state": i["state"],
                "labels": [{"name": n} for n in i["labels"]],
                "html_url": f"https://github.com/acme/shop/issues/{key}"}

    def do_find(self, query, body):
        labels = set(query.pop("labels").split(","))
        state, page = query.pop("state"), int(query.pop("page"))
        need(state in ("all", "open", "closed"), "no such state")
        need(query.pop("per_page") == "100", "per_page")
        since = is_time(query.pop("since")) if "since" in query else None
        if "sort" in query:
            need(query.pop("sort") == "created" and query.pop("direction") == "desc", "sort")
        need(not query, f"unknown {query}")
        keys = [k for k, i in self.items.items() if labels <= set(i["labels"])
                and state in ("all", i["state"]) and (since is None or i["updated"] >= since)]
        return 200, [self.shown(k) for k in sorted(keys, reverse=True)] if page == 1 else []

    def do_create(self, query, body):
        fields(body, {"title": str, "body": str, "labels": list}, {"assignees": list})
        need(all(isinstance(n, str) for n in body["labels"] + body.get("assignees", [])), "names")
        key = self.make(body["title"], body["body"], body["labels"], body.get("assignees"))
        return 201, self.shown(key)

    def do_read(self, query, body, key):
        self.item(int(key))
        return 200, self.shown(int(key))

    def do_update(self, query, body, key):
        fields(body, {}, {"title": str, "body": str, "state": str, "state_reason": str})
        need(body.get("state", "open") in ("open", "closed"), "no such state")
        need(body.get("state_reason", "completed") in ("completed", "not_planned", "reopened"),
             "no such reason")
        self.change(int(key), **{k: v for k, v in body.items() if k != "state_reason"})
        return 200, self.shown(int(key))

    def do_assign(self, query, body, key):
        fields(body, {"assignees": list})
        need(body["assignees"], "nobody")
        self.change(int(key), assignee=body["assignees"])
        return 201, self.shown(int(key))

    def do_comments(self, query, body, key):
        need(query == {"per_page": "100", "page": query.get("page")}, f"query {query}")
        texts = self.item(int(key))["comments"] if query["page"] == "1" else []
        return 200, [{"id": n, "body": t} for n, t in enumerate(texts)]

    def do_comment(self, query, body, key):
        fields(body, {"body": str})
        self.comment(int(key), body["body"])
        return 201, {"id": 1, "body": body["body"]}


class GitLab(Tracker):
    routes = [("find", "GET", r"/api/v4/projects/acme%2Fshop/issues"),
              ("create", "POST", r"/api/v4/projects/acme%2Fshop/issues"),
              ("read", "GET", r"/api/v4/projects/acme%2Fshop/issues/(\d+)"),
              ("update", "PUT", r"/api/v4/projects/acme%2Fshop/issues/(\d+)"),
              ("comments", "GET", r"/api/v4/projects/acme%2Fshop/issues/(\d+)/notes"),
              ("comment", "POST", r"/api/v4/projects/acme%2Fshop/issues/(\d+)/notes")]

    def check(self, request):
        need(request.headers.get("PRIVATE-TOKEN") == "gl-s3cret", "no proof")

    def shown(self, key):
        i = self.items[key]
        return {"id": 9000 + key, "iid": key, "title": i["title"], "description": i["body"],
                "state": "opened" if i["state"] == "open" else "closed", "labels": i["labels"]}

    def do_find(self, query, body):
        need(query.pop("scope") == "all" and query.pop("labels") == "aright", "scope, labels")
        state, page = query.pop("state"), int(query.pop("page"))
        need(state in ("all", "opened", "closed") and query.pop("per_page") == "100", "state")
        search = query.pop("search", "")
        need(not search or query.pop("in") == "description", "in")
        since = is_time(query.pop("updated_after")) if "updated_after" in query else None
        need(not query, f"unknown {query}")
        keys = [k for k, i in self.items.items() if "aright" in i["labels"] and search in i["body"]
                and (state == "all" or self.shown(k)["state"] == state)
                and (since is None or i["updated"] >= since)]
        return 200, [self.shown(k) for k in keys] if page == 1 else []

    def do_create(self, query, body):
        fields(body, {"title": str, "description": str, "labels": str},
               {"due_date": str, "assignee_ids": list})
        need(re.fullmatch(r"\d{4}-\d\d-\d\d", body.get("due_date", "2026-01-01")), "due_date")
        key = self.make(body["title"], body["description"], body["labels"].split(","),
                        body.get("assignee_ids"))
        return 201, self.shown(key)

    def do_read(self, query, body, key):
        self.item(int(key))
        return 200, self.shown(int(key))

    def do_update(self, query, body, key):
        fields(body, {}, {"title": str, "description": str, "due_date": str, "state_event": str,
                          "assignee_ids": list})
        what = {}
        if "title" in body:
            what = {"title": body["title"], "body": body["description"]}
        if "state_event" in body:
            need(body["state_event"] in ("close", "reopen"), "state_event")
            what["state"] = "closed" if body["state_event"] == "close" else "open"
        if "assignee_ids" in body:
            what["assignee"] = body["assignee_ids"]
        self.change(int(key), **what)
        return 200, self.shown(int(key))

    def do_comments(self, query, body, key):
        need(query.pop("sort") == "desc" and query.pop("order_by") == "created_at", "sort")
        texts = self.item(int(key))["comments"] if query["page"] == "1" else []
        return 200, [{"id": n, "body": t, "system": False} for n, t in enumerate(texts)]

    def do_comment(self, query, body, key):
        fields(body, {"body": str})
        self.comment(int(key), body["body"])
        return 201, {"id": 1, "body": body["body"]}


def adf(node, inside="doc"):
    """Checks a document in Atlassian's format and gives its text."""
    holds = {"doc": {"paragraph", "heading", "table"}, "table": {"tableRow"},
             "tableRow": {"tableHeader", "tableCell"}, "tableHeader": {"paragraph"},
             "tableCell": {"paragraph"}, "paragraph": {"text"}, "heading": {"text"}}
    kind = node.get("type")
    if kind == "text":
        need(set(node) == {"type", "text"} and node["text"], "an empty text")
        return node["text"]
    need(kind in holds, f"no node '{kind}'")
    if kind == "doc":
        need(node.get("version") == 1, "no version")
    if kind == "heading":
        need(1 <= node["attrs"]["level"] <= 6, "level")
    need(isinstance(node.get("content"), list), f"'{kind}' has no content")
    need(kind in ("paragraph", "heading") or node["content"], f"'{kind}' is empty")
    for part in node["content"]:
        need(part.get("type") in holds[kind], f"'{part.get('type')}' in '{kind}'")
    return " ".join(adf(part, kind) for part in node["content"])


class Jira(Tracker):
    routes = [("find", "POST", r"/rest/api/3/search/jql"),
              ("create", "POST", r"/rest/api/3/issue"),
              ("read", "GET", r"/rest/api/3/issue/(SHOP-\d+)"),
              ("update", "PUT", r"/rest/api/3/issue/(SHOP-\d+)"),
              ("move", "POST", r"/rest/api/3/issue/(SHOP-\d+)/transitions"),
              ("assign", "PUT", r"/rest/api/3/issue/(SHOP-\d+)/assignee"),
              ("comments", "GET", r"/rest/api/3/issue/(SHOP-\d+)/comment"),
              ("comment", "POST", r"/rest/api/3/issue/(SHOP-\d+)/comment")]

    def check(self, request):
        want = "Basic " + base64.b64encode(b"bot@acme.example:ji-s3cret").decode()
        need(request.headers.get("Authorization") == want, "no proof")

    def key_of(self, n):
        return f"SHOP-{n}"

    def do_find(self, query, body):
        fields(body, {"jql": str, "fields": list, "maxResults": int})
        marked = re.fullmatch(r'project = "SHOP" AND labels = "(aright-[0-9a-f]+)"', body["jql"])
        closed = re.fullmatch(r'project = "SHOP" AND labels = aright AND statusCategory = Done '
                              r'AND updated >= -(\d+)m ORDER BY updated DESC', body["jql"])
        need(marked or closed, f"no JQL: {body['jql']}")
        if marked:
            keys = [k for k, i in self.items.items() if marked[1] in i["labels"]]
        else:
            since = now() - datetime.timedelta(minutes=int(closed[1]))
            keys = [k for k, i in self.items.items() if "aright" in i["labels"]
                    and i["state"] == "closed" and i["updated"] >= since]
        return 200, {"issues": [{"id": "1", "key": k, "fields": {}} for k in keys], "isLast": True}

    def do_create(self, query, body):
        fields(body, {"fields": dict})
        f = body["fields"]
        fields(f, {"project": dict, "issuetype": dict, "summary": str, "description": dict,
                   "labels": list}, {"duedate": str, "assignee": dict})
        need(f["project"] == {"key": "SHOP"} and f["issuetype"] == {"name": "Task"}, "project")
        need(all(" " not in n for n in f["labels"]), "a label with a blank")
        assignee = f.get("assignee", {})
        fields(assignee, {}, {"accountId": str})
        key = self.make(f["summary"], adf(f["description"]), f["labels"], assignee.get("accountId"))
        return 201, {"id": "10000", "key": key, "self": f"https://acme/rest/api/3/issue/{key}"}

    def do_read(self, query, body, key):
        need(query == {"fields": "status"}, "fields")
        category = "done" if self.item(key)["state"] == "closed" else "new"
        return 200, {"key": key, "fields": {"status": {"statusCategory": {"key": category}}}}

    def do_update(self, query, body, key):
        fields(body, {"fields": dict})
        fields(body["fields"], {"summary": str, "description": dict}, {"duedate": str})
        self.change(key, title=body["fields"]["summary"], body=adf(body["fields"]["description"]))
        return 204, None

    def do_move(self, query, body, key):
        fields(body, {"transition": dict})
        to = {"31": "closed", "11": "open"}.get(body["transition"].get("id"))
        if to is None or self.item(key)["state"] == to:
            return 400, {"errorMessages": ["It is not on the appropriate status."], "errors": {}}
        self.change(key, state=to)
        return 204, None

    def do_assign(self, query, body, key):
        fields(body, {"accountId": str})
        self.change(key, assignee=body["accountId"])
        return 204, None

    def do_comments(self, query, body, key):
        need(query == {"orderBy": "-created", "maxResults": "100"}, "query")
        return 200, {"comments": [{"id": str(n), "body": {"type": "doc", "version": 1, "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": t}]}]}}
            for n, t in enumerate(self.item(key)["comments"])]}

    def do_comment(self, query, body, key):
        fields(body, {"body": dict})
        self.comment(key, adf(body["body"]))
        return 201, {"id": "1"}


class Azure(Tracker):
    routes = [("find", "POST", r"/acme/Web%20Shop/_apis/wit/wiql"),
              ("create", "POST", r"/acme/Web%20Shop/_apis/wit/workitems/\$Issue"),
              ("read", "GET", r"/acme/Web%20Shop/_apis/wit/workitems/(\d+)"),
              ("update", "PATCH", r"/acme/Web%20Shop/_apis/wit/workitems/(\d+)"),
              ("comments", "GET", r"/acme/Web%20Shop/_apis/wit/workItems/(\d+)/comments"),
              ("comment", "POST", r"/acme/Web%20Shop/_apis/wit/workItems/(\d+)/comments")]
    names = {"/fields/System.Title": "title", "/fields/System.Description": "body",
             "/fields/System.Tags": "labels", "/fields/System.State": "state",
             "/fields/System.AssignedTo": "assignee"}

    def check(self, request):
        want = "Basic " + base64.b64encode(b"pat:az-s3cret").decode()
        need(request.headers.get("Authorization") == want, "no proof")
        patch = "workitems/" in request.path and request.command != "GET"
        kind = "application/json-patch+json" if patch else "application/json"
        need(request.command == "GET" or request.headers.get("Content-Type") == kind,
             "content type")

    def version(self, query, version="7.1"):
        need(query.pop("api-version", None) == version, "api-version")

    def patch(self, body):
        what = {}
        need(isinstance(body, list) and body, "no patch")
        for op in body:
            fields(op, {"op": str, "path": str, "value": str})
            need(op["op"] == "add" and op["path"] in self.names, f"no such change: {op}")
            what[self.names[op["path"]]] = op["value"]
        if "state" in what:
            need(what["state"] in ("To Do", "Doing", "Done"), "no such state")
            what["state"] = "closed" if what["state"] == "Done" else "open"
        return what

    def do_find(self, query, body):
        self.version(query)
        fields(body, {"query": str})
        start = ("SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project"
                 " AND [System.Tags] CONTAINS '")
        need(body["query"].startswith(start), "no WIQL")
        rest = body["query"][len(start):]
        marked = re.fullmatch(r"(aright-[0-9a-f]+)'", rest)
        closed = re.fullmatch(r"aright' AND \[System.State\] IN \('Done', 'Removed'\)"
                              r" AND \[System.ChangedDate\] >= '([^']+)'", rest)
        need(marked or closed, f"no WIQL: {rest}")
        if marked:
            keys = [k for k, i in self.items.items() if marked[1] in i["labels"]]
        else:
            need(query == {"timePrecision": "true", "$top": "2000"}, "query")
            keys = [k for k, i in self.items.items() if i["state"] == "closed"
                    and i["updated"] >= is_time(closed[1])]
        return 200, {"queryType": "flat", "workItems": [{"id": k, "url": "u"} for k in keys]}

    def do_create(self, query, body):
        self.version(query)
        what = self.patch(body)
        need({"title", "body", "labels"} == set(what), "fields")
        return 200, {"id": self.make(what["title"], what["body"], what["labels"].split("; ")),
                     "rev": 1, "fields": {}}

    def do_read(self, query, body, key):
        self.version(query)
        need(query == {"fields": "System.State"}, "fields")
        state = "Done" if self.item(int(key))["state"] == "closed" else "To Do"
        return 200, {"id": int(key), "fields": {"System.State": state}}

    def do_update(self, query, body, key):
        self.version(query)
        self.change(int(key), **self.patch(body))
        return 200, {"id": int(key), "rev": 2, "fields": {}}

    def do_comments(self, query, body, key):
        self.version(query, "7.1-preview.4")
        need(query == {"$top": "200", "order": "desc"}, "query")
        texts = self.item(int(key))["comments"]
        return 200, {"totalCount": len(texts), "comments": [{"id": n, "text": t}
                                                            for n, t in enumerate(texts)]}

    def do_comment(self, query, body, key):
        self.version(query, "7.1-preview.4")
        fields(body, {"text": str})
        self.comment(int(key), body["text"])
        return 200, {"id": 1, "text": body["text"]}


trackers = {"github": GitHub("github"), "gitlab": GitLab("gitlab"), "jira": Jira("jira"),
            "azure": Azure("azure")}


def fault_of(tracker, step):
    """The first fault for this request, which is then used up."""
    file = folder / "faults"
    lines = file.read_text().splitlines() if file.exists() else []
    for n, line in enumerate(lines):
        words = line.split()
        if words[:2] == [tracker, step]:
            file.write_text("".join(f"{rest}\n" for rest in lines[:n] + lines[n + 1:]))
            return words[2]
    return ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body, kind="application/json; charset=utf-8", **headers):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if data:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def route(self, tracker, path):
        for step, method, pattern in tracker.routes:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                return step, match.groups()
        raise Wrong("no such route")

    def by_hand(self, tracker, data):
        """What people do there: POST /hand/TRACKER {"key":…, "state":…}; a key alone is deleted."""
        with lock:
            what = json.loads(data)
            key = what.pop("key")
            if what:
                tracker.change(key, **what)
            else:
                del tracker.items[key]
            self.keep(tracker)
        self.say(200, {})

    def keep(self, tracker):
        text = json.dumps(tracker.items, indent=1, default=str)
        (folder / f"{tracker.name}.json").write_text(text)

    def take(self, tracker, path, query, data):
        """The answer, and what goes wrong with it."""
        step, groups = self.route(tracker, path)
        tracker.check(self)
        fault = fault_of(tracker.name, step)
        if fault in ("500", "429", "html", "nonsense"):
            return step, fault, 0, None
        body = json.loads(data) if data else None
        need((body is None) == (self.command == "GET"), "a body, or none")
        status, answer = getattr(tracker, "do_" + step)(query, body, *groups)
        self.keep(tracker)
        return step, fault, status, answer

    def answer(self):
        parts = urllib.parse.urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        first, name, path = (parts.path.split("/", 2) + [""])[:3]
        if name == "hand":
            return self.by_hand(trackers[path], data)
        tracker, query = trackers[name], dict(urllib.parse.parse_qsl(parts.query))
        step, fault, status, answer, wrong = "-", "", 400, {"message": "wrong"}, "-"
        with lock:
            try:
                step, fault, status, answer = self.take(tracker, "/" + path, query, data)
            except KeyError as error:
                status, answer, wrong = 404, {"message": "Not Found"}, f"no {error}"
            except (Wrong, ValueError, TypeError, AttributeError) as error:
                status, answer, wrong = 400, {"message": str(error)}, f"WRONG {error}"
            log.write(f"{name} {step} {self.command} {self.path} {status} {fault} {wrong}\n")
        if fault == "slow":
            time.sleep(3)
        if fault == "cut":
            self.close_connection = True
            return self.connection.shutdown(2)
        if fault == "500":
            return self.say(500, b"<html>oops</html>", "text/html")
        if fault == "429":
            return self.say(429, {"message": "slow down"}, Retry_After="1")
        if fault == "html":
            return self.say(200, b"<!doctype html><title>Sign in</title>", "text/html")
        if fault == "nonsense":
            return self.say(200, {"hello": ["world"]})
        if fault == "hang":
            (folder / "hangs").touch()
            time.sleep(60)
        self.say(status, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # whoever asked is gone


server = Server(("127.0.0.1", 0), Handler)
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
