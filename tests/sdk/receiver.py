"""Somebody else's webhook receiver on this machine: it keeps what it is sent and answers 200."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox import WATCHDOG, Fits


class Receiver:
    def __init__(self):
        self._bodies: list[dict] = []
        self._news = threading.Condition()
        receiver = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["Content-Type"] == "application/json"
                with receiver._news:
                    receiver._bodies.append(body)
                    receiver._news.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator["Receiver"]:
        receiver = cls()
        thread = threading.Thread(target=receiver._server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            receiver._server.shutdown()
            thread.join()
            receiver._server.server_close()

    def wait_for(self, fits: Fits) -> dict:
        """The first webhook that fits, as soon as it comes."""
        def found():
            return next((body for body in self._bodies if fits(body)), None)

        with self._news:
            self._news.wait_for(found, WATCHDOG)
            assert found(), f"no such webhook among {[body['action'] for body in self._bodies]}"
            return found()
