# SPDX-License-Identifier: Apache-2.0
"""Decisions: who may ask what, under which rules, with whose facts."""
import json
import os
import threading
import time

from lib import Usherd, done, note, ok, same

DIRECTORY = {"users": {
    "own@example.com": {"roles": ["owner"]},
    "ana@example.com": {
        "groups": [{"directory": "okta", "id": "00sre"}],
        "profile": {"okta": {"manager": "mia@example.com"}}},
    "bob@example.com": {}}}

RULES = """
group sre = okta "00sre" "SRE";
rule sre-ssh {
	from group sre;
	to ssh access session;
	approve persistent;
}
rule sre-lead {
	from group sre;
	to aws access role;
	approve group sre allow one-party;
}
rule oncall {
	from any;
	to gcloud;
	approve oncall pagerduty;
}
rule bot {
	from agent client "bot" user none;
	to k8s;
	approve persistent;
}
rule ana-bot {
	from agent owner group sre user "ana@example.com";
	to k8s;
	approve reviewers;
}
preapprove cover {
	from group sre;
	to aws;
	valid from "2000-01-01T00:00:00Z" until "2001-01-01T00:00:00Z";
}
"""


def request(service="ssh", access="session", **more):
    made = {"resource": {"service": service, "accessType": access}}
    made.update(more)
    return made


class Asker:
    def __init__(self, usherd, token):
        self.usherd = usherd
        self.token = token

    def post(self, body, headers=None):
        return self.usherd.post("/o/acme/routing/decide", body, self.token,
                                headers)

    def ask(self, service="ssh", access="session", **more):
        return self.post({"request": request(service, access, **more)})

    def outcome(self, *args, **more):
        answer = self.ask(*args, **more)
        return answer.json.get("outcome") or answer


def test_manager(owner):
    """Any facts: what would be."""
    sre = {"uid": "zoe@example.com",
           "groups": [{"directory": "okta", "id": "00sre"}]}
    same(owner.outcome(requestor=sre), "granted", "facts are taken as stated")
    same(owner.outcome(requestor={"uid": "ana@example.com"}), "no-route",
         "and no others")
    same(owner.outcome("gcloud", "role", requestor=dict(
        sre, oncall={"pagerduty": True})), "granted", "on-call duty too")
    same(owner.outcome("k8s", "resource", agent={"clientId": "bot"}),
         "granted", "agents too")
    same(owner.outcome("aws", "role", requestor=sre), "pending",
         "the time is the clock's")
    same(owner.outcome("aws", "role", requestor=sre,
                       at="2000-06-01T00:00:00Z"), "granted",
         "unless another is stated")
    answer = owner.ask("aws", "role", requestor=sre, approver=sre).json
    same(answer["approver"]["allowed"], True, "an approver is judged")
    bad = owner.ask("ssh", "session", requestor=sre, durationSeconds=-1)
    same((bad.status, bad.json["diagnostics"][0]["path"]),
         (400, "request.durationSeconds"), "a bad request is told where")
    same(owner.ask().status, 400, "somebody must ask")


def test_bodies(owner):
    sre = {"uid": "x@example.com"}
    for body in ("", "{", "3", "[]", "null", "{}", '{"request":null}',
                 '{"requests":{}}', '{"request":{},"requests":[]}',
                 '{"request":{},"more":1}', '{"request":[]}',
                 '{"request":{},"explain":1}'):
        answer = owner.post(body, {"Content-Type": "application/json"})
        ok(answer.status == 400 and answer.json["error"],
           "400: %r (%r)" % (body, answer))
    same(owner.post("rule", {"Content-Type": "text/x-usher"}).status, 415,
         "a request is JSON")
    answer = owner.post({"requests": [
        request(requestor=sre), request("aws", requestor=sre, reason=3),
        None, request(requestor=sre, at="2020-01-01T00:00:00Z")]})
    same(answer.status, 200, "a list is answered")
    same([a.get("outcome") for a in answer.json],
         ["no-route", None, None, "no-route"], "one by one")
    same([a.get("index") for a in answer.json], [None, 1, 2, None],
         "what is no request has its number there")
    ok(all(answer.json[i]["error"] for i in (1, 2)), "and an error")
    same(owner.post({"requests": []}).json, [], "an empty list too")
    many = [request(requestor=sre)] * 10001
    same(owner.post({"requests": many}).status, 400, "10,001 are too many")
    same(len(owner.post({"requests": many[1:]}).json), 10000,
         "10,000 are not")
    large = request(requestor=sre, reason="x" * 100000)
    same(owner.post({"request": large}).json["outcome"], "no-route",
         "a large request is decided too")
    large = request(requestor=sre, reason="x" * (1024 * 1024))
    same(owner.post({"request": large}).status, 400, "up to 1 MiB")


