# SPDX-License-Identifier: Apache-2.0
"""A server in the place of a daemon, for what a real one does not do: answers
that are broken, hostile, late or many. What it is asked is kept."""
import http.server
import json
import threading


class Standin:
    """answers: dict from "METHOD /path" (behind /o/acme, without the query) to
    a value (JSON, status 200), a pair (status, value), or a function of the
    handler and the query, which answers by itself or returns one of these."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        standin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def handle_one(self):
                path, _, query = self.path.partition("?")
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                key = "%s %s" % (self.command, path.removeprefix("/o/acme"))
                standin.asked.append(
                    (key, query, json.loads(body) if body else None))
                answer = standin.answers.get(key, (404, {"error": "Not found"}))
                if callable(answer):
                    answer = answer(self, query)
                if answer is not None:
                    self.give(answer)

            do_GET = do_POST = do_DELETE = handle_one

            def give(self, answer):
                status, value = (answer if isinstance(answer, tuple)
                                 else (200, answer))
                body = (value if isinstance(value, bytes)
                        else json.dumps(value).encode())
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def stream(self, *lines):
                """Each line, then the end; the connection closes."""
                self.send_response(200)
                self.send_header("Connection", "close")
                self.end_headers()
                for line in lines:
                    if callable(line):
                        line()
                        continue
                    self.wfile.write(json.dumps(line).encode() + b"\n")
                    self.wfile.flush()
                self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def bodies(self, key):
        return [body for asked, _, body in self.asked if asked == key]

    def queries(self, key):
        return [query for asked, query, _ in self.asked if asked == key]
