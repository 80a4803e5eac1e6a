# Flask with Flask-CORS, as people write it: each name is a configuration, on a port of its own. Prints the ports as
# JSON when all listen.

import json
import logging
import threading

from flask import Flask, Response, redirect, request
from flask_cors import CORS
from werkzeug.serving import make_server

APP = "https://app.example.com"
CAREFUL = {"supports_credentials": True, "methods": ["GET", "PUT"], "allow_headers": ["content-type"]}


def vary(response):
    """What the library leaves out where an origin is refused, or is the only one."""
    response.vary.add("Origin")
    return response


def library(origins, **more):
    def configure(app):
        CORS(app, origins=origins, **{**CAREFUL, **more})
        app.after_request(vary)

    return configure


def library_alone(origins, **more):
    return lambda app: CORS(app, origins=origins, **{**CAREFUL, **more})


def by_hand(allow, **fields):
    """Headers as they are: `allow` says what becomes of an origin."""

    def configure(app):
        @app.after_request
        def add(response):
            allowed = allow(request.headers.get("Origin", ""))
            if allowed:
                response.headers["Access-Control-Allow-Origin"] = allowed
                response.headers["Access-Control-Allow-Credentials"] = "true"
                response.headers["Access-Control-Allow-Methods"] = "GET, PUT"
                response.headers["Access-Control-Allow-Headers"] = "content-type"
            for name, value in fields.items():
                response.headers.add(name.replace("_", "-"), value)
            return vary(response)

    return configure


def authentication_first(app):
    @app.before_request
    def authenticate():
        if request.method == "OPTIONS":
            return Response(status=401)

    library([APP])(app)


def errors_without(app):
    @app.after_request
    def add(response):
        if response.status_code < 400:
            response.headers["Access-Control-Allow-Origin"] = APP
            response.headers["Access-Control-Allow-Credentials"] = "true"
        return vary(response)

    @app.before_request
    def fail():
        if request.method != "OPTIONS":
            return Response(status=500)


CONFIGURATIONS = {
    "correct": library([APP]),
    "correct, for everybody": library("*", supports_credentials=False, send_wildcard=True),
    "any origin, without credentials": library("*", supports_credentials=False),
    "any origin": library("*"),
    "null": library([APP, "null"]),
    "a pattern without an end": library([r"https://app\.example\.com.*"]),
    "a dot that is not escaped": library([r"^https://app.example.com$"]),
    "any subdomain": library([r"^https://[a-z.]*\.example\.com$"]),
    "http too": library([r"^https?://app\.example\.com$"]),
    "endswith": by_hand(lambda origin: origin if origin.endswith("example.com") else None),
    "in": by_hand(lambda origin: origin if "app.example.com" in origin else None),
    "Vary on some answers": library_alone([APP, "https://b.example"]),
    "no Vary": library_alone([APP]),
    "* with credentials": by_hand(lambda origin: "*"),
    "set twice": lambda app: (by_hand(lambda _: None, Access_Control_Allow_Origin=APP)(app), library([APP])(app)),
    "two origins in one value": by_hand(lambda origin: f"{APP} https://b.example"),
    "names as one text": by_hand(
        lambda origin: origin if origin == APP else None,
        Access_Control_Allow_Headers="content-type authorization",
    ),
    "reflected headers": library([APP], allow_headers="*"),
    "authentication first": authentication_first,
    "no headers on errors": errors_without,
    "preflights are redirected": library([APP]),
}


def make(name, configure):
    app = Flask(name)

    @app.route("/data", methods=["GET", "PUT"])
    def data():
        return {"name": name}

    if name == "preflights are redirected":

        @app.before_request
        def to_https():
            if request.method == "OPTIONS":
                return redirect("https://127.0.0.1/data", code=308)

    configure(app)
    return make_server("127.0.0.1", 0, app, threaded=True)


logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
servers = {name: make(name, configure) for name, configure in CONFIGURATIONS.items()}
for server in servers.values():
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({name: server.port for name, server in servers.items()}), flush=True)
threading.Event().wait()
