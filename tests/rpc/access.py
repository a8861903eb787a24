# SPDX-License-Identifier: Apache-2.0
"""What the scenarios about access share: one organisation "acme" with people,
a clock that they set, provisioners whose effects are kept outside of usherd,
and a server that hears notices.

    with Access(RULES, people={"ana": DEV, "mia": LEAD}) as acme:
        id = acme.who("ana").request("aws role Deploy --reason x")
        acme.who("mia").approve(id, "2h")
        acme.until(id, "DONE")
        acme.clock.leap(hours=2)
        acme.until(id, "EXPIRED")
"""
import collections
import http.server
import json
import os
import re
import shlex
import shutil
import threading
import time
import urllib.parse

from lib import TOP, Usherd, eventually, note, ok

ORG = "/o/acme"
REQUESTS = ORG + "/permission-requests/"
DAY = 24 * 3600

DEV = {"groups": [{"directory": "okta", "id": "00dev"}]}
LEAD = {"groups": [{"directory": "okta", "id": "00lead"}]}
REVIEWER = {"roles": ["security-reviewer"]}
OWNER = {"roles": ["owner"]}


def mail(name):
    return name if not name or ":" in name or "@" in name \
        else name + "@example.com"


# --- The table ------------------------------------------------------------

def read_table(name):
    """A .def file of the daemon without its comments."""
    with open(os.path.join(TOP, "daemon", name), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)


def life():
    """The rows of life.def: [(from, event, to)], and {event: word}."""
    text = read_table("life.def")
    rows = re.findall(r"^US_LIFE\((\w+),\s*(\w+),\s*(\w+),", text, re.M)
    words = dict(re.findall(r"^US_EVENT\((\w+),\s*\"([^\"]*)\"", text, re.M))
    return rows, words


def statuses():
    """{status: is it final}"""
    return {name: final == "true" for name, final in re.findall(
        r"^US_STATUS\((\w+),\s*\"[^\"]*\",\s*(\w+)\)",
        read_table("status.def"), re.M)}


def steps(request):
    """What happened to a request, as rows of the table: (from, word, to)."""
    before, made = "NEW", []
    for episode in request["history"]:
        made.append((before, episode["event"], episode["status"]))
        before = episode["status"]
    return made


# --- Beside usherd --------------------------------------------------------

class Clock:
    """The file that usherd reads the time from. It begins far enough ahead
    that tokens, which are made by the machine's clock, are good before it."""

    def __init__(self, path):
        self.path = path
        self.set(int(time.time() * 1000) + 60 * DAY * 1000)

    def set(self, ms):
        self.ms = int(ms)
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(str(self.ms))
        os.replace(self.path + ".new", self.path)

    def leap(self, seconds=0, minutes=0, hours=0, days=0):
        self.set(self.ms + 1000 * (seconds + 60 * minutes + 3600 * hours +
                                   DAY * days))

    def iso(self, seconds=0):
        """So many seconds from now, as the wire says it."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(self.ms / 1000 + seconds))


class Program:
    """The exec provisioner in a folder of its own; see `provisioner`."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "standing"))
        self.path = os.path.join(folder, "provisioner")
        shutil.copy(os.path.join(TOP, "tests", "rpc", "provisioner"),
                    self.path)
        os.chmod(self.path, 0o755)

    def let(self, name):
        """"go" or "free": what waits for the file goes on."""
        with open(os.path.join(self.folder, name), "w", encoding="ascii"):
            pass

    def hold(self, name):
        try:
            os.remove(os.path.join(self.folder, name))
        except FileNotFoundError:
            pass

    def standing(self):
        """The grants whose effects are in place."""
        folder, grants = os.path.join(self.folder, "standing"), []
        for name in os.listdir(folder):
            try:
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    if not name.startswith("."):
                        grants.append(json.load(f))
            except (FileNotFoundError, ValueError):
                pass
        return grants

    def stands(self, *words):
        """How many effects stand whose grants have all these words."""
        return sum(all(word in json.dumps(grant) for word in words)
                   for grant in self.standing())

    def calls(self, verb=None, ident=None, word="begin"):
        """[(word, verb, id)] of its log."""
        try:
            with open(os.path.join(self.folder, "log"),
                      encoding="utf-8") as file:
                rows = [tuple(line.split()) for line in file]
        except FileNotFoundError:
            return []
        return [row for row in rows if len(row) == 3 and
                row[0].startswith(word) and verb in (None, row[1]) and
                ident in (None, row[2])]


