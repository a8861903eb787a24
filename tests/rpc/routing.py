# SPDX-License-Identifier: Apache-2.0
"""Workflows and single rules: what is sent is stored, versioned, given back."""
import json
import threading
import urllib.parse

from lib import Usherd, done, ok, same

TEXT = {"Content-Type": "text/x-usher"}
AS_TEXT = {"Accept": "text/x-usher"}
JSON = {"Content-Type": "application/json"}


def rule(name, kind="p0", **more):
    made = {"name": name, "requestor": {"type": "any"},
            "resource": {"type": "any"}, "approval": [{"type": kind}]}
    made.update(more)
    return made


class Org:
    """The calls of one organisation, with one token."""

    def __init__(self, usherd, token, name="acme"):
        self.usherd = usherd
        self.token = token
        self.base = "/o/%s/routing" % name

    def get(self, path="", headers=None):
        return self.usherd.get(self.base + path, self.token, headers)

    def post(self, path, body, headers=None):
        return self.usherd.post(self.base + path, body, self.token, headers)

    def save(self, rules, version, **more):
        workflow = {"rules": rules}
        workflow.update(more)
        return self.post("", {"workflow": workflow,
                              "currentVersion": version})

    def save_text(self, text, version):
        return self.post("?currentVersion=" + version, text, TEXT)

    def name(self, name):
        return self.base + "/name/" + urllib.parse.quote(name, safe="")

    def create(self, name, body):
        return self.usherd.post(self.name(name), body, self.token, JSON)

    def put(self, name, body):
        return self.usherd.put(self.name(name), body, self.token, JSON)

    def read(self, name):
        return self.usherd.get(self.name(name), self.token)

    def delete(self, name):
        return self.usherd.delete(self.name(name), self.token)

    @property
    def version(self):
        return self.get("/latest").json["workflow"]["version"]

    @property
    def names(self):
        return [r["name"] for r in self.get().json["rules"]]


def test_default(org):
    answer = org.get()
    same(answer.status, 200, "the default workflow can be read")
    same((answer.json["id"], answer.json["createdDate"]), ("default", None),
         "nobody saved it")
    approval = {"type": "p0", "options": {
        "allowOneParty": False, "requireReason": False,
        "breakGlassApprover": False}}
    same([r["approval"] for r in answer.json["rules"]], [[approval]],
         "it has one rule: reviewers approve")
    same(org.version, None, "its version is null")
    same(org.get("/history").json, {"versions": [], "next": None},
         "there is no history yet")
    same(org.read("default").status, 404,
         "nobody saved its rule: it is not found by its name")
    same(org.delete("default").status, 404, "nor deleted")
    same(org.get("/v1").status, 404, "there is no v1 yet")
    same(org.get("/default").json, answer.json, "it is there by its id")


def test_save(org):
    stale = org.save([rule("a")], "v1")
    same((stale.status, stale.json["currentVersion"]), (409, None),
         "a version is stale while none was saved; the current one is null")
    # As the Terraform provider writes it: explicit nulls, its own spacing.
    rules = ('[ {"name":"a",  "disabled":null,"requestor":{"type":"group",'
             '"effect":"keep","groups":[{"directory":"okta","id":"00dev",'
             '"label":null}],"uid":null},\n "resource":{"type":"any"},'
             '"approval":[{"type":"p0","options":null}] } ]')
    answer = org.post("", '{"workflow":{"rules":%s},"currentVersion":null}'
                      % rules, JSON)
    same(answer.status, 200, "a workflow is saved")
    same(answer.text, '{"workflow":{"rules":%s,"version":"v1"}}' % rules,
         "and echoed byte by byte, nulls too")
    same(org.get("/latest").text, answer.text, "latest says the same")
    ok(('"rules":%s}' % rules) in org.get().text, "so does the workflow")
    same(org.get().json["id"], "v1", "its id is its version")
    same(org.usherd.get("/o/acme/policy/latest", org.token).text, answer.text,
         "and under its other path")
    stale = org.save([rule("b")], None)
    same((stale.status, stale.json["currentVersion"]), (409, "v1"),
         "null is stale now, and the current one is told")
    same(org.save([rule("b")], "v1").json["workflow"]["version"], "v2",
         "with the current version it goes on")
    same(org.get("/v1").text, org.get("/v1").text.replace("v2", "v1"),
         "the old version is still there")
    ok(rules in org.get("/v1").text, "as it was sent")


