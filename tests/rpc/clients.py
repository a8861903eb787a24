# SPDX-License-Identifier: Apache-2.0
"""What real command-line clients expect (SPEC 12), to the letter: how they
find usherd, what they post, what they wait for, and what they read of it.
"""
import http.client
import json
import threading
import time

from access import DEV, LEAD, Access
from lib import done, eventually, note, ok, same

RULES = """
group dev  = okta "00dev" "Developers";
group lead = okta "00lead" "Leads";
rule machines {
	from group dev;
	to ssh access session { remove parent id ~ "^secret"; }
	approve group lead;
}
rule clouds {
	from group dev;
	to aws access role;
	approve group lead;
}
rule others {
	from group dev;
	to azure access role;
	approve group lead;
}
rule standing {
	from group dev;
	to gcloud access role;
	approve persistent;
}
"""
PEOPLE = {"ana": DEV, "mia": LEAD, "eve": {}}


def machine(name, parent, label, group=None, aliases=()):
    return {"service": "ssh", "accessTypes": ["session"], "id": name,
            "label": label, "group": group, "aliases": list(aliases),
            "attributes": {"parent": {"id": parent},
                           "provider": {"id": "self-hosted"}},
            "connect": {"hostname": name, "address": "10.0.0.9",
                        "user": "ops"}}


ITEMS = [machine("web-1", "prod-web", "Front web one", "prod-web", ["www"]),
         machine("web-2", "prod-web", "Front web two", "prod-web"),
         machine("db-1", "prod-db", "Database", "prod-db"),
         machine("vault", "secret-1", "The vault", "secret"),
         {"service": "aws", "accessTypes": ["role"], "id": "Deploy",
          "label": "Deploy role", "attributes": {}}]


def discovery(acme):
    document = acme.get("/orgs/acme").json
    same((document["tenantId"], document["useProviderToken"]),
         ("acme", True), "a client finds its organisation")
    same((document["auth"]["type"], document["auth"]["provider"]
          ["ssoProvider"]), ("sso", "oidc-pkce"), "how to sign in")
    same(sorted(document["auth"]["provider"]), ["clientId", "providerDomain",
         "providerId", "providerType", "ssoProvider"], "in each member")
    config = document["config"]
    same(sorted(config["fs"]), ["apiKey", "appId", "authDomain",
                                "messagingSenderId", "projectId",
                                "storageBucket"], "config.fs has its members")
    ok(all(isinstance(config[name], str) for name in (
        "appUrl", "contactMessage", "helpMessage")) and
        config["environment"] == "production" and
        config["skipVersionCheck"] == "true", "and config its texts")
    answer = acme.get("/orgs/nowhere")
    same((answer.status, answer.json), (404, {"error": "Not found"}),
         "an organisation that is not there")
    same(acme.who("eve").get("/account").status, 200,
         "after signing in, account answers 200")
    ok(acme.get("/cli/version").json["version"], "there is a version")
    same(acme.who("ana").post("/traces", {}).status, 404,
         "traces may be answered with 404")


REQUEST_MEMBERS = {"ok": bool, "message": str, "id": str,
                   "isPreexisting": bool, "isPersistent": bool,
                   "isPreapproved": bool}


def has_members(value, members):
    return all(isinstance(value.get(name), kind)
               for name, kind in members.items())


