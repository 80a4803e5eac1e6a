# Flask on servers that fold names: wsgiref passes `X_Forwarded_For` and `X-Forwarded-For` on as one variable. Answers
# with what the application believes about the client. Prints the ports as JSON when all listen.

import json
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def application():
    app = Flask(__name__)

    @app.route("/<path:_path>")
    def believed(_path):
        return {
            "address": request.remote_addr,
            "host": request.host,
            "scheme": request.scheme,
            "url": request.path,
            "variables": {name: value for name, value in request.environ.items() if name.startswith("HTTP_")},
        }

    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)
    return app


server = make_server("127.0.0.1", 0, application(), handler_class=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"ProxyFix": server.server_port}), flush=True)
threading.Event().wait()
