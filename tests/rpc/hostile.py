# SPDX-License-Identifier: Apache-2.0
"""Clients that mean harm: each gets a clear refusal or a closed connection,
the daemon does not grow, and nobody else notices."""
import contextlib
import os
import random
import resource
import shutil
import socket
import ssl
import subprocess
import threading
import time

from lib import Usherd, done, eventually, note, ok, same, skip

HOST = b"Host: h\r\n"
CLOSE = b"Connection: close\r\n"
INSTRUMENTED = bool(os.environ.get("USHER_INSTRUMENTED"))
MIB = 1024 * 1024

# Every wait of this file is shorter.
LONG = 20


# --- Raw connections --------------------------------------------------------

def dial(usherd):
    return socket.create_connection(("127.0.0.1", usherd.port), timeout=LONG)


def read_all(connection):
    """What comes until the other side closes; None when it never does."""
    got = b""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        try:
            part = connection.recv(65536)
        except ConnectionError:
            return got
        except socket.timeout:
            return None
        if not part:
            return got
        got += part
    return None


def raw(usherd, data, end=False):
    """Sends bytes as they are, and their end if so told; what comes back."""
    with dial(usherd) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def status_of(answer):
    """0: closed without a word; -1: never closed."""
    if answer is None:
        return -1
    if not answer.startswith(b"HTTP/1.1 "):
        return 0
    return int(answer[9:12])


def request(method, path, *headers, body=b""):
    head = "%s %s HTTP/1.1\r\n" % (method, path)
    return (head.encode() + HOST + CLOSE +
            b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body)