def commands(acme):
    ana = acme.who("ana")
    argv = ["request", "aws", "role", "Deploy", "--reason", "x"]
    for path in "/command/", "/command":
        answer = ana.post(path, {"argv": argv, "scriptName": "p0"})
        ok(answer.status == 200 and answer.json["ok"] is True and
           has_members(answer.json, REQUEST_MEMBERS),
           "%s answers with all members" % path) or note(answer)
    same(answer.json["isPreexisting"], True, "the second is the first")
    standing = ana.ask("gcloud role viewer").json
    same((standing["isPersistent"], standing["isPreapproved"]),
         (True, False), "standing access")
    refused = acme.who("eve").ask("aws role Deploy")
    ok(refused.status == 200 and refused.json["ok"] is True and
       has_members(refused.json, REQUEST_MEMBERS) and
       refused.json["message"], "a refusal is told by its request")
    for argv in (["request", "--help"], ["grant", "--help"],
                 ["allow", "--help"], ["ls", "--help"], ["--help"],
                 ["request", "aws", "--help"],
                 ["request", "aws", "role", "--help"],
                 ["request", "ssh", "session", "web-1", "--help"]):
        answer = ana.command(argv)
        ok(answer.status == 200 and list(answer.json) == ["error"] and
           "sage" in answer.json["error"],
           "%s is delivered as an error" % " ".join(argv)) or note(answer)
    text = ana.command(["request", "--help"]).json["error"]
    for service in ("aws", "gcloud", "azure", "ssh", "k8s", "pg", "github"):
        ok(service in text, "the help tells of %s" % service)
    text = ana.command(["request", "aws", "--help"]).json["error"]
    for access in "role", "group", "permission-set", "policy", "resource":
        ok(access in text, "the help of aws tells of %s" % access)
    ok("--debug" not in text, "what is for clients alone is not in it")
    answer = ana.command(["request", "aws", "role", "Blank", "--reason", "",
                          "--debug", "--json", "--wait"])
    same(answer.status, 200, "but they may pass it on") or note(answer)
    ok(not ana.see(answer.json["id"]).json["reason"],
       "an empty reason is none")
    for argv in (["request", "aws"], ["request"], ["wat"], [],
                 ["request", "aws", "role", "X", "--wat"]):
        answer = ana.command(argv)
        ok(answer.status == 400 and isinstance(answer.json["error"], str),
           "%s: an error is a text" % argv) or note(answer)
    for member in ("scriptName",):
        answer = ana.post("/command/", {"argv": ["ls", "aws", "role"]})
        same(answer.status, 200, "without %s, too" % member)


# --- poll ------------------------------------------------------------------

class Poll:
    """Reads the lines of a poll as they come, with their times."""

    def __init__(self, who, ident):
        self.lines, self.error, self.headers = [], None, {}
        self.ended = False
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", who.acme.port, timeout=60)
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.read, args=(who, ident),
                                       daemon=True)
        self.thread.start()

    def read(self, who, ident):
        try:
            self.connection.request(
                "GET", "/o/acme/command/%s/poll" % ident,
                headers={"Authorization": "Bearer " + who.token})
            answer = self.connection.getresponse()
            self.status = answer.status
            while True:
                line = answer.readline()
                if not line:
                    break
                self.lines.append((time.monotonic() - self.began, line))
            self.ended = True
        except Exception as error:
            self.error = error

    def types(self):
        return [json.loads(line)["type"] for _, line in self.lines]

    def data(self):
        eventually(lambda: self.ended or self.error)
        return json.loads(self.lines[-1][1])["data"]


def exit_status(status):
    """What the client makes of it."""
    return {"APPROVED": 0, "DONE": 0, "DENIED": 2, "ERRORED": 1,
            "EXPIRED": 1, "REVOKED": 1, "CLEANED_UP": 1}.get(status, 4)