# What a sink was sent.
Heard = collections.namedtuple("Heard", "headers body raw")


class Sink:
    """An HTTP server that keeps what it is sent. answer: the status, or a
    function of the body that returns (status, JSON)."""

    def __init__(self, answer=200):
        sink = self
        self.answer = answer
        self.heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                body = json.loads(raw or b"null")
                sink.heard.append(Heard(dict(self.headers), body, raw))
                status, reply = sink.answer, {}
                if callable(status):
                    status, reply = status(body)
                text = json.dumps(reply).encode("ascii")
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.server.socket.listen(128)
        self.url = "http://127.0.0.1:%d/" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Hook(Sink):
    """The webhook provisioner. Like the program: how it behaves is in the
    name of the item, effects are its own. Beside those words:

        accept  a grant is only accepted; it is in place once `go` is set
        lost    ... or is never there
    """

    def __init__(self):
        super().__init__(self.provide)
        self.go = threading.Event()
        self.free = threading.Event()
        self.effects = {}

    def provide(self, body):
        name, ident = json.dumps(body["grant"]), body["id"]
        if body["verb"] == "grant":
            if "hold." in name:
                self.go.wait(60)
            if "refuse." in name:
                return 403, {}
            if "accept." in name:
                return 202, {}
            self.effects[ident] = body["grant"]
            return (400 if "dirty." in name else 201), {}
        if body["verb"] == "revoke":
            if "stuck." in name and not self.free.is_set():
                return 500, {}
            self.effects.pop(ident, None)
            return 200, {}
        if "accept." in name and not self.go.is_set():
            return 200, {"state": "pending"}
        if "accept." in name and "lost." not in name:
            self.effects[ident] = body["grant"]
        return 200, {"state": "present" if ident in self.effects
                     else "absent"}

    def stands(self, *words):
        return sum(all(word in json.dumps(grant) for word in words)
                   for grant in list(self.effects.values()))


# --- People ---------------------------------------------------------------

class Who:
    """A caller: what each can do by the API."""

    def __init__(self, acme, name, token):
        self.acme = acme
        self.name = name
        self.mail = mail(name)
        self.token = token

    def __getattr__(self, method):
        """get, post, put, delete below the organisation."""
        if method not in ("get", "post", "put", "delete"):
            raise AttributeError(method)

        def send(path, *body):
            return getattr(self.acme, method)(ORG + path, *body, self.token)
        return send

    def command(self, argv, **more):
        """argv: a list, or a line."""
        if isinstance(argv, str):
            argv = shlex.split(argv)
        return self.post("/command/", dict({"argv": argv,
                                            "scriptName": "p0"}, **more))

    def ask(self, line, verb="request"):
        """The answer of a submission."""
        argv = shlex.split(line) if isinstance(line, str) else list(line)
        return self.command([verb] + argv)

    def request(self, line):
        """The id of a request that is made; none made is an error."""
        answer = self.ask(line)
        if answer.status != 200 or not answer.json.get("id"):
            raise RuntimeError("%s: request %s: %r" % (self.name, line,
                                                       answer))
        return answer.json["id"]

    def act(self, ident, what, body=None):
        return self.acme.post(REQUESTS + ident + "/" + what,
                              {} if body is None else body, self.token)

    def approve(self, ident, length=None):
        return self.act(ident, "approve",
                        {"expirationLength": length} if length else {})

    def deny(self, ident, reason=None):
        return self.act(ident, "deny", {"reason": reason} if reason else {})

    def revoke(self, ident):
        return self.act(ident, "revoke")

    def escalate(self, ident):
        return self.act(ident, "escalate")

    def relinquish(self, ident):
        return self.acme.post(REQUESTS + "mine/" + ident + "/relinquish", {},
                              self.token)

    def see(self, ident):
        return self.acme.get(REQUESTS + ident, self.token)

    def listed(self, path="permission-requests"):
        """Ids of a list, all pages."""
        found, after = [], ""
        while True:
            mark = "&" if "?" in path else "?"
            answer = self.get("/%s%slimit=100%s" % (path, mark, after))
            if answer.status != 200:
                raise RuntimeError("%s: %r" % (path, answer))
            found += [one["id"] for one in answer.json["requests"]]
            if not answer.json["next"]:
                return found
            after = "&after=" + answer.json["next"]


