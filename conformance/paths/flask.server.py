# Flask with the routes of the policy, alone and behind middleware that decodes once more; each route answers its name.
# Prints the ports as JSON when all listen.

import json
import logging
import threading
from urllib.parse import unquote

from flask import Flask
from werkzeug.serving import make_server


def application(merge_slashes=True):
    app = Flask(__name__)
    app.url_map.merge_slashes = merge_slashes
    app.url_map.strict_slashes = False
    app.add_url_rule("/auth/login", "login", lambda: "login")
    app.add_url_rule("/admin", "admin", lambda: "admin")
    app.add_url_rule("/admin/<path:below>", "below", lambda below: "admin")
    app.add_url_rule("/", "root", lambda: "rest")
    app.add_url_rule("/<path:all>", "rest", lambda all: "rest")
    return app


def decodes_again(app):
    inner = app.wsgi_app

    def decoding(environ, start_response):
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        environ["PATH_INFO"] = unquote(path).encode("utf-8").decode("latin-1")
        return inner(environ, start_response)

    app.wsgi_app = decoding
    return app


CONFIGURATIONS = {
    "Flask": application(),
    "Flask, slashes not merged": application(merge_slashes=False),
    "Flask behind middleware that decodes again": decodes_again(application()),
}

logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
servers = {name: make_server("127.0.0.1", 0, app, threaded=True) for name, app in CONFIGURATIONS.items()}
for server in servers.values():
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({name: server.port for name, server in servers.items()}), flush=True)
threading.Event().wait()