def polls(acme):
    ana, mia = acme.who("ana"), acme.who("mia")
    ident = ana.request("aws role Polled --reason x")
    poll = Poll(ana, ident)
    ok(eventually(lambda: poll.types() == ["heartbeat"], 3),
       "the first heartbeat comes at once")
    eventually(lambda: len(poll.lines) > 1, 14)
    same(poll.types(), ["heartbeat", "heartbeat"], "the next one")
    ok(9 < poll.lines[1][0] - poll.lines[0][0] < 13, "ten seconds later")
    mia.approve(ident, "1h")
    data = poll.data()
    same(poll.types()[-1], "data", "then one line of data")
    same(poll.types().count("data"), 1, "only one")
    ok(poll.ended and poll.lines[-1][1].endswith(b"\n"),
       "ended by a newline, and closed")
    ok(has_members(data, REQUEST_MEMBERS), "with what the answer had")
    request = data["request"]
    ok({"status", "principal", "type", "permission", "generated",
        "delegation", "error"} <= set(request), "and the request") \
        or note(request)
    ok(request["status"] in ("APPROVED", "DONE") and
       request["principal"] == "ana@example.com", "which is approved")
    outcomes = [("denied", lambda i: mia.deny(i, "no"), "DENIED", 2),
                ("given back", ana.relinquish, "DENIED", 2)]
    for what, act, status, code in outcomes:
        ident = ana.request("aws role %s" % what.replace(" ", "-"))
        poll = Poll(ana, ident)
        eventually(lambda p=poll: p.lines)
        act(ident)
        got = poll.data()["request"]["status"]
        same((got, exit_status(got)), (status, code), "one that is " + what)
    for name, line, code in (("eve", "aws role Refused", 2),
                             ("ana", "gcloud role again", 0)):
        ident = acme.who(name).request(line)
        poll = Poll(acme.who(name), ident)
        got = poll.data()["request"]["status"]
        same(exit_status(got), code, "%s of %s: %s" % (line, name, got))
        same(poll.types()[0], "heartbeat", "after a heartbeat")
    failed = ana.request("aws role refuse.1")
    poll = Poll(ana, failed)
    eventually(lambda: poll.lines)
    mia.approve(failed, "1h")
    acme.until(failed, "ERRORED")
    again = Poll(ana, failed).data()
    same((again["request"]["status"], exit_status("ERRORED")),
         ("ERRORED", 1), "one that failed")
    ok(again["request"]["error"], "says why")
    staged = ana.request("azure role Reader")
    mia.approve(staged, "1h")
    acme.until(staged, "STAGED")
    got = Poll(ana, staged).data()
    same((got["request"]["status"], exit_status("APPROVED")),
         ("APPROVED", 0), "one that a person puts in place is approved")
    ok("it is being put in place" in got["message"], "and so it says")
    same(acme.who("eve").get("/command/%s/poll" % failed).status, 404,
         "nobody else polls it")
    same(ana.get("/command/01ARZ3NDEKTSV4RRFFQ69G5FAV/poll").status, 404,
         "nor one that is not there")


def machines(acme):
    """ssh: DONE ends the wait, APPROVED does not."""
    ana, mia = acme.who("ana"), acme.who("mia")
    config = ana.get("/integrations/ssh/config").json["config"]
    installed = config["iam-write"]
    ok(any(k.startswith("self-hosted:") and v["state"] == "installed"
           for k, v in installed.items()), "ssh is installed") \
        or note(config)
    answer = ana.ask("ssh session www --public-key 'ssh-ed25519 AAAA ana' "
                     "--provider self-hosted --reason x")
    ident = answer.json["id"]
    acme.program.hold("go")
    poll = Poll(ana, ident)
    mia.approve(ident, "1h")
    data = poll.data()
    request = data["request"]
    same(request["status"], "DONE", "the wait ends when it is in place")
    same(request["type"], "ssh", "it is ssh")
    permission = request["permission"]
    same((permission["provider"], permission["publicKey"],
          permission["resource"]),
         ("self-hosted", "ssh-ed25519 AAAA ana",
          {"hostname": "web-1", "publicIp": "10.0.0.9"}), "its permission")
    ok({"linuxUserName", "publicKey"} <= set(request["generated"]) or
       note(request["generated"]), "what was made for it")
    for action in "ssh.session.start", "ssh.session.end":
        body = {"requestId": ident, "action": action, "sshSessionId": "7"}
        same(ana.post("/integrations/ssh/audit", body).status, 200, action)
        same(mia.post("/integrations/ssh/audit", body).status, 404,
             "nobody tells of others' sessions")
        same([e["data"]["id"] for e in acme.audit(action)], [ident],
             "the audit log has it")
    mia.revoke(ident)
    acme.becomes(ident, "REVOKED", "access is taken away")
    same(ana.post("/integrations/ssh/audit", body).status, 409,
         "and has no sessions any more")
    same(len(acme.audit("ssh.session.end")), 1, "the audit log has none")
    long = ana.request("ssh session db-1")
    poll = Poll(ana, long)
    eventually(lambda: poll.lines)
    acme.clock.leap(minutes=15, seconds=1)
    request = poll.data()["request"]
    same((request["status"], exit_status(request["status"])),
         ("PENDING_APPROVAL", 4), "after 15 minutes, whatever it is")