class Access(Usherd):
    """usherd for "acme". people: {name: user of the directory}; "own" is an
    owner. rules: text. oncall, inventory: JSON or None. provision: services
    of the exec provisioner ("*": all others; empty: it is not there);
    provisioners: {name: lines} of more; timeout: of calls, s. lines: more of
    the organisation's. conf: more of usherd.conf."""

    def __init__(self, rules, people=None, oncall=None, inventory=None,
                 provision=("*",), provisioners=None, lines=None, conf="",
                 timeout=None):
        super().__init__(start=False)
        self.people = dict(people or {})
        self.people.setdefault("own", OWNER)
        self.clock = Clock(self.path("clock"))
        self.program = Program(self.path("program"))
        self.known = {}
        values = {"rules": self.write("acme.usher", rules),
                  "directory": self.write_people()}
        if oncall is not None:
            values["oncall"] = self.write("oncall.json", oncall)
        if inventory is not None:
            values["inventory"] = self.write("inventory.json", inventory)
        sections = dict(provisioners or {})
        if provision:
            sections["program"] = {
                "type": "exec", "command": self.program.path,
                "services": list(provision), "parallel": 32,
                "timeout-seconds": timeout or 60}
        values["provisioner"] = sections
        values.update(lines or {})
        self.write_conf({"acme": values}, {},
                        "clock-file = \"%s\"\n%s" % (self.clock.path, conf))
        self.start()

    def write_people(self):
        return self.write("directory.json", {"users": {
            mail(name): user for name, user in self.people.items()}})

    def who(self, name, *flags):
        """A caller by name, or with more flags of usherd token."""
        key = (name,) + flags
        if key not in self.known:
            self.known[key] = Who(self, name, self.token(
                "acme", mail(name), None, "--length", "366d", *flags))
        return self.known[key]

    @property
    def own(self):
        return self.who("own")

    def agent(self, client, user=None, owner=None):
        flags = ["--agent", client]
        if owner:
            flags += ["--owner", mail(owner)]
        return self.who(user or "", *flags)

    def key(self, **more):
        """A caller by an API key."""
        made = self.own.post("/settings/api-keys",
                             dict({"name": "key", "roles": []}, **more))
        return Who(self, "key:" + made.json["id"], made.json["key"])

    # What becomes of requests.

    def seen(self, ident):
        """A request as an owner sees it."""
        answer = self.own.see(ident)
        return answer.json if answer.status == 200 else {
            "status": repr(answer), "history": []}

    def status(self, ident):
        return self.seen(ident)["status"]

    def until(self, ident, *wanted):
        """Waits for a status; passes when it comes."""
        got = eventually(lambda: self.status(ident) in wanted)
        if not got:
            self.tell(ident)
        return got

    def becomes(self, ident, wanted, name):
        """A result: the request comes into the status."""
        return ok(self.until(ident, wanted), name)

    def stays(self, ident, wanted, seconds=1.0):
        """Is it still in the status after a while?"""
        time.sleep(seconds)
        return self.status(ident) == wanted

    def tell(self, ident):
        request = self.seen(ident)
        note("%s is %s; %s" % (ident, request["status"],
                               request.get("error")))
        for episode in request["history"]:
            note("  " + json.dumps(episode))

    def every(self):
        """All requests, with their histories."""
        return [self.seen(ident) for ident in self.own.listed()]

    # What can change around them.

    def save(self, rules):
        """Another workflow, at once."""
        latest = self.own.get("/routing/latest").json["workflow"]["version"]
        answer = self.ask("POST", ORG + "/routing?currentVersion=" + latest,
                          self.own.token, rules,
                          {"Content-Type": "text/x-usher"})
        if answer.status != 200:
            raise RuntimeError("saving rules: %r" % answer)

    def leave(self, *names):
        """They are gone from the directory, and usherd knows."""
        for name in names:
            del self.people[name]
        self.write_people()
        self.wait_people()

    def wait_people(self):
        want = len(self.people)
        eventually(lambda: self.metric("usher_directory_users",
                                       'org="acme"') == want)

    def metric(self, name, *labels):
        """The value of a sample; None when there is none."""
        for line in self.get("/metrics").text.splitlines():
            if re.match(re.escape(name) + r"[{ ]", line) and \
                    all(label in line for label in labels):
                return float(line.rsplit(" ", 1)[1])
        return None

    def audit(self, action=None):
        """Events, oldest first; all pages."""
        query = "&action=" + action if action else ""
        events, after = [], 0
        while True:
            page = self.own.get("/audit?limit=1000&after=%d%s" % (
                after, query)).json
            events += page["events"]
            if not page["next"]:
                return events
            after = page["next"]

    def quoted(self, text):
        return urllib.parse.quote(text, safe="")