def test_refused(org):
    before = org.version
    rules = [rule("r%d" % i) for i in range(500)]
    rules[250]["approval"] = [{"type": "nobody"}]
    rules[300]["resource"] = {"type": "integration", "service": "awz"}
    rules[499]["name"] = "r0"
    answer = org.save(rules, before)
    same(answer.status, 422, "a bad rule among 500 refuses the workflow")
    said = {d.get("path") for d in answer.json["diagnostics"]}
    ok("workflow.rules[250].approval[0].type" in said, "every one is told")
    ok(any(p and p.startswith("workflow.rules[300]") for p in said),
       "the second")
    ok(any(p and p.startswith("workflow.rules[499]") for p in said),
       "and the third")
    same(org.version, before, "nothing was stored")
    for body, why in (
            ('{"workflow":{"rules":[]}}', "without currentVersion"),
            ('{"currentVersion":null}', "without a workflow"),
            ('{"workflow":{"rules":[]},"currentVersion":3}', "a number"),
            ('{"workflow":{"rules":[]},"currentVersion":"3"}', "no version"),
            ('{"workflow":{"rules":[]},"currentVersion":null,"x":1}', "more"),
            ('{"workflow":{"rules":[]},"currentVersion":null', "cut off"),
            ('[]', "a list"), ('null', "null"), ('', "nothing")):
        answer = org.post("", body, JSON)
        same(answer.status, 400, "400: %s" % why)
        ok(answer.json and answer.json.get("error"), "  and it says why")
    same(org.version, before, "and nothing was stored by any of it")


def test_parts(org):
    """Services stay, pre-approvals do not."""
    services = [{"name": "billing-db", "accessTypes": ["read"],
                 "filters": {"table": ["name"]}}]
    uses = rule("billing", resource={"type": "integration",
                                     "service": "billing-db"})
    cover = {"name": "cover", "requestor": {"type": "any"},
             "resource": {"type": "any"}, "until": "2030-01-01T00:00:00Z"}
    saved = org.save([uses], org.version, services=services,
                     preapprovals=[cover])
    same(saved.json["workflow"].get("services"), services,
         "services are saved")
    same(saved.json["workflow"].get("preapprovals"), [cover],
         "pre-approvals are saved")
    again = org.save([uses], org.version).json["workflow"]
    same(again.get("services"), services,
         "a save without services keeps them")
    ok("preapprovals" not in again, "without pre-approvals there are none")
    gone = org.save([uses], org.version, services=[])
    same(gone.status, 422, "an empty list takes the services away")
    same(org.save([rule("a")], org.version, services=[]).json["workflow"]
         .get("services"), [], "when no rule needs them")


def test_text(org):
    text = ('# Who may.\ngroup sre = okta "00sre" "SRE";\n\n'
            'rule prod {\n\tfrom group sre;\n\tto ssh;\n'
            '\tapprove reviewers require reason;\n}\n')
    same(org.post("", text, TEXT).status, 400,
         "the language needs its version in the query")
    same(org.save_text(text, "v01").status, 400, "a good one")
    stale = org.save_text(text, "none")
    same((stale.status, stale.json["currentVersion"]), (409, org.version),
         "and the current one")
    saved = org.save_text(text, org.version)
    same(saved.status, 200, "a workflow in the language is saved")
    same(saved.json["workflow"]["rules"][0]["requestor"]["groups"],
         [{"directory": "okta", "id": "00sre", "label": "SRE"}],
         "readers of JSON get it exported")
    answer = org.get(headers=AS_TEXT)
    same((answer.status, answer.text), (200, text),
         "others get it back as it was, with its comments")
    same(answer.headers["content-type"].split(";")[0], "text/x-usher",
         "under its own type")
    bad = org.save_text("rule x { from any to any; deny; }", org.version)
    same(bad.status, 422, "what does not parse is refused")
    same((bad.json["diagnostics"][0]["line"],
          bad.json["diagnostics"][0]["id"]), (1, "syntax"), "with its place")
    org.create("second", rule("second", "deny"))
    printed = org.get(headers=AS_TEXT).text
    ok("rule second" in printed and "rule prod" in printed,
       "what is stored as JSON is printed for who wants the language")
    same(org.get("/v1", AS_TEXT).status, 200, "old versions too")


