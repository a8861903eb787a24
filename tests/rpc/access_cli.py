# SPDX-License-Identifier: Apache-2.0
"""The commands of usher that ask for access and act on requests: against a
usherd, from request to revoked; and against a stand-in, what they send, how
they end whatever becomes of a request, and what they do when the server is
slow, broken or hostile."""
import datetime
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time

from lib import PATIENCE, USHER, Usherd, done, eventually, ok, same
from standin import Standin

ID = "01JD4W0Q5N8Z3X6V9T2R7Y1KBM"
OTHER = "01JD4W0Q5N8Z3X6V9T2R7Y1KBN"
NONE = "01JD4W0Q5N8Z3X6V9T2R7Y1KBZ"
REQUEST = "GET /permission-requests/" + ID
POLL = "GET /command/%s/poll" % ID


def later(**span):
    """So long from now, in the form of the wire; with a little to spare."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
        seconds=20, **span)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def request(status="PENDING_APPROVAL", label="Pending approval", **more):
    return {"id": ID, "status": status, "label": label, "final": False,
            "principal": "ana@example.com", "requestor": "ana@example.com",
            "issuer": {"type": "person", "id": "ana@example.com"},
            "agent": None, "service": "aws", "accessType": "role",
            "item": "role:Deploy", "itemLabel": "Deploy", "attributes": {},
            "arguments": ["Deploy"], "reason": "INC-42",
            "requestedDuration": 7200, "duration": None,
            "workflowVersion": "v3", "decision": {"alternatives": []},
            "by": None, "approvers": "a member of SRE leads",
            "approvedBy": None, "preapproval": None,
            "createdDate": later(minutes=-10), "approvedDate": None,
            "startDate": None, "expiresDate": None, "endDate": None,
            "approvableUntil": later(days=13, hours=2), "error": None,
            "generated": {}, "history": [
                {"at": "2026-11-23T07:40:00Z", "event": "requested",
                 "status": "PENDING_APPROVAL", "by": "ana@example.com",
                 "text": "INC-42"}], **more}


def commanded(status="PENDING_APPROVAL", **more):
    return {"ok": True, "message": "Your request was sent", "id": ID,
            "isPreexisting": False, "isPersistent": False,
            "isPreapproved": False, "status": status, "label": "L", **more}


def data(status, message="It is decided", **more):
    return {"type": "data", "data": {
        "ok": True, "message": message, "id": ID, "isPreexisting": False,
        "isPersistent": False, "isPreapproved": False,
        "request": {"status": status, "principal": "ana@example.com",
                    "type": "aws", "permission": {}, "generated": {},
                    "delegation": {}, "error": None}, **more}}


class Person:
    """Somebody who is signed in to a usherd."""

    def __init__(self, usherd, name, role=None):
        self.url = "http://127.0.0.1:%d" % usherd.port
        self.token = usherd.token("acme", name + "@example.com", role)

    def __call__(self, *words):
        return usher(self, *words)


def environment(server):
    inherited = {k: v for k, v in os.environ.items()
                 if not k.startswith("USHER_")}
    return {**inherited, "USHER_URL": server.url, "USHER_ORG": "acme",
            "USHER_TOKEN": getattr(server, "token", "t"),
            "HOME": "/nonexistent", "XDG_CONFIG_HOME": "", "TERM": "xterm"}


def usher(server, *words):
    made = subprocess.run([USHER, *words], capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE,
                          check=False, env=environment(server))
    return (made.returncode, made.stdout.decode(), made.stderr.decode())


def test_request(server):
    server.answers = {"POST /command": commanded(), REQUEST: request()}
    status, out, err = usher(server, "request", "aws", "role", "Deploy",
                             "--reason", "INC-42", "--frob", "-x=1")
    same((status, err), (0, ""), "a request that waits")
    same(server.bodies("POST /command"),
         [{"argv": ["request", "aws", "role", "Deploy", "--reason", "INC-42",
                    "--frob", "-x=1"], "scriptName": "usher"}],
         "arguments go on as they stand, unknown options too")
    ok(out.startswith("Your request was sent\n"), "the daemon's message")
    ok("\nstatus     Pending approval, lapses in 13 d 2 h (20" in out,
       "how it stands, and until when")
    ok("relinquish" in out and "show --wait " + ID in out, "what to do next")
    server.asked.clear()
    status, out, _ = usher(server, "request", "--json", "aws", "-r", "--",
                           "--json", "-w")
    same(json.loads(out), commanded(), "--json is the daemon's answer")
    same(server.bodies("POST /command")[0]["argv"],
         ["request", "aws", "-r", "--", "--json", "-w"],
         "our options are ours, but for those behind --")
    for verb in ("request", "grant"):
        for state, want in (("DONE", 0), ("APPROVED", 0), ("DENIED", 2),
                            ("ERRORED", 1)):
            server.answers = {"POST /command": commanded(state),
                              REQUEST: request(state, "L")}
            same(usher(server, verb, "aws")[0], want,
                 "%s: %s at once" % (verb, state))
    server.answers = {"POST /command": commanded(ids=[ID, OTHER],
                                                 message="A: x\nB: y"),
                      REQUEST: request(),
                      "GET /permission-requests/" + OTHER:
                          {**request(), "id": OTHER}}
    out = usher(server, "request", "aws", "role", "A", "B")[1]
    ok(out.startswith("A: x\nB: y\nrequest    %s\nwhat " % ID) and
       "\nrequest    " + OTHER in out, "several items, several requests")


def test_errors(server):
    server.answers = {"POST /command": (400, {
        "error": "there is no service \"awz\"", "detail": "did you mean aws"})}
    status, out, err = usher(server, "request", "awz")
    same((status, out), (1, ""), "what the daemon refuses")
    same(err, "usher: there is no service \"awz\": did you mean aws\n",
         "is told with its detail")
    server.answers = {"POST /command": {"error": "usage:\n  aws role"}}
    status, out, err = usher(server, "request", "aws", "--help")
    same((status, out, err), (0, "usage:\n  aws role\n", ""),
         "--help of a service is the daemon's")
    same(server.bodies("POST /command")[-1]["argv"],
         ["request", "aws", "--help"], "which was asked for it")
    status, out, err = usher(server, "grant", "--help")
    ok(out.startswith("usage: usher grant") and
       out.endswith("\nusage:\n  aws role\n"), "--help is ours and its")
    same(usher(server, "request", "aws")[0], 1, "usage unasked is an error")
    server.answers = {"POST /command": (503, b"<html>")}
    status, _, err = usher(server, "request", "aws")
    same((status, err), (1, "usher: the daemon answered with status 503\n"),
         "an answer that is no JSON")
    same(usher(server, "request", "aws", "--timeout", "soon")[0], 1,
         "a timeout that is none")
    ok("--timeout soon" in usher(server, "request", "--timeout=soon", "x")[2],
       "is shown")


def test_wait(server):
    heart = {"type": "heartbeat"}
    for state, want in (("DONE", 0), ("APPROVED", 0), ("DENIED", 2),
                        ("ERRORED", 1), ("EXPIRED", 1), ("REVOKED", 1),
                        ("TIMED_OUT", 4)):
        server.answers = {
            "POST /command": commanded(), REQUEST: request(state, "L"),
            POLL: lambda h, q, state=state: h.stream(heart, data(state))}
        status, out, err = usher(server, "request", "-w", "aws")
        same((status, err), (want, ""), "--wait: " + state)
        ok("It is decided\n" in out, "and what is said of it")
        status, out, _ = usher(server, "request", "aws", "--wait", "--json")
        same((status, json.loads(out)), (want, data(state)["data"]),
             "--wait --json: " + state)
    # A stream that ends while the request is open is no answer.
    states = ["PENDING_APPROVAL", "DONE"]
    server.answers[POLL] = lambda h, q: h.stream(data(states.pop(0)))
    same(usher(server, "show", "--wait", ID)[0], 0, "it is asked again")
    # Nor is one that breaks off, or a daemon that restarts.
    turns = [lambda h: h.stream(heart), lambda h: (503, {"error": "busy"}),
             lambda h: h.stream(heart, data("DONE"))]
    server.answers[POLL] = lambda h, q: turns.pop(0)(h)
    status, _, err = usher(server, "show", "--wait", ID)
    same((status, err), (0, ""), "a stream that breaks is begun again")
    server.answers[POLL] = (404, {"error": "Not found"})
    status, _, err = usher(server, "show", "--wait", ID)
    same((status, err), (1, "usher: Not found\n"), "a request that is not")
    server.answers.update({
        "POST /command": commanded(ids=[ID, OTHER]),
        "GET /permission-requests/" + OTHER: {**request(), "id": OTHER},
        POLL: lambda h, q: h.stream(data("DENIED")),
        "GET /command/%s/poll" % OTHER: lambda h, q: h.stream(data("DONE"))})
    same(usher(server, "request", "-w", "x")[0], 2, "the worst of several")


def silent_server(server):
    """A request that nobody decides; what makes its streams end."""
    end = threading.Event()
    server.answers = {
        "POST /command": commanded(), REQUEST: request(),
        POLL: lambda h, q: h.stream({"type": "heartbeat"},
                                    lambda: end.wait(PATIENCE))}
    server.asked.clear()
    return end


def test_leaving(server):
    end = silent_server(server)
    status, _, err = usher(server, "request", "-w", "x", "--timeout", "1s")
    same(status, 4, "--timeout leaves an open request")
    ok("show --wait " + ID in err, "and says how to go on")
    end.set()
    end = silent_server(server)
    waiting = subprocess.Popen(
        [USHER, "request", "-w", "x"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment(server))
    ok(eventually(lambda: server.queries(POLL)), "it waits")
    time.sleep(0.2)
    waiting.send_signal(signal.SIGINT)
    err = waiting.communicate(timeout=PATIENCE)[1].decode()
    same(waiting.returncode, 4, "so does Ctrl-C")
    ok("relinquish " + ID in err, "which says how to take it back")
    end.set()


def test_terminal(server):
    """The progress line is for terminals only, and goes away."""
    end = silent_server(server)
    lead, side = pty.openpty()
    waiting = subprocess.Popen(
        [USHER, "request", "-w", "x", "--timeout", "3s"],
        stdout=subprocess.PIPE, stderr=side, env=environment(server))
    waiting.communicate(timeout=PATIENCE)
    os.close(side)
    shown = b""
    try:
        while True:
            got = os.read(lead, 4096)
            if not got:
                break
            shown += got
    except OSError: # the other side is closed
        pass
    os.close(lead)
    end.set()
    text = shown.decode()
    ok(re.search(r"\rwaiting [0-9]+ s: a member of SRE leads, lapses in",
                 text), "a terminal sees what is waited for")
    ok(all(len(line) < 90 for line in text.split("\r")[:2]),
       "on one line")
    ok("\r\x1b[Kusher: not decided yet" in text, "which is wiped")


def test_lists(server):
    def page(handler, query):
        asked = dict(word.split("=") for word in query.split("&"))
        first = int(asked.get("after", "0"))
        size = min(int(asked["limit"]), 40)
        many = [{**request(), "id": "%026d" % n}
                for n in range(first + 1, min(first + size, 120) + 1)]
        last = first + len(many)
        return {"requests": many, "next": str(last) if last < 120 else None}

    server.answers = {"GET /permission-requests/mine": page,
                      "GET /permission-requests/approvals": page}
    for name in ("mine", "approvals"):
        status, out, _ = usher(server, name)
        same((status, len(re.findall(r"^0{20}", out, re.M))), (0, 50),
             name + ": fifty at first, from two pages")
        ok("there are more: --limit 100" in out, "and says that there are more")
        out = usher(server, name, "--limit", "200")[1]
        ok(len(re.findall(r"^0{20}", out, re.M)) == 120 and
           "more" not in out, "all")
        out = usher(server, name, "--json", "--limit", "45")[1]
        same([len(json.loads(out)["requests"]), json.loads(out)["next"]],
             [45, "45"], "as JSON, and where to go on")
        for wrong in ("0", "-1", "x", "1x", ""):
            same(usher(server, name, "--limit", wrong)[0], 2,
                 "%s --limit %r" % (name, wrong))
    server.answers = {
        "GET /permission-requests/mine": {"requests": [
            request("DONE", "Active", expiresDate=later(hours=1, minutes=52),
                    itemLabel="R\u00f4le-\u65e5\u672c"),
            request("REVOKED", "Revoked", endDate=later(minutes=-3),
                    startDate=later(minutes=-9),
                    itemLabel="x"),
            request("DENIED", "Denied", principal="ben@example.com")],
                                          "next": None}}
    out = usher(server, "mine")[1].splitlines()
    ok("aws role Deploy for ben@example.com  Denied" in out[3],
       "what one asked for others: " + out[3])
    ok("Active   ends in 1 h 52 min" in out[1], "when it ends: " + out[1])
    ok("Revoked  ended 2 min ago" in out[2], "when it ended: " + out[2])
    same(out[1].index("Active") + 2, out[2].index("Revoked"),
         "wide letters are aligned")
    server.answers = {"GET /permission-requests/approvals":
                      {"requests": [], "next": None}}
    same(usher(server, "approvals")[1], "nothing waits for your approval\n",
         "an empty list")


def test_acts(server):
    paths = {"approve": "%s/approve", "deny": "%s/deny",
             "revoke": "%s/revoke", "relinquish": "mine/%s/relinquish",
             "escalate": "%s/escalate"}
    for verb, path in paths.items():
        key = "POST /permission-requests/" + path % ID
        server.answers = {key: {}, REQUEST: request("DONE", "Active")}
        server.asked.clear()
        status, out, err = usher(server, verb, ID)
        same((status, err), (0, ""), verb)
        same(server.bodies(key), [{}], "with an empty body")
        ok("ana@example.com, aws role Deploy: Active" in out,
           "and tells what became of it")
        words = ["--for", "2h"] if verb == "approve" else ["--reason", "no"]
        usher(server, verb, *words, ID)
        same(server.bodies(key)[1],
             {"expirationLength": "2h"} if verb == "approve"
             else {"reason": "no"}, "or what was said")
        same(json.loads(usher(server, verb, "--json", ID)[1])["id"], ID,
             "as JSON")
        server.answers[key] = (400, {
            "error": "Invalid or expired request",
            "detail": "mia@example.com approved it already"})
        status, _, err = usher(server, verb, ID, NONE)
        same(status, 1, "what is refused")
        ok("Invalid or expired request: mia@example.com approved it already"
           in err and "'usher " in err, "is told, and where to look")
        ok(NONE in err, "and the others are tried")
        server.asked.clear()
        for wrong in ("..", "", ID[1:], ID + "0", ID[:-1] + "/"):
            same(usher(server, verb, wrong)[0], 2, "%s %r" % (verb, wrong))
        same(server.asked, [], "what is no id is not sent")


def test_others(server):
    server.answers = {REQUEST: request("DONE", "Active", duration=3600,
                                       approvedBy="mia@example.com",
                                       expiresDate=later(minutes=40)),
                      "GET /account": {"uid": "Ana@example.com"}}
    out = usher(server, "show", ID)[1]
    for line in ("for        ana@example.com", "reason     INC-42",
                 "length     1 h, 2 h asked for",
                 "status     Active, ends in 40 min (20",
                 "approval   approved by mia@example.com",
                 "next       'usher relinquish " + ID,
                 "2026-11-23T07:40:00Z  requested  ana@example.com  INC-42"):
        ok("\n" + line in out, "show: " + line)
    server.answers[REQUEST] = request(
        "REVOKE_SUBMITTED", "Revoking", expiresDate=later(minutes=40),
        agent={"clientId": "bot", "owner": None, "providerId": None})
    out = usher(server, "show", ID)[1]
    ok("\nfor        ana@example.com (agent bot)\n" in out,
       "who approves is told that an agent gets it")
    ok("\nstatus     Revoking\n" in out, "what goes away has no end to come")
    server.answers["GET /account"] = {"uid": "eve@example.com"}
    ok("relinquish" not in usher(server, "show", ID)[1],
       "somebody else's cannot be given back")
    server.answers = {"POST /command": {
        "ok": True, "term": "", "arg": "session", "isTruncated": True,
        "items": [{"key": "web-1", "group": "web", "value": "Web 1",
                   "isPreexisting": True},
                  {"key": "database-1", "group": None, "value": "DB",
                   "isPreexisting": False}]}}
    server.asked.clear()
    out = usher(server, "ls", "ssh", "session", "--like", "1")[1].splitlines()
    same(out[:3], ["item        group  name   yours",
                   "web-1       web    Web 1  yes",
                   "database-1  -      DB     -"], "ls")
    ok("there may be more" in out[3], "and that there are more")
    same(server.bodies("POST /command")[0]["argv"],
         ["ls", "ssh", "session", "--like", "1"], "what was asked")
    server.answers["POST /command/ls"] = server.answers["POST /command"]
    usher(server, "ls", "--all", "ssh")
    same(server.bodies("POST /command/ls")[0]["argv"], ["ls", "ssh"],
         "owners list for all")
    server.answers = {"POST /command": commanded(id=OTHER, status="ALLOWED")}
    status, out, _ = usher(server, "allow", "ssh", "session", "web-1")
    same(status, 0, "allow")
    ok("preapprovals revoke " + OTHER in out, "and how to take it back")
    server.answers = {
        "DELETE /preapprovals/" + ID: (204, b""),
        "GET /preapprovals": {"next": None, "preapprovals": [
            {"id": ID, "principal": "group:okta:00sre", "issuer":
             "mia@example.com", "service": "ssh", "accessType": "session",
             "item": "x", "itemLabel": "web-1", "reason": "weekend",
             "from": later(hours=-1), "until": later(days=3),
             "duration": 7200}]}}
    out = usher(server, "preapprovals")[1]
    ok("group:okta:00sre  ssh session web-1  ends in 3 d  2 h" in out,
       "approvals in advance")
    same(usher(server, "preapprovals", "revoke", ID)[:2],
         (0, "revoked: %s\n" % ID), "one is revoked")
    key = "5c1d0e9b7a3f4862a1b0c9d8e7f60512" * 2
    server.answers = {
        "POST /provisioning/%s/done" % key: {},
        "GET /provisioning": {"next": None, "works": [
            {"id": key, "verb": "revoke", "request": ID, "provisioner": "aws",
             "accepted": False, "stuck": True, "tries": 9,
             "since": later(hours=-3), "error": "no answer", "grant":
             {"principal": "ana@example.com", "service": "aws",
              "accessType": "role", "item": "Deploy"}}]}}
    out = usher(server, "work")[1]
    ok(re.search("%s  take away, stuck  ana@example.com  aws role Deploy  aws"
                 "  2 h 59 min ago  9      no answer\n" % key, out),
       "what is stuck")
    same(usher(server, "work", "done", key)[:2], (0, "done: %s\n" % key),
         "a person did it")
    usher(server, "work", "failed", "--reason", "no disk", key)
    same(server.bodies("POST /provisioning/%s/done" % key),
         [{}, {"failed": "no disk"}], "or could not")
    for words in (["done"], ["frob"], ["failed", key],
                  ["done", "--reason", "x", key]):
        same(usher(server, "work", *words)[0], 2, "work " + " ".join(words))
    for words in (["revoke"], ["frob"], ["revoke", "x"]):
        same(usher(server, "preapprovals", *words)[0], 2, " ".join(words))
    same(usher(server, "preapprovals", "revoke", NONE)[0], 1, "one is not")


def test_hostile(server):
    evil = "a\x1b[2J\r\n\u202eb\x07\x9b\u2028c"
    for words in (["mine"], ["approvals"], ["show", ID], ["request", "x"],
                  ["approve", ID], ["ls", "x"]):
        server.answers = {
            "GET /permission-requests/mine":
                {"requests": [request(itemLabel=evil, label=evil)]},
            "GET /permission-requests/approvals":
                {"requests": [request(reason=evil, itemLabel=evil)]},
            REQUEST: request(reason=evil, error=evil, approvers=evil,
                             label=evil, history=[{"at": evil, "text": evil}]),
            "POST /permission-requests/%s/approve" % ID: {},
            "POST /command": commanded(message=evil, items=[{"key": evil}])}
        _, out, err = usher(server, *words)
        ok(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]",
                         out + err), "%s: no control characters" % words[0])
        ok("\ufffd" in out, "but a mark where they stood")
    status, out, _ = usher(server, "show", "--json", ID)
    ok(json.loads(out)["reason"] == evil and
       not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out),
       "JSON has them escaped")
    for value in (b"[]", b"7", b"null", b"\xff", b"{}", b'{"requests":7}',
                  b'{"requests":[7,null,"x",[]]}'):
        server.answers = {"GET /permission-requests/mine": (200, value),
                          REQUEST: (200, value), "POST /command": (200, value),
                          POLL: lambda h, q, value=value: (200, value + b"\n")}
        for words in (["mine"], ["show", ID], ["request", "x"], ["ls", "x"],
                      ["show", "-w", "--timeout", "1s", ID]):
            ok(usher(server, *words)[0] in (0, 1, 4),
               "%s of %r does no harm" % (words[0], value))


RULES = """
group lead = okta "00lead" "Leads";
rule roles {
	from any;
	to aws access role;
	approve group lead require reason;
	approve escalation pagerduty "P1" require reason;
}
rule never {
	from any;
	to aws access role { keep role name ~ "^Root$"; }
	deny;
}
rule machines {
	from any;
	to ssh;
	approve group lead;
}
"""
DIRECTORY = {"users": {
    "ana@example.com": {}, "eve@example.com": {},
    "olga@example.com": {"roles": ["owner"]},
    "mia@example.com": {"groups": [{"directory": "okta", "id": "00lead"}]}}}
ITEMS = {"items": [{"service": "ssh", "accessTypes": ["session"],
                    "id": "web-%d" % n, "label": "Web %d" % n,
                    "group": "web", "attributes": {}} for n in (1, 2)]}


def asked(person, *words):
    """Asks, and returns the id of what came of it."""
    status, out, err = person("request", "--json", *words)
    ok(status in (0, 2), "asked: %s %s" % (words, err.strip()))
    return json.loads(out)["id"]


def by_hand(owner):
    """A person does all the work that there is; its lines."""
    lines = []

    def waits():
        lines[:] = owner("work")[1].splitlines()[1:-1]
        return lines

    ok(eventually(waits), "work waits for a person")
    for line in lines:
        same(owner("work", "done", line.split()[0])[0], 0, "work is done")
    return lines


def test_life(ana, mia, owner, eve):
    """From request to revoked."""
    status, out, _ = ana("request", "aws", "role", "Deploy")
    same(status, 2, "without the reason that the rules want")
    ok("reason" in out, "which is what is said")
    status, out, _ = ana("request", "aws", "role", "Root", "--reason", "x")
    same(status, 2, "what the rules refuse")
    status, out, err = ana("request", "aws", "role", "Deploy", "--reason",
                           "INC-42", "--requested-duration", "2h")
    same((status, err), (0, ""), "a request")
    id = re.search("[0-9A-Z]{26}", out).group()
    for word in ("a member of Leads", "usher relinquish", "usher escalate", "lapses in"):
        ok(word in out, "what is said of it has " + word)
    ok(id in ana("mine")[1], "mine has it")
    same(eve("show", id)[0], 1, "a stranger does not see it")
    out = mia("approvals")[1]
    ok(re.search(id + " .*ana@example.com .*Deploy .*2 h .*INC-42", out),
       "who may approve it does")
    same(eve("approvals")[1], "nothing waits for your approval\n",
         "who may not does not")
    same(eve("approve", id)[0], 1, "nor can approve it")
    waiting = subprocess.Popen([USHER, "request", "aws", "role", "Deploy",
                                "--reason", "INC-42", "--wait"],
                               stdout=subprocess.PIPE, env=environment(ana))
    same(mia("approve", "--for", "100w", id)[0], 1, "not for so long")
    same(mia("approve", "--for", "soon", id)[0], 1, "what is no length")
    status, out, _ = mia("approve", "--for", "1h", id)
    same(status, 0, "it is approved")
    ok("approved: ana@example.com, aws role Deploy" in out, "and told")
    status, _, err = mia("approve", id)
    same(status, 1, "but once")
    ok("mia@example.com" in err, "which says who did")
    ok("Deploy" in by_hand(owner)[0], "a person provides it")
    out = waiting.communicate(timeout=PATIENCE)[0].decode()
    same(waiting.returncode, 0, "asking for the same again waited for it")
    ok(id in out, "as one request")
    ok(eventually(lambda: "Active" in ana("show", id)[1]), "it is active")
    ok("ends in 59 min" in ana("mine")[1], "for an hour")
    same(ana("show", "--wait", id)[0], 0, "there is nothing to wait for")
    same(ana("relinquish", "--reason", "done", id)[0], 0, "it is given back")
    ok("take away" in by_hand(owner)[0], "a person takes it away")
    ok(eventually(lambda: "Revoked, ended" in ana("show", id)[1]),
       "it is revoked")
    out = ana("show", id)[1]
    for word in ("requested", "approved", "provided", "relinquished",
                 "removed"):
        ok(re.search("Z  %s " % word, out), "its history has " + word)
    same(ana("relinquish", id)[0], 1, "nothing is left to give back")
    ok(id + " ana@example.com aws role Deploy\n" in
       owner("audit", "tail", "--lines", "100")[1],
       "the audit log says what was done to what")
    err = mia("revoke", id)[2]
    ok("'usher show %s' tells" % id in err, "what cannot be revoked: " + err)
    same(ana("show", "--wait", id)[0], 1, "which waiting tells")


def test_answers(ana, mia):
    id = asked(ana, "aws", "role", "A", "--reason", "x")
    status, out, _ = mia("deny", "--reason", "not today", id)
    same(status, 0, "deny")
    status, out, _ = ana("show", "--wait", id)
    same(status, 2, "who waits hears it")
    ok("not today" in out or "not today" in ana("show", id)[1], "and why")
    id = asked(ana, "aws", "role", "B", "--reason", "x")
    same(ana("show", "--wait", "--timeout", "1s", id)[0], 4,
         "nobody decides in time")
    same(ana("escalate", id)[0], 0, "escalate")
    ok("escalated" in ana("show", id)[1], "is in its history")
    same(ana("relinquish", id)[0], 0, "and it is taken back")
    status, out, _ = ana("request", "-w", "--timeout", "1s", "aws", "role",
                         "C", "D", "--reason", "x")
    same((status, len(set(re.findall("[0-9A-Z]{26}", out)))), (4, 2),
         "several items")
    status, _, err = ana("request", "awz", "role", "A")
    same(status, 1, "there is no such service")
    ok("awz" in err, "it is named")
    status, _, err = ana("request", "aws", "role", "A", "--frob")
    same(status, 1, "there is no such option")
    ok("--frob" in err, "it is named: " + err.strip())
    status, out, err = ana("request", "aws", "--help")
    same((status, err), (0, ""), "--help of a service")
    ok("role" in out and "usage: usher request [-w]" not in out,
       "is the daemon's")
    ok("What the daemon says" in ana("grant", "--help")[1],
       "--help without one is both")


def test_advance(ana, mia, owner):
    status, out, err = mia("allow", "aws", "role", "E", "--to",
                           "ana@example.com", "--length", "2h", "--reason",
                           "cover")
    same((status, err), (0, ""), "allow")
    id = re.search("preapprovals revoke ([0-9A-Z]{26})", out).group(1)
    ok(re.search(id + "  ana@example.com .*ends in 1 h 59 min .*"
                 "mia@example.com  cover", mia("preapprovals")[1]),
       "preapprovals has it")
    status, out, _ = ana("request", "aws", "role", "E", "--reason", "x",
                         "--json")
    same((status, json.loads(out)["isPreapproved"]), (0, True),
         "what it covers is granted at once")
    by_hand(owner)
    same(ana("preapprovals", "revoke", id)[0], 1,
         "whom it is for cannot revoke it")
    same(mia("preapprovals", "revoke", "--grants", id)[0], 0,
         "who gave it can")
    ok("take away" in by_hand(owner)[0], "and what was granted by it")
    same(ana("preapprovals")[1].split(":")[0], "nothing is approved in "
         "advance", "none is left")
    status, out, _ = mia("grant", "aws", "role", "F", "--to",
                         "ana@example.com", "--reason", "x")
    same(status, 0, "grant")
    ok("ana@example.com" in mia("show", re.search(
        "[0-9A-Z]{26}", out).group())[1], "which is for who was named")


def test_ls(ana, owner):
    out = ana("ls", "ssh", "session")[1].splitlines()
    same([line.split()[0] for line in out], ["item", "web-1", "web-2"], "ls")
    out = ana("ls", "ssh", "session", "--like", "2")[1].splitlines()
    same([line.split()[0] for line in out], ["item", "web-2"], "ls --like")
    ok("there may be more" in ana("ls", "ssh", "session", "--size", "1")[1],
       "ls --size")
    same(ana("ls", "--all", "ssh", "session")[0], 1, "all are for owners")
    same(owner("ls", "--all", "ssh", "session")[0], 0, "who see them")
    same(ana("work")[0], 1, "and what is to be done")


def test_usherd():
    with Usherd(directories={"acme": DIRECTORY}, start=False) as usherd:
        usherd.write_conf(
            {"acme": {"rules": usherd.write("acme.usher", RULES),
                      "inventory": usherd.write("items.json", ITEMS)}},
            {"acme": DIRECTORY}, "")
        usherd.start()
        ana, mia, eve, owner = (Person(usherd, name)
                                for name in ("ana", "mia", "eve", "olga"))
        test_life(ana, mia, owner, eve)
        test_answers(ana, mia)
        test_advance(ana, mia, owner)
        test_ls(ana, owner)


def main():
    test_usherd()
    server = Standin()
    for test in (test_request, test_errors, test_wait, test_leaving,
                 test_terminal, test_lists, test_acts, test_others,
                 test_hostile):
        server.asked.clear()
        test(server)
    done()


main()
