# SPDX-License-Identifier: Apache-2.0
"""What the scenarios of the daemon share: starting usherd, asking it, TAP.

A scenario is a program that prints TAP:

    from lib import Usherd, ok, same, done
    with Usherd(orgs=["acme"]) as usherd:
        token = usherd.token("acme", "ana@example.com", "owner")
        same(usherd.get("/o/acme/routing", token).status, 200, "it answers")
    done()

Everything is in a temporary folder and on 127.0.0.1; what was started is
stopped, whatever happens.
"""
import atexit
import hashlib
import http.client
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
USHERD = os.environ.get("USHERD") or os.path.join(TOP, "build", "usherd")
USHER = os.environ.get("USHER") or os.path.join(TOP, "build", "usher")
DERIVED = os.path.join(os.environ.get("USHER_BUILD") or
                       os.path.join(TOP, "build"), "tests/faults/derived")

# Instruments make everything slower; nothing here waits longer.
PATIENCE = float(os.environ.get("USHER_PATIENCE", "30"))

# --- TAP ------------------------------------------------------------------

_run = 0
_failed = 0


def ok(condition, name):
    """One result. Returns the condition."""
    global _run, _failed
    _run += 1
    if not condition:
        _failed += 1
    print("%sok %d - %s" % ("" if condition else "not ", _run,
                            name.replace("#", "\\#")), flush=True)
    return bool(condition)


def same(got, want, name):
    """Passes when both are equal; shows them when not."""
    if not ok(got == want, name):
        note("got:  %r" % (got,))
        note("want: %r" % (want,))
        return False
    return True


def note(text):
    for line in str(text).splitlines() or [""]:
        print("# " + line, flush=True)


def skip(name, why):
    global _run
    _run += 1
    print("ok %d - %s # SKIP %s" % (_run, name, why), flush=True)


def done():
    print("1..%d" % _run, flush=True)
    sys.exit(1 if _failed else 0)


# --- HTTP -----------------------------------------------------------------