# --- ls --------------------------------------------------------------------

def ls(acme):
    ana = acme.who("ana")

    def keys(*argv, who=ana):
        answer = who.command(["ls"] + list(argv))
        if answer.status != 200 or not answer.json.get("ok"):
            note(answer)
            return None
        return sorted(item["key"] for item in answer.json["items"])
    answer = ana.command(["ls", "ssh", "session", "destination", "--size",
                          "25"])
    if answer.status != 200 or "items" not in (answer.json or {}):
        note(answer)
    body = answer.json
    same(sorted(body), ["arg", "isTruncated", "items", "ok", "term"],
         "ls has its members")
    ok(body["items"] and all(set(item) >= {"key", "group", "value",
                                           "isPreexisting"} and
                             isinstance(item["isPreexisting"], bool)
                             for item in body["items"]),
       "and each item has, isPreexisting always") or note(body)
    same(keys("ssh", "session", "destination"), ["db-1", "web-1", "web-2"],
         "only those for which the caller has a route")
    same(keys("ssh", "session", "destination", who=acme.who("eve")), [],
         "nobody else sees any")
    for like, want in (("web", ["web-1", "web-2"]), ("two", ["web-2"]),
                       ("FRONT one", ["web-1"]), ("front-two", ["web-2"]),
                       ("web db", []), ("vault", [])):
        same(keys("ssh", "session", "destination", "--like", like), want,
             "--like %r" % like)
    body = ana.command(["ls", "ssh", "session", "destination", "--size",
                        "2"]).json
    same((len(body["items"]), body["isTruncated"]), (2, True), "--size 2")
    body = ana.command(["ls", "ssh", "session", "destination", "--size",
                        "3"]).json
    same((len(body["items"]), body["isTruncated"]), (3, False), "--size 3")
    everything = acme.own.post("/command/ls", {"argv": [
        "ls", "ssh", "session", "destination"], "scriptName": "p0"})
    same(sorted(i["key"] for i in everything.json["items"]),
         ["db-1", "vault", "web-1", "web-2"], "owners see all")
    same(ana.post("/command/ls", {"argv": ["ls", "ssh", "session"]}).status,
         403, "others do not")
    for argv in (["ls"], ["ls", "nothing"], ["ls", "ssh", "session",
                                             "destination", "--size", "x"],
                 ["ls", "ssh", "session", "destination", "--wat"]):
        answer = ana.command(argv)
        ok(answer.status == 400 and answer.json["error"],
           "%s is refused" % argv) or note(answer)
    ident = ana.request("ssh session web-2")
    acme.who("mia").approve(ident, "1h")
    acme.until(ident, "DONE")
    body = ana.command(["ls", "ssh", "session", "destination"]).json
    same([i["key"] for i in body["items"] if i["isPreexisting"]],
         ["web-1", "web-2"] if any(
             i["isPreexisting"] and i["key"] == "web-1"
             for i in body["items"]) else ["web-2"],
         "what she has is marked")


def bodies_are_json(acme):
    """Whatever the status, and with an error as a text."""
    rows = [("GET", "/o/acme/nothing"), ("GET", "/o/other/account"),
            ("PATCH", "/o/acme/command"), ("POST", "/o/acme/command"),
            ("GET", "/o/acme/command/x/poll")]
    for method, path in rows:
        for token in (None, acme.who("ana").token):
            answer = acme.ask(method, path, token)
            ok(answer.status >= 400 and
               isinstance((answer.json or {}).get("error"), str),
               "%s %s: %d with an error" % (method, path, answer.status)) \
                or note(answer)


def main():
    with Access(RULES, PEOPLE, inventory={"items": ITEMS}, provisioners={
            "hand": {"type": "manual", "services": ["azure"]}}) as acme:
        for part in (discovery, commands, polls, machines, ls,
                     bodies_are_json):
            part(acme)
    done()


main()