NAMES = ("simple", "with space", "a/b", "%2F", "../x", 'quo"te', "back\\slash",
         "Größe", "日本", "😀", "a?b#c", "+", ";", "x" * 255)


def test_names(org):
    for name in NAMES:
        body = json.dumps(rule(name), ensure_ascii=False)
        same(org.create(name, body).status, 201, "create %.20r" % name)
        same(org.read(name).text, body, "  it is given back as it was sent")
        same(org.create(name, body).status, 409, "  twice is a conflict")
        other = json.dumps(rule(name, "deny", disabled=None))
        same(org.put(name, " %s\n" % other).text, other, "  it is replaced")
        same(org.read(name).text, other, "  and read")
    same([n for n in org.names if n in NAMES], list(NAMES),
         "they stand in the order in which they came")
    for name in NAMES:
        answer = org.delete(name)
        same((answer.status, answer.body), (204, b""),
             "delete %.20r" % name)
        same(org.delete(name).status, 404, "  it is gone")
    same(org.create("y" * 256, rule("y" * 256)).status, 422,
         "a name of 256 bytes is too long")
    ok(org.create("", rule("")).status in (404, 405),
       "an empty name is no name")


def test_rule(org):
    body = rule("whole")
    del body["name"]
    made = org.create("whole", body)
    same((made.status, made.json["name"]), (201, "whole"),
         "a rule without a name takes that of its path")
    same(org.put("whole", rule("other")).status, 400,
         "one with another name is refused")
    same(org.put("whole", dict(rule("whole"), name=None)).status, 400,
         "so is a name that is null")
    same(org.put("nobody", rule("nobody")).status, 404,
         "only a rule that exists is replaced")
    for body in ("[]", "3", "null", "{", ""):
        same(org.put("whole", body).status, 400, "no rule: %r" % body)
    bad = json.dumps(rule("whole", "p1"))
    answer = org.put("whole", "\n\n" + bad)
    first = answer.json["diagnostics"][0]
    same((answer.status, first["path"], first["line"], first["file"]),
         (422, "approval[0].type", 3, "rule"),
         "what is wrong is said of the body that was sent")
    same(first["column"], bad.index('"p1"') + 1, "to the column")
    del body
    nameless = ('{"requestor":{"type":"any"},"resource":{"type":"any"},'
                '"approval":[{"type":"p1"}]}')
    first = org.put("whole", nameless).json["diagnostics"][0]
    same(first["column"], nameless.index('"p1"') + 1,
         "also when the name was put in")
    same(org.read("whole").json["approval"], [{"type": "p0"}],
         "and nothing has changed")
    same(org.post("/name/text", "rule text { from any; to any; deny; }",
                  TEXT).status, 415, "one rule is JSON")
    same(org.usherd.post("/o/acme/policy/name/old", rule("old"),
                         org.token).status, 201, "the other path creates")
    same(org.read("old").status, 200, "and it is the same rule")
    same(org.usherd.delete("/o/acme/policy/name/old", org.token).status, 204,
         "and deletes")


def test_last_rule(org):
    for name in org.names:
        org.delete(name)
    same(org.get().json["rules"], [], "no rule is left")
    decided = org.post("/decide", {"request": {
        "requestor": {"uid": "x@example.com"},
        "resource": {"service": "ssh", "accessType": "session"}}})
    same(decided.json["outcome"], "no-route", "an empty workflow has no route")


def test_history(org):
    start = org.save([rule("a"), rule("b"), rule("c")], org.version)
    start = int(start.json["workflow"]["version"][1:])
    reworded = dict(reversed(rule("a").items()))
    org.save([reworded, rule("b", "deny"), rule("d")], "v%d" % start)
    page = org.get("/history?limit=2").json
    top = page["versions"][0]
    same((top["version"], top["rules"], top["added"], top["changed"],
          top["removed"], top["author"]),
         ("v%d" % (start + 1), 3, 1, 1, 1, "own@example.com"),
         "it counts; a rule in other words has not changed")
    same([v["version"] for v in page["versions"]],
         ["v%d" % (start + 1), "v%d" % start], "newest first")
    same(page["next"], "v%d" % start, "a page says where the next begins")
    seen, after = [], ""
    for _ in range(1000):
        page = org.get("/history?limit=7" + after).json
        seen += [int(v["version"][1:]) for v in page["versions"]]
        if page["next"] is None:
            break
        after = "&after=" + page["next"]
    same(seen, list(range(start + 1, 0, -1)),
         "the pages together have every version once")
    for query in ("limit=0", "limit=x", "limit=1001", "after=3", "x=1"):
        same(org.get("/history?" + query).status, 400, "400: ?" + query)


