# Flask mounted under a prefix, with redirects, links and cookies as applications write them. Prints the port as JSON.

import json
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask, redirect, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


app = Flask(__name__)
app.config.update(
    SECRET_KEY="of a test", APPLICATION_ROOT="/base", SESSION_COOKIE_DOMAIN="127.0.0.1", SESSION_COOKIE_NAME="session"
)


# Flask itself redirects `/items` here, to an absolute URL.
@app.get("/items/")
def items():
    cookie = request.headers.get("Cookie", "")
    return {"cookie": cookie}, {"Link": f'<{url_for("items", page=2)}>; rel="next"'}


@app.get("/absolute")
def absolute():
    return redirect(url_for("items", _external=True).rstrip("/"))


@app.get("/login")
def login():
    session["user"] = "a b"
    response = redirect(url_for("items"), 303)
    response.set_cookie("items", "1", path=url_for("items"))
    return response


@app.get("/logout")
def logout():
    session.clear()
    return redirect(url_for("items"), 303)


mounted = DispatcherMiddleware(NotFound(), {"/base": app.wsgi_app})
server = make_server("127.0.0.1", 0, mounted, handler_class=Quiet)
print(json.dumps({"under a prefix": server.server_port}), flush=True)
server.serve_forever()
