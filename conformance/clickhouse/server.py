"""ClickHouse behind the addresses of Cloudflare's SQL API, over tables of Analytics Engine's shape.

POST /client/v4/accounts/<account>/analytics_engine/sql   the SQL API: a statement, with the bearer token
POST /binding                                             what a Worker behind the binding `SQL` is asked: {query, params}
POST /rows/<dataset>                                      for tests: rows to store, a line of JSON each

Prints the port it listens on, and runs until it is ended or its standard input closes.
"""

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import binding
import engine
from chdb import session
from tokens import Refused

SQL_PATH = re.compile(r"/client/v4/accounts/([^/]+)/analytics_engine/sql")
ROWS_PATH = re.compile(r"/rows/([a-z_][a-z0-9_]*)")

TEXTS = ["index1"] + [f"blob{number}" for number in range(1, 21)]
NUMBERS = [f"double{number}" for number in range(1, 21)]

# As Analytics Engine answers: 64-bit integers in quotes, times in UTC.
QUOTED = "SETTINGS session_timezone = 'Etc/UTC', output_format_json_quote_64bit_integers = 1"
# As the binding does: numbers.
BARE = "SETTINGS session_timezone = 'Etc/UTC', output_format_json_quote_64bit_integers = 0"


class Tables:
    """The datasets, and the one ClickHouse there is; it takes one statement at a time."""

    def __init__(self):
        self.session = session.Session()
        self.lock = threading.Lock()
        self.names = set()

    def store(self, dataset, lines):
        with self.lock:
            if dataset not in self.names:
                columns = [f"dataset String DEFAULT '{dataset}'", "timestamp DateTime('Etc/UTC')", "_sample_interval UInt32"]
                columns += [f"{name} String" for name in TEXTS] + [f"{name} Float64" for name in NUMBERS]
                order = "ENGINE = MergeTree ORDER BY (index1, timestamp)"
                self.session.query(f"CREATE TABLE {dataset} ({', '.join(columns)}) {order}")
                self.names.add(dataset)
            if lines.strip():
                self.session.query(f"INSERT INTO {dataset} FORMAT JSONEachRow {lines}")

    def ask(self, sql, settings, form):
        with self.lock:
            try:
                return self.session.query(f"{sql} {settings}", form).bytes()
            except RuntimeError as error:
                raise Refused(str(error).split("\n")[0]) from None


class Handler(BaseHTTPRequestHandler):
    tables = Tables()
    token = os.environ["ANALYTICS_TOKEN"]
    account = os.environ["ACCOUNT_ID"]
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        try:
            self.answer(body)
        except Refused as refusal:
            # The API's own errors are text.
            self.reply(422, "text/plain; charset=UTF-8", str(refusal).encode())

    def answer(self, body):
        if match := SQL_PATH.fullmatch(self.path):
            self.sql_api(match[1], body)
        elif self.path == "/binding":
            self.binding(json.loads(body))
        elif match := ROWS_PATH.fullmatch(self.path):
            self.tables.store(match[1], body)
            self.reply(200, "application/json", b"{}")
        else:
            self.reply(404, "application/json", b'{"success":false,"errors":[{"code":7003}]}')

    def sql_api(self, account, sql):
        if self.headers.get("Authorization") != f"Bearer {self.token}" or account != self.account:
            self.reply(403, "application/json", b'{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}')
            return
        if re.fullmatch(r"\s*SHOW\s+TABLES(\s+FORMAT\s+JSON)?\s*", sql, re.IGNORECASE):
            named = [{"dataset": name} for name in sorted(self.tables.names)]
            self.reply_json({"meta": [{"name": "dataset", "type": "String"}], "data": named, "rows": len(named)})
            return
        statement, form = engine.translated(sql, self.tables.names)
        answer = self.tables.ask(statement, QUOTED, form)
        if form == "JSON":
            whole = json.loads(answer)
            self.reply_json({name: whole[name] for name in ("meta", "data", "rows")})
        else:
            self.reply(200, "application/x-ndjson" if form == "JSONEachRow" else "text/tab-separated-values", answer)

    def binding(self, request):
        statement = binding.translated(request["query"], request.get("params", {}), self.tables.names)
        whole = json.loads(self.tables.ask(statement, BARE, "JSON"))
        statistics = {"elapsed_ms": 0, "rows_read": 0, "bytes_read": 0}
        self.reply_json({"data": whole["data"], "rows": whole["rows"], "statistics": statistics})

    def reply_json(self, value):
        self.reply(200, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def reply(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Silent: what is asked is the test's affair."""


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    # Nobody is left to ask once whoever started this is gone.
    sys.stdin.read()
    os._exit(0)


main()