def test_proposed(owner, version):
    sre = {"uid": "x@example.com"}
    allow = {"name": "all", "requestor": {"type": "any"},
             "resource": {"type": "any"}, "approval": [{"type": "persistent"}]}
    body = {"request": request(requestor=sre), "workflow": {"rules": [allow]}}
    same(owner.post(body).json["outcome"], "granted",
         "a proposed workflow decides")
    same(owner.post(dict(body, workflow=[allow])).json["outcome"], "granted",
         "also as a list of rules")
    answer = owner.post(dict(body, explain=True)).json
    same(answer["explain"]["rules"][0]["name"], "all", "it explains itself")
    bad = owner.post(dict(body, workflow={"rules": [{"name": "x"}]}))
    same(bad.status, 422, "a wrong one is refused")
    ok(bad.json["diagnostics"][0]["path"].startswith("workflow.rules[0]"),
       "with the place in the body")
    same(owner.outcome(requestor=sre), "no-route", "nothing was saved")
    same(version(), "v1", "and no version made")


def test_self(usherd, ana, bob):
    """Everybody else asks about themselves; the server has the facts."""
    same(ana.outcome(), "granted", "ana's groups come from the directory")
    same(ana.outcome(requestor={"uid": "ANA@example.com"}), "granted",
         "she may name herself")
    same(ana.outcome(requestor=None, agent=None), "granted",
         "null is as if absent")
    same(ana.outcome(requestor={"uid": "ana@example.com", "groups": None}),
         "granted", "everywhere")
    same(bob.outcome(), "no-route", "bob is not ana")
    same(ana.outcome("gcloud", "role"), "unknown",
         "whether she is on call cannot be found out")
    for more, what in (
            ({"requestor": {"uid": "bob@example.com"}}, "somebody else"),
            ({"requestor": {"uid": "ana@example.com", "groups": []}},
             "groups"),
            ({"requestor": {"uid": "ana@example.com", "profile": {}}},
             "a profile"),
            ({"requestor": {"uid": "ana@example.com",
                            "oncall": {"pagerduty": True}}}, "duty"),
            ({"agent": {"clientId": "bot"}}, "an agent"),
            ({"requestedBy": "bob@example.com"}, "who asked"),
            ({"preapproved": True}, "a pre-approval"),
            ({"escalated": True}, "an escalation"),
            ({"approver": {"uid": "bob@example.com"}}, "another approver"),
            ({"approver": {"uid": "ana@example.com", "roles": []}},
             "an approver's roles")):
        answer = ana.ask(**more)
        ok(answer.status == 403 and answer.json["error"],
           "403: she states %s (%r)" % (what, answer))
        answer = ana.post({"requests": [request(), request(**more)]})
        same(answer.status, 403, "  nor in a list")
    answer = ana.ask("aws", "role", approver={"uid": "ana@example.com"})
    same(answer.json["approver"]["allowed"], True,
         "whether she may approve herself is hers to know")
    bad = ana.ask(durationSeconds=0)
    same((bad.status, bad.json["diagnostics"][0]["path"]),
         (400, "request.durationSeconds"), "a bad request is told where")
    same(ana.post({"request": {}}).status, 400, "also an empty one")
    same(ana.post({"request": request(), "workflow": {"rules": []}}).status,
         403, "proposed workflows are for managers")
    same(ana.post({"request": request(), "explain": True}).status, 403,
         "explanations are for who may read rules")
    viewer = Asker(usherd, usherd.token("acme", "ana@example.com", "viewer"))
    answer = viewer.post({"request": request(), "explain": True})
    same((answer.status, answer.json["outcome"]), (200, "granted"),
         "like viewers")
    answer = viewer.post({"requests": [request()] * 9999, "explain": True})
    ok(answer.status == 413 and "4 MiB" in answer.json["error"],
       "answers without end are for managers (%r)" % answer.status)


def test_agents(usherd):
    bot = Asker(usherd, usherd.token("acme", None, None, "--agent", "bot"))
    same(bot.outcome("k8s", "resource"), "granted",
         "an agent with no human is what its token says")
    same(bot.outcome(), "no-route", "and nobody else")
    other = Asker(usherd, usherd.token("acme", None, None, "--agent", "x"))
    same(other.outcome("k8s", "resource"), "no-route", "so is another one")
    same(other.ask("k8s", "resource", agent={"clientId": "bot"}).status, 403,
         "it may not say that it is the first")
    with_ana = Asker(usherd, usherd.token(
        "acme", "ana@example.com", None, "--agent", "x", "--owner",
        "ana@example.com"))
    same(with_ana.outcome("k8s", "resource"), "pending",
         "the groups of its owner come from the directory")
    same(with_ana.outcome(), "no-route",
         "rules for people are not for agents")