def test_audit(org):
    events = org.usherd.get("/o/acme/audit?limit=1000", org.token).json
    changes = [e for e in events["events"]
               if e["action"].startswith("admin.routing-rules.")]
    last = changes[-1]["data"]
    same((last["added"], last["changed"], last["removed"]),
         (["d"], ["b"], ["c"]), "the log says what changed")
    same(last["version"], org.version, "in which version")
    same([json.loads(t)["name"] for t in last["diff"]["+"]], ["b", "d"],
         "with what there is now")
    same([json.loads(t)["name"] for t in last["diff"]["-"]], ["c", "b"],
         "and what there was")
    same(len(changes), int(org.version[1:]), "one event for each version")
    same(changes[-1]["user"]["email"], "own@example.com", "and who did it")


def test_check(org):
    before = org.version
    good = [rule("a")]
    for body in ({"workflow": {"rules": good}}, {"rules": good}, good, [],
                 {"workflow": {"rules": []}}, {"rules": []},
                 {"workflow": {"rules": good}, "currentVersion": None}):
        answer = org.post("/check", body)
        same((answer.status, answer.json["errors"]), (200, 0),
             "nothing is wrong: %.40s" % json.dumps(body))
    bad = org.post("/check", {"rules": [rule("a", "p1"), rule("a")]}).json
    same((bad["errors"], len(bad["diagnostics"])), (2, 2), "two errors")
    same(org.post("/check", "null", JSON).json["errors"], 1, "null")
    lint = org.post("/check", 'rule a { from user "x@example.com"; to ssh '
                    '{ keep parent id ~ "prod"; } approve reviewers; }', TEXT)
    same((lint.json["errors"], [d["id"] for d in lint.json["diagnostics"]]),
         (0, ["unanchored"]), "what is suspect is told as well")
    same(org.post("/check", "{", JSON).json["errors"], 1, "no JSON")
    same(org.post("/check", "3", JSON).json["errors"], 1, "no workflow")
    same(org.version, before, "and nothing was stored")


def test_writers(org):
    """Many at once: of two whole saves one wins; single rules all get in."""
    version = org.version
    results = []

    def save(i):
        results.append(org.save([rule("w%d" % i)], version).status)

    def create(i):
        results.append(org.create("c%d" % i, rule("c%d" % i)).status)

    for work, wanted, what in (
            (save, [200] + [409] * 7, "of eight saves one wins"),
            (create, [201] * 8, "eight rules all get in")):
        results.clear()
        threads = [threading.Thread(target=work, args=(i,))
                   for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same(sorted(results), wanted, what)
    same(len([n for n in org.names if n.startswith("c")]), 8,
         "and all are there")


def test_roles(usherd):
    for role, read, write in (("viewer", 200, 403), ("manager", 200, 409),
                              (None, 403, 403)):
        org = Org(usherd, usherd.token("acme", "x@example.com", role))
        same(org.get().status, read, "%s reads: %d" % (role, read))
        same(org.save([], "v1").status, write,
             "%s writes: %d" % (role, write))
        same(org.post("/check", []).status, 200 if write == 409 else 403,
             "%s checks" % role)
    same(Org(usherd, None).get().status, 401, "nobody reads without a token")
    other = Org(usherd, usherd.token("acme", "x@example.com", "owner"), "eve")
    same(other.get().status, 403, "nor what belongs to others")


def main():
    people = {"users": {"own@example.com": {"roles": ["owner"]}}}
    with Usherd(orgs=["acme"], directories={"acme": people}) as usherd:
        org = Org(usherd, usherd.token("acme", "own@example.com"))
        for test in (test_default, test_save, test_refused, test_parts,
                     test_text, test_names, test_rule, test_last_rule,
                     test_history, test_audit, test_check, test_writers):
            test(org)
        test_roles(usherd)
        before = org.get().text, org.get("/history").text
        usherd.restart()
        same((org.get().text, org.get("/history").text), before,
             "all of it is there after a restart")
        usherd.kill()
        usherd.start()
        same((org.get().text, org.get("/history").text), before,
             "and after a crash")
    done()


main()
