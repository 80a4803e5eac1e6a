"""Serves the programs that are imported, each under paths of its own: `server.py FOLDER` prints its port for each."""

import importlib.util
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

folder = Path(sys.argv[1])


def load(file):
    spec = importlib.util.spec_from_file_location(file.stem.replace("-", "_"), file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def serve_wsgi(application):
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def flask():
    app = load(folder / "flask_app.py").app

    @app.route("/<path:rest>", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"])
    def view(rest):
        return {"path": rest}

    return app


def django():
    from django.conf import settings

    settings.configure(ALLOWED_HOSTS=["*"])
    import django as package

    package.setup()
    from corsheaders.middleware import CorsMiddleware
    from django.core.handlers.wsgi import WSGIRequest
    from django.http import HttpResponse
    from django.test import override_settings

    names = [vars(load(file)) for file in sorted(folder.glob("django_*.py"))]
    all_settings = {
        int(it["NUMBER"]): {name: value for name, value in it.items() if name.startswith("CORS_")} for it in names
    }
    lock = threading.Lock()

    def application(environ, start_response):
        request = WSGIRequest(environ)
        number = int(request.path_info.split("/")[1][1:])
        with lock, override_settings(**all_settings[number]):
            response = CorsMiddleware(lambda _: HttpResponse("ok"))(request)
        start_response(f"{response.status_code} OK", list(response.items()))
        return [response.content]

    return application


def serve_asgi(application):
    import socket

    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="critical")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True).start()
    return listening.getsockname()[1]


asgi = [serve_asgi(load(folder / f"{name}_app.py").app) for name in ("starlette", "fastapi")]
print(serve_wsgi(flask()), serve_wsgi(django()), *asgi, flush=True)
sys.stdin.read()