def big(n):
    return "".join(
        'rule r%d {\n\tfrom user "u%d@example.com";\n\tto ssh access session '
        '{ keep destination name ~ "^host-%d$"; }\n\tapprove persistent;\n}\n'
        % (i, i, i) for i in range(n))


def test_big(usherd, owner, size):
    """Decisions go on while a large workflow is compiled and adopted."""
    over = threading.Event()
    times, wrong = [], []
    asked = request(requestor={"uid": "ana@example.com", "groups": [
        {"directory": "okta", "id": "00sre"}]})

    def decide():
        # Under the old rules by sre-ssh, under the new by none.
        while not over.is_set() and len(times) < 100000:
            begin = time.monotonic()
            answer = owner.post({"request": asked})
            times.append(time.monotonic() - begin)
            if (answer.json or {}).get("rules") not in (["sre-ssh"], []):
                wrong.append(answer)

    threads = [threading.Thread(target=decide) for _ in range(3)]
    for thread in threads:
        thread.start()
    begin = time.monotonic()
    answer = usherd.post("/o/acme/routing?currentVersion=v1", big(size),
                         owner.token, {"Content-Type": "text/x-usher"})
    took = time.monotonic() - begin
    during = len(times)
    over.set()
    for thread in threads:
        thread.join()
    same(answer.status, 200, "%d rules are saved" % size)
    same(wrong, [], "every decision is of the old or of the new rules")
    ok(during > 10 * took, "decisions went on")
    note("%.1f s, %d decisions, slowest %.3f s" % (took, during, max(times)))
    host = {"destination": {"name": "host-%d" % (size - 1)}}
    user = {"uid": "u%d@example.com" % (size - 1)}
    same(owner.outcome(requestor=user)[:20], "no-route", "the rules are new")
    answer = owner.post({"request": {"requestor": user, "resource": {
        "service": "ssh", "accessType": "session", "attributes": host}}})
    same(answer.json["outcome"], "granted", "the last of them decides too")


def test_crowd(owner, ana):
    """Lists of people do not keep a manager from checking rules."""
    lists, refused = {"requests": [request()] * 10000}, []

    def ask():
        for _ in range(5):
            refused.append(ana.post(lists).status)

    crowd = [threading.Thread(target=ask) for _ in range(12)]
    for thread in crowd:
        thread.start()
    checks = {owner.usherd.post("/o/acme/routing/check", [],
                                owner.token).status for _ in range(10)}
    for thread in crowd:
        thread.join()
    same(checks, {200}, "a crowd of lists leaves room for a manager")
    same(set(refused), {200, 503}, "some of the crowd are told to wait")


SLOW = "".join("""
rule slow%d {
	from any;
	to ssh access session { keep group name ~ "(?=.*z)[ab]y{0,%d}[XZ]"; }
	approve persistent;
}
""" % (i, i + 2) for i in range(30))


def test_slow(owner, ana, version):
    """Nor do those lists of which each decision takes long."""
    saved = owner.usherd.post("/o/acme/routing?currentVersion=" + version,
                              SLOW, owner.token,
                              {"Content-Type": "text/x-usher"})
    same(saved.status, 200, "rules that take long")
    made = request()
    made["resource"]["attributes"] = {
        "group": {"name": ["%d" % i + "abz" * 300 for i in range(4)]}}
    same(len(ana.post({"requests": [made] * 2}).json), 2, "a short list")
    answer = ana.post({"requests": [made] * 2000})
    ok(answer.status == 413 and "2 seconds" in answer.json["error"],
       "a long one is refused (%r)" % answer.status)


def main():
    with Usherd(orgs=["acme"], directories={"acme": DIRECTORY}) as usherd:
        owner = Asker(usherd, usherd.token("acme", "own@example.com"))
        ana = Asker(usherd, usherd.token("acme", "ana@example.com"))
        bob = Asker(usherd, usherd.token("acme", "bob@example.com"))

        def version():
            return usherd.get("/o/acme/routing/latest",
                              owner.token).json["workflow"]["version"]

        same(owner.outcome(requestor={"uid": "x"}), "pending",
             "the default workflow asks reviewers")
        saved = usherd.post("/o/acme/routing?currentVersion=none", RULES,
                            owner.token, {"Content-Type": "text/x-usher"})
        same(saved.status, 200, "rules are saved")
        test_manager(owner)
        test_bodies(owner)
        test_proposed(owner, version)
        test_self(usherd, ana, bob)
        test_crowd(owner, ana)
        test_agents(usherd)
        same(Asker(usherd, None).ask().status, 401, "nobody asks unnamed")
        test_big(usherd, owner, int(os.environ.get("USHER_BIG", "20000")))
        test_slow(owner, ana, version())
    done()


main()