class Answer:
    """What came back: status, headers (lower-case names), body (bytes)."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        """The body, or None when it is no JSON."""
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except ValueError:
            return None

    def __repr__(self):
        return "%d %s" % (self.status, self.body[:300])


def _refuse(word):
    raise ValueError(word)


def ask(port, method, path, token=None, body=None, headers=None,
        timeout=PATIENCE):
    """One request on a connection of its own. body: bytes, text or JSON."""
    headers = dict(headers or {})
    if token is not None:
        headers["Authorization"] = "Bearer " + token
    if isinstance(body, str):
        body = body.encode("utf-8")
    elif body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode("utf-8")
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", port,
                                            timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


# --- The daemon -----------------------------------------------------------

# What a sanitizer says when it found something.
_FOUND = re.compile(r"(ERROR|WARNING): \w*Sanitizer|: runtime error:")

_living = []


def _stop_all():
    for daemon in list(_living):
        daemon.kill()
        daemon.clean()


atexit.register(_stop_all)


def section(kind, name, values):
    """A section of usherd.conf, with those in it."""
    text = "%s \"%s\" {\n" % (kind, name)
    for key, value in values.items():
        if isinstance(value, dict):
            for inner, lines in value.items():
                text += section(key, inner, lines)
        elif isinstance(value, list):
            text += "%s = {%s}\n" % (key, ", ".join('"%s"' % one
                                                    for one in value))
        elif isinstance(value, bool):
            text += "%s = %s\n" % (key, "true" if value else "false")
        else:
            text += "%s = \"%s\"\n" % (key, value)
    return text + "}\n"


class Usherd:
    """A daemon with a data folder of its own, started at once.

    orgs: names, or a dict from name to its lines {"rules": PATH, ...}; a
    value may be a list, or, for sections, a dict from name to lines.
    directories: dict from name to the JSON of its directory.
    lines: more lines of usherd.conf. flags: more flags.
    """

    def __init__(self, orgs=("acme",), directories=None, lines="", flags=(),
                 start=True):
        self.folder = tempfile.mkdtemp(prefix="usherd-")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        self.conf = os.path.join(self.folder, "usherd.conf")
        self.flags = list(flags)
        self.process = None
        self.last_log = None # of one that is gone
        self.ports = []
        _living.append(self)
        self.write_conf(orgs, directories or {}, lines)
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process:
            status = self.stop()
            if exc[0] is None:
                same(status, 0, "usherd ends with 0")
        if exc[0] is None:
            self.check_derived()
        found = _FOUND.search(self.logged())
        if found:
            ok(False, "no sanitizer found anything")
            note(self.logged()[found.start():][:4000])
        self.last_log = self.logged()
        self.clean()

    def check_derived(self):
        """The store is as if all that can be derived were derived now."""
        if not os.path.exists(os.path.join(self.data, "derived.mdb")):
            return
        made = subprocess.run([DERIVED, self.data], capture_output=True,
                              text=True, check=False)
        if not same(made.returncode, 0, "what is derived is right"):
            note(made.stdout + made.stderr)

    def clean(self):
        if self in _living:
            _living.remove(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        """A file in the folder, replaced at once; its path."""
        if not isinstance(content, str):
            content = json.dumps(content)
        path = self.path(name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(path + ".new", path)
        return path

    def write_conf(self, orgs, directories, lines):
        if not isinstance(orgs, dict):
            orgs = {name: {} for name in orgs}
        text = "data = \"%s\"\nlisten = {\"127.0.0.1:0\"}\n%s\n" % (
            self.data, lines)
        for name, values in orgs.items():
            values = dict(values)
            if name in directories:
                values["directory"] = self.write(
                    "directory-%s.json" % name, directories[name])
            text += section("organisation", name, values)
        self.write("usherd.conf", text)

    # Starting and ending.

    def start(self, wait=True):
        log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [USHERD, "-f", self.conf, "--foreground"] + self.flags,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        log.close()
        if wait:
            self.wait_ready()

    def wait_ready(self, listeners=1):
        """Reads the ready lines; an exception when they do not come."""
        self.ports = []
        end = time.monotonic() + PATIENCE
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while text.count(b"\n") < listeners:
                if not selector.select(max(0, end - time.monotonic())):
                    self.kill()
                    raise RuntimeError("usherd is not ready in time:\n" +
                                       self.logged())
                got = os.read(self.process.stdout.fileno(), 4096)
                if not got:
                    status = self.process.wait()
                    self.process = None
                    raise RuntimeError("usherd ended with %d:\n%s" % (
                        status, self.logged()))
                text += got
        for line in text.decode().splitlines():
            match = re.fullmatch(
                r"usherd: ready on (?:[0-9.]+|\[[0-9a-f:]+\]):([0-9]+)", line)
            if not match:
                raise RuntimeError("no ready line: %r" % line)
            self.ports.append(int(match.group(1)))

    @property
    def port(self):
        return self.ports[0]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        """The status with which it ended; what does not end is killed."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "did not end"
        self.process.stdout.close()
        self.process = None
        return status

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """As the machine would: without a warning."""
        if self.process:
            self.process.kill()
            self.wait()

    def restart(self):
        if self.process:
            self.stop()
        self.start()

    def logged(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, pattern):
        """True once the log has a match."""
        return eventually(lambda: re.search(pattern, self.logged()))

    # Asking.

    def token(self, org, user, role=None, *more):
        """A token that `usherd token` makes."""
        command = [USHERD, "token", "--data", self.data, "--org", org]
        if user:
            command += ["--user", user]
        if role:
            command += ["--role", role]
        made = subprocess.run(command + list(more), capture_output=True,
                              timeout=PATIENCE, check=False)
        if made.returncode != 0:
            raise RuntimeError("%s: %s" % (command, made.stderr.decode()))
        return made.stdout.decode().strip()

    def ask(self, method, path, token=None, body=None, headers=None):
        return ask(self.port, method, path, token, body, headers)

    def get(self, path, token=None, headers=None):
        return self.ask("GET", path, token, headers=headers)

    def post(self, path, body, token=None, headers=None):
        return self.ask("POST", path, token, body, headers)

    def put(self, path, body=None, token=None, headers=None):
        return self.ask("PUT", path, token, body, headers)

    def delete(self, path, token=None):
        return self.ask("DELETE", path, token)


def eventually(condition, timeout=PATIENCE):
    """Asks again and again, for a bounded time; the last answer."""
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def run(*command, stdin=None):
    """A program that ends by itself: (status, stdout, stderr)."""
    made = subprocess.run(command, input=stdin, capture_output=True,
                          timeout=PATIENCE, check=False)
    return (made.returncode, made.stdout.decode(errors="replace"),
            made.stderr.decode(errors="replace"))


# --- The audit log --------------------------------------------------------

ZEROS = "0" * 64


def canonical(event):
    """RFC 8785, as far as events go: no fractions, names in ASCII."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False).encode()


def chain_holds(events, prev=ZEROS):
    """The hash of the last event, or None."""
    for number, event in enumerate(events, 1):
        hashed = {k: v for k, v in event.items() if k != "hash"}
        if (event["seq"] != number or event["prev"] != prev or
                hashlib.sha256(canonical(hashed)).hexdigest() !=
                event["hash"]):
            return None
        prev = event["hash"]
    return prev
