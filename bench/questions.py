"""questions: how long the core takes for what a page asks, where nothing of it is kept: each question
about several assets, findings, owners, standards and domains of the home, once each. Prints for each the
least, the median and the most, in ms, and marks what is over the limit.
  ARIGHT_HOME=HOME aright serve &
  python3 bench/questions.py "$(aright web link --format csv | tail -n 1 | cut -d, -f1)"
bench/pages.mjs measures whole pages, of which most is kept (src/op/answers.h)."""
import http.client
import json
import sys
import time
import urllib.parse

LIMIT = 200  # ms
link = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(link.netloc, timeout=600)
connection.request("GET", f"{link.path}?{link.query}")
entered = connection.getresponse()
entered.read()
cookie = entered.headers["Set-Cookie"].split(";")[0]


def ask(op, **params):
    """Milliseconds, and the rows as maps."""
    began = time.monotonic()
    connection.request("GET", f"/api/v1/{op}?{urllib.parse.urlencode(params)}", headers={"Cookie": cookie})
    body = connection.getresponse().read()
    took = (time.monotonic() - began) * 1000
    answer = json.loads(body)
    names = [column["name"] for column in answer["columns"]]
    return took, [dict(zip(names, row)) for row in answer["rows"]]


def measure(op, questions):
    times = sorted(ask(op, **params)[0] for params in questions)
    if times:
        print(f"{op:16} {' '.join(questions[0]):18} n {len(times):2} least {times[0]:6.0f}"
              f"  median {times[len(times) // 2]:6.0f}  most {times[-1]:6.0f}"
              f"{'  !' if times[-1] > LIMIT else ''}", flush=True)


findings = ask("finding/list", limit=3000)[1][::300]
assets = [f"{row['kind']}:{row['asset']}" for row in findings]
owners = sorted({row["owner"] for row in findings if row["owner"]})
domains = [row["domain"] for row in ask("domain/list")[1] if row["domain"]]
standards = [row["standard"] for row in ask("score", **{"class": "all"})[1]][::9]
items = [row["item"] for row in ask("work/list", limit=10)[1]]
for op in ("finding/list", "asset/show", "asset/links", "gate/decisions"):
    measure(op, [{"asset": asset, "limit": 1000} if "list" in op else {"asset": asset} for asset in assets])
measure("event/list", [{"about": asset, "limit": 100} for asset in assets])
measure("finding/explain", [{"finding": row["id"]} for row in findings])
measure("finding/list", [{"owner": owner, "limit": 100} for owner in owners])
measure("work/list", [{"owner": owner, "limit": 100} for owner in owners])
measure("work/list", [{"whose": owner, "limit": 10} for owner in owners])
measure("score", [{"owner": owner, "class": "all"} for owner in owners])
measure("work/show", [{"item": item} for item in items])
measure("work/members", [{"item": item, "limit": 100} for item in items])
for op in ("finding/list", "work/list"):
    measure(op, [{"standard": standard, "limit": 100} for standard in standards])
    measure(op, [{"domain": domain, "limit": 100} for domain in domains])
    measure(op, [{"limit": 100}] * 3)
for op in ("snapshot/trend", "snapshot/bridge", "finding/ages"):
    measure(op, [{"standard": standard} for standard in standards])
for op in ("score", "work/count", "kind/list", "owner/status", "domain/list", "metric/list"):
    measure(op, [{}] * 3)