def memory(usherd):
    """Resident bytes of the daemon."""
    with open("/proc/%d/status" % usherd.process.pid,
              encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


class Neighbour:
    """Somebody well-behaved, who asks on all the while."""

    def __init__(self, usherd):
        self.usherd = usherd
        self.slowest = 0.0
        self.asked = self.failed = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        end = time.monotonic() + 3 * LONG
        while not self.stop.is_set() and time.monotonic() < end:
            begin = time.monotonic()
            try:
                good = self.usherd.get("/healthz").status == 200
            except OSError:
                good = False
            self.asked += 1
            self.failed += not good
            self.slowest = max(self.slowest, time.monotonic() - begin)
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.stop.set()
        self.thread.join(LONG)
        patience = 5 if INSTRUMENTED else 1
        if not ok(self.asked > 0 and not self.failed and
                  self.slowest < patience, "others are served meanwhile"):
            note("%d asked, %d failed, slowest %.3f s" % (
                self.asked, self.failed, self.slowest))


# --- Malformed requests -----------------------------------------------------

def chunked(rest):
    return request("POST", "/o/acme/routing/check",
                   b"Transfer-Encoding: chunked",
                   b"Content-Type: application/json", body=rest)


MALFORMED = [
    # what it is, what is sent, statuses that will do
    ("HTTP/0.9", b"GET /healthz\r\n", [400]),
    ("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 505]),
    ("a version that is none",
     b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n", [505]),
    ("a TLS hello", bytes.fromhex("16030100c2010000be0303") + bytes(190),
     [400]),
    ("only line ends", b"\r\n" * 100, [400]),
    ("only NULs", bytes(1000), [400]),
    ("bare line feeds", b"GET /healthz HTTP/1.1\nHost: h\n\n", [400]),
    ("a request line of 20 KiB",
     b"GET /" + b"a" * 20480 + b" HTTP/1.1\r\n" + HOST + b"\r\n", [431]),
    ("a method of 20 KiB", b"A" * 20480 + b" / HTTP/1.1\r\n", [431]),
    ("a header of 20 KiB",
     request("GET", "/healthz", b"X: " + b"a" * 20480), [431]),
    ("a thousand headers",
     request("GET", "/healthz", *[b"X: y"] * 1000), [431]),
    ("a proxy request",
     b"GET http://example.com/ HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    ("CONNECT", b"CONNECT example.com:443 HTTP/1.1\r\n" + HOST + b"\r\n",
     [400]),
    ("TRACE", request("TRACE", "/healthz"), [405]),
    ("HEAD", request("HEAD", "/healthz"), [405]),
    ("OPTIONS", request("OPTIONS", "/healthz"), [405]),
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", [400]),
    ("two Hosts", request("GET", "/healthz", b"Host: other"), [400]),
    ("a folded header", request("GET", "/healthz", b"X: a\r\n b"), [400]),
    ("a bare CR in a header", request("GET", "/healthz", b"X: a\rb"), [400]),
    ("a NUL in a header", request("GET", "/healthz", b"X: a\0b"), [400]),
    ("a blank before a colon", request("GET", "/healthz", b"X : a"), [400]),
    ("two tokens",
     request("GET", "/o/acme/account", b"Authorization: Bearer a",
             b"Authorization: Bearer b"), [400]),
    ("length and chunks",
     request("POST", "/o/acme/routing", b"Content-Length: 5",
             b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), [400]),
    ("two lengths",
     request("POST", "/o/acme/routing", b"Content-Length: 5",
             b"Content-Length: 6", body=b"abcde"), [400]),
    ("a negative length",
     request("POST", "/o/acme/routing", b"Content-Length: -5"), [400]),
    ("a length in hex",
     request("POST", "/o/acme/routing", b"Content-Length: 0x5"), [400]),
    ("a length beyond 2^64",
     request("POST", "/o/acme/routing",
             b"Content-Length: 99999999999999999999"), [400]),
    ("another transfer encoding",
     request("POST", "/o/acme/routing", b"Transfer-Encoding: gzip"), [501]),
    ("an obfuscated one",
     request("POST", "/o/acme/routing", b"Transfer-Encoding: \x0bchunked"),
     [400]),
    ("a chunk of no size", chunked(b"\r\nabc\r\n"), [400]),
    ("a chunk of a wrong size", chunked(b"zz\r\nabc\r\n"), [400]),
    ("a chunk of a negative size", chunked(b"-1\r\nabc\r\n"), [400]),
    ("a chunk of 2^64 bytes", chunked(b"10000000000000000\r\nabc\r\n"),
     [400]),
    ("a chunk of 2^50 bytes", chunked(b"4000000000000\r\nabc\r\n"),
     [401, 413]),
    ("a chunk without its end", chunked(b"1\r\nab\r\n0\r\n\r\n"), [400]),
    ("an endless chunk extension", chunked(b"1;" + b"a" * 4096), [400]),
    ("a line feed in an extension", chunked(b"1;a\nb\r\nx\r\n0\r\n\r\n"),
     [400]),
    ("endless trailers", chunked(b"0\r\n" + b"A: b\r\n" * 1000), [400]),
    ("a traversal", request("GET", "/../../etc/passwd"), [400]),
    ("an encoded one", request("GET", "/o/%2e%2e/%2e%2e/etc/passwd"), [400]),
    ("one with backslashes", request("GET", "/..\\..\\etc\\passwd"),
     [400, 404]),
    ("one encoded twice", request("GET", "/%252e%252e/etc/passwd"), [404]),
    ("an overlong slash", request("GET", "/o/acme/%c0%af"), [400]),
    ("a NUL in a path", request("GET", "/o/acme/routing/name/a%00b"), [400]),
    ("a line end in a path",
     request("GET", "/o/acme/routing/name/a%0d%0aX:%20y"), [400]),
    ("half an escape", request("GET", "/o/acme/routing/name/%4"), [400]),
]


def test_malformed(usherd):
    for name, data, statuses in MALFORMED:
        answer = raw(usherd, data)
        if not ok(status_of(answer) in statuses, "%s: %s" % (
                name, " or ".join(map(str, statuses)))):
            note(repr(answer)[:400])
    same(usherd.get("/healthz").status, 200, "it is alive")


def test_garbage(usherd):
    """Requests with bytes changed, and bytes that never were a request."""
    chance = random.Random(20240229)
    seed = request("POST", "/o/acme/routing/check", b"Content-Length: 2",
                   b"Content-Type: application/json", body=b"{}")
    odd = []
    for i in range(300):
        if i % 3 == 0:
            data = chance.randbytes(chance.randrange(1, 600))
        else:
            data = bytearray(seed)
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        answer = raw(usherd, bytes(data), end=True)
        if status_of(answer) not in (0, 400, 401, 404, 405, 408, 417, 431,
                                     501, 505):
            odd.append((bytes(data), answer))
    if not ok(not odd, "300 kinds of garbage are refused"):
        note(repr(odd[:3]))
    same(usherd.get("/healthz").status, 200, "it is alive")


def test_injection(usherd, token):
    """Nothing that was sent makes a line of an answer, or of the log."""
    for sent in ("a%0d%0aX-Evil:%20yes", "%0a%0aevil"):
        answer = raw(usherd, request("GET", "/orgs/" + sent))
        ok(b"\nX-Evil" not in answer and b"\n\nevil" not in answer,
           "no header out of %s" % sent)
    raw(usherd, request("GET", "/orgs/x?a=%0a1999-evil",
                        b"Authorization: Bearer " + token.encode()))
    ok(token not in usherd.logged(), "no token is in the log")
    ok("1999-evil" not in usherd.logged(), "no query is in the log")


def test_pipelining(usherd):
    one = b"GET /healthz HTTP/1.1\r\n" + HOST
    answer = raw(usherd, (one + b"\r\n") * 300 + one + CLOSE + b"\r\n")
    same(answer.count(b"HTTP/1.1 200"), 301, "301 requests at once")
    answer = raw(usherd, (one + b"\r\n") + b"garbage\r\n" +
                 one + CLOSE + b"\r\n")
    same([answer.count(b"HTTP/1.1 200"), answer.count(b"HTTP/1.1 400")],
         [1, 1], "nothing is read behind garbage")
    smuggled = (b"POST /o/acme/routing HTTP/1.1\r\n" + HOST +
                b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"0\r\n\r\n" + one + b"\r\n")
    same(raw(usherd, smuggled).count(b"HTTP/1.1 "), 1, "nothing is smuggled")


# --- Bodies -----------------------------------------------------------------

def post(usherd, token, body, kind="application/json",
         path="/o/acme/routing/check"):
    return usherd.post(path, body, token, {"Content-Type": kind})


def test_bodies(usherd, token):
    deep = b"[" * 100000 + b"]" * 100000
    rows = [
        ("deep arrays", deep, [400, 422]),
        ("deep objects", b'{"a":' * 50000 + b"1" + b"}" * 50000, [400, 422]),
        ("deep arrays without an end", b"[" * 500000, [400, 422]),
        ("no JSON", b"nonsense", [400, 422]),
        ("half of it", b'{"workflow": {"rules": [', [400, 422]),
        ("two values", b"{} {}", [400, 422]),
        ("a NUL", b'{"workflow":\0{}}', [400, 422]),
        ("malformed UTF-8", b'{"workflow": "\xff"}', [400, 422]),
        ("a lone surrogate", b'{"workflow": "\\ud800"}', [400, 422]),
        ("a huge number", b'{"workflow": 1e999999}', [400, 422]),
        ("a list", b"[]", [400, 422]),
        ("null", b"null", [400, 422]),
    ]
    for name, body, statuses in rows:
        for path in ("/o/acme/routing", "/o/acme/routing/check",
                     "/o/acme/routing/decide",
                     "/o/acme/routing/name/hostile"):
            answer = post(usherd, token, body, path=path)
            what = "%s to %s" % (name, path[7:])
            # A check says in its answer what is wrong with the rules.
            allowed = statuses + [200] * path.endswith("/check")
            if not ok(answer.status in allowed and answer.json is not None,
                      what):
                note(answer)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "a/b",
                 "multipart/form-data; boundary=x", "application/jsonp"):
        same(post(usherd, token, b"{}", kind).status, 415, kind)
    same(usherd.post("/o/acme/routing/check", b"{}", token).status, 415,
         "no content type")
    same(usherd.ask("POST", "/o/acme/routing/check", token).status, 400,
         "no body")
    same(usherd.ask("GET", "/o/acme/routing", token, b"{}").status, 400,
         "a body where none belongs")


def test_long_bodies(usherd, token):
    bearer = b"Authorization: Bearer " + token.encode()
    kind = b"Content-Type: application/json"

    def announce(path, size, *headers):
        return status_of(raw(usherd, request(
            "POST", path, b"Content-Length: %d" % size, kind, *headers)))

    same(announce("/o/acme/routing", 128 * MIB + 1, bearer), 413,
         "a workflow beyond 128 MiB")
    same(announce("/o/acme/routing", 128 * MIB), 401,
         "no long body without a token")
    same(announce("/o/acme/settings/api-keys", MIB + 1, bearer), 413,
         "another body beyond 1 MiB")
    same(announce("/nowhere", MIB), 404, "a long body to nowhere")
    before = memory(usherd)
    answer = raw(usherd, request(
        "POST", "/o/acme/routing", b"Transfer-Encoding: chunked", kind,
        body=(b"10000\r\n" + b"x" * 65536 + b"\r\n") * 500))
    same(status_of(answer), 401, "nor one in chunks")
    same(announce("/o/acme/routing/check", 100, bearer), 408,
         "a body that stops")
    with dial(usherd) as connection:
        connection.sendall(request("POST", "/o/acme/routing/check", bearer,
                                   kind, b"Content-Length: 100", body=b"{"))
        connection.shutdown(socket.SHUT_WR)
        ok(status_of(read_all(connection)) in (0, 400), "a truncated body")
    grown = memory(usherd) - before
    ok(INSTRUMENTED or grown < 16 * MIB, "none of them is kept")
    answer = raw(usherd, request(
        "POST", "/o/acme/routing", b"Content-Length: 100000", kind,
        b"Expect: 100-continue"))
    same(status_of(answer), 401, "no 100 Continue without a token")


# --- Names ------------------------------------------------------------------

def test_names(usherd, token):
    base = "/o/acme/routing/name/"
    for sent, name in (("a%2Fb", "a/b"), ("..%2F..%2Fetc", "../../etc"),
                       ("%22%27%3C%3E", "\"'<>"), ("%25", "%"),
                       ("a%20b", "a b"), ("a+b", "a+b"), ("%3Fx", "?x"),
                       ("%F0%9F%97%9D", "\U0001f5dd"), ("latest", "latest")):
        rule = {"name": name, "requestor": {"type": "any"},
                "resource": {"type": "any"}, "approval": [{"type": "p0"}]}
        created = usherd.post(base + sent, rule, token)
        same(created.status, 201, "create %s" % sent)
        got = usherd.get(base + sent + "/", token)
        same(got.json and got.json.get("name", name), name,
             "and read it: %s" % sent)
        same(usherd.delete(base + sent, token).status, 204, "delete it")
    for sent in ("%00", "a%00b", "%0A", "%1B%5B2J", "%7F", "%", "%zz",
                 "%C3%28", "..", ".", "%2e", "%2E%2e"):
        same(usherd.get(base + sent, token).status, 400, "not %s" % sent)


# --- Slowness ---------------------------------------------------------------

def drip(usherd, first, byte, results):
    """Sends a byte now and then until it is cut off; notes how long."""
    begin = time.monotonic()
    with dial(usherd) as connection:
        connection.settimeout(0.1)
        connection.sendall(first)
        got = b""
        while time.monotonic() - begin < LONG:
            try:
                connection.send(byte)
                part = connection.recv(4096)
                if not part:
                    break
                got += part
            except socket.timeout:
                continue
            except ConnectionError:
                break
    results.append((status_of(got), time.monotonic() - begin))


def test_slow(usherd):
    """The limits here are 1 s for a header, 2 s for a body."""
    body = (b"POST /o/acme/routing/check HTTP/1.1\r\n" + HOST +
            b"Content-Length: 1000\r\n\r\n")
    chunks = (b"POST /o/acme/routing/check HTTP/1.1\r\n" + HOST +
              b"Transfer-Encoding: chunked\r\n\r\nff\r\n")
    rows = [("headers", b"GET / HTTP/1.1\r\nX: ", b"a", 1),
            ("request lines", b"G", b"E", 1),
            ("bodies", body, b"a", 2),
            ("chunks", chunks, b"a", 2)]
    for name, first, byte, limit in rows:
        results = []
        with Neighbour(usherd):
            threads = [threading.Thread(
                target=drip, args=(usherd, first, byte, results))
                for _ in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(2 * LONG)
        in_time = [r for r in results if limit - 0.2 < r[1] < limit + 4]
        if not ok(len(in_time) == 50 and
                  all(r[0] in (0, 408) for r in results),
                  "slow %s are cut off in time" % name):
            note(results)


def test_slow_reader(usherd):
    """Who does not read its answers is not waited for."""
    one = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
    before = memory(usherd)
    with Neighbour(usherd), contextlib.ExitStack() as stack:
        readers = []
        for _ in range(20):
            reader = socket.socket()
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(1)
            reader.connect(("127.0.0.1", usherd.port))
            readers.append(stack.enter_context(reader))
        for reader in readers:
            with contextlib.suppress(OSError):
                reader.sendall(one * 2000)
        grown = memory(usherd) - before
        time.sleep(3)
    ok(INSTRUMENTED or grown < 32 * MIB,
       "answers that nobody reads do not pile up")


def descriptors(usherd):
    return len(os.listdir("/proc/%d/fd" % usherd.process.pid))


def test_reset(usherd):
    """Who goes away in the middle of an answer is let go at once."""
    token = usherd.token("acme", "owner@example.com", "owner")
    rules = [{"name": "%d %s" % (i, "x" * 240), "requestor": {"type": "any"},
              "resource": {"type": "any"}, "approval": []}
             for i in range(20000)]
    usherd.post("/o/acme/routing", {"workflow": {"rules": rules},
                                    "currentVersion": None}, token)
    before = descriptors(usherd)
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", usherd.port))
            reader.sendall(request("GET", "/o/acme/routing",
                                   b"Authorization: Bearer " +
                                   token.encode()))
        time.sleep(1)
        ok(descriptors(usherd) > before, "answers that are under way")
    ok(eventually(lambda: descriptors(usherd) <= before, 10),
       "end with their readers")


def test_idle(usherd):
    """Five thousand who say nothing."""
    wanted = 5000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted + 100:
        skip("5,000 idle connections", "only %d descriptors" % hard)
        return
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (max(soft, wanted + 100), hard))
    idle = []
    before = memory(usherd)
    try:
        with Neighbour(usherd):
            for i in range(wanted):
                connection = dial(usherd)
                idle.append(connection)
                if i % 2:
                    connection.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST +
                                       b"\r\n")
            answered = sum(c.recv(4096).startswith(b"HTTP/1.1 200")
                           for c in idle[1::2])
            grown = memory(usherd) - before
        same(answered, wanted // 2, "5,000 connections, half of them used")
        ok(INSTRUMENTED or grown < 48 * MIB, "they cost little: %d KiB each" %
           (grown // wanted // 1024))
    finally:
        for connection in idle:
            connection.close()


def test_limit(usherd):
    """More connections than may be: the others are closed, none hangs."""
    held = []
    try:
        for _ in range(20):
            held.append(dial(usherd))
            held[-1].sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        answered = 0
        for connection in held:
            with contextlib.suppress(ConnectionError):
                answered += connection.recv(4096).startswith(b"HTTP/1.1 200")
        same(answered, 10, "10 of 20 connections")
    finally:
        for connection in held:
            connection.close()
    same(_eventually_served(usherd), 200, "and there is room again")


def cpu_seconds(usherd):
    with open("/proc/%d/stat" % usherd.process.pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_descriptors(usherd):
    """Without descriptors it waits for some, and does not spin."""
    pid = usherd.process.pid
    in_use = len(os.listdir("/proc/%d/fd" % pid))
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 5, limits[1]))
    held = [dial(usherd) for _ in range(30)]
    before = cpu_seconds(usherd)
    time.sleep(1)
    ok(cpu_seconds(usherd) - before < 0.5, "out of descriptors: it waits")
    for connection in held:
        connection.close()
    same(_eventually_served(usherd), 200, "and goes on when there are some")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


def _eventually_served(usherd):
    for _ in range(50):
        with contextlib.suppress(OSError):
            return usherd.get("/healthz").status
        time.sleep(0.1)
    return 0


# --- TLS --------------------------------------------------------------------

def tls_get(usherd, context):
    with dial(usherd) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as c:
            c.sendall(request("GET", "/healthz"))
            return status_of(read_all(c))


def test_tls(folder):
    cert, key = folder.path("cert.pem"), folder.path("key.pem")
    if not shutil.which("openssl"):
        skip("TLS", "no openssl program")
        return
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         "/CN=localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True, timeout=LONG)
    context = ssl.create_default_context(cafile=cert)
    context.check_hostname = False
    chance = random.Random(1)
    lines = "header-seconds = 1\ntls-cert = \"%s\"\ntls-key = \"%s\"" % (
        cert, key)
    with Usherd(lines=lines) as usherd:
        same(tls_get(usherd, context), 200, "HTTPS")
        ok(status_of(raw(usherd, request("GET", "/healthz"))) == 0,
           "plain HTTP to it")
        for i in range(30):
            raw(usherd, b"\x16\x03\x01" + chance.randbytes(50 * i))
        silent = [dial(usherd) for _ in range(50)]
        begin = time.monotonic()
        same([read_all(c) for c in silent], [b""] * 50,
             "handshakes that do not begin are cut off")
        ok(time.monotonic() - begin < 5, "in time")
        for connection in silent:
            connection.close()
        same(tls_get(usherd, context), 200, "HTTPS after garbage")


def main():
    with Usherd(lines="header-seconds = 1\nbody-seconds = 2\n"
                      "idle-seconds = 30") as usherd:
        token = usherd.token("acme", "owner@example.com", "owner")
        test_malformed(usherd)
        test_garbage(usherd)
        test_injection(usherd, token)
        test_pipelining(usherd)
        test_bodies(usherd, token)
        test_long_bodies(usherd, token)
        test_names(usherd, token)
        test_slow(usherd)
        test_slow_reader(usherd)
        test_idle(usherd)
        test_tls(usherd)
    with Usherd(lines="max-connections = 10") as usherd:
        test_limit(usherd)
    with Usherd() as usherd:
        test_reset(usherd)
    with Usherd() as usherd:
        test_descriptors(usherd)
    done()


main()
