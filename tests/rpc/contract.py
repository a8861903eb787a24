# SPDX-License-Identifier: Apache-2.0
"""Is /openapi.json true? Every call of it is driven with input that its
schemas allow and with input that they refuse, made from their examples; every
answer must be one that the document tells of, in status, type and body.
"""
import itertools
import json
import urllib.parse

from lib import TOP, Usherd, ask, done, note, ok, same
from schema import Schemas

# So many spoiled bodies of one call are enough.
SPOILED_MAX = 400

RULE = {"requestor": {"type": "any"}, "resource": {"type": "any"},
        "approval": [{"type": "p0"}]}
# Under these, who asks can do all that can be done to a request.
OPEN = [{"name": "all", "requestor": {"type": "any"},
         "resource": {"type": "any"}, "approval": [
             {"type": "p0", "options": {"allowOneParty": True}},
             {"type": "escalation", "integration": "pagerduty",
              "services": ["P1"]}]}]
REQUESTS = "/o/acme/permission-requests/"
HOST = {"accessTypes": ["session"]}
SMALL_MAX = 1024 * 1024
WORKFLOW_MAX = 128 * SMALL_MAX


class Contract:
    """The document, the daemon that it is of, and what was seen of it."""

    def __init__(self, usherd):
        self.usherd = usherd
        self.document = usherd.get("/openapi.json").json
        self.schemas = Schemas(self.document)
        self.owner = usherd.token("acme", "ana@example.com", "owner")
        self.nobody = usherd.token("acme", "bob@example.com")
        self.stranger = usherd.token("other", "eve@example.com", "owner")
        self.follows = usherd.token("follows", "ana@example.com", "owner")
        self.fresh = itertools.count(1)
        self.seen = set()

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    # One call, and whether the document tells of its answer.

    def send(self, op, params, query="", token=None, body=None, headers=None):
        method, pattern, operation = op
        path = pattern
        for name, value in params.items():
            path = path.replace("{%s}" % name,
                                urllib.parse.quote(value, safe=""))
        answer = ask(self.usherd.port, method, path + query, token, body,
                     headers)
        self.seen.add((method, pattern, str(answer.status)))
        return answer, self.untold(operation, answer)

    def untold(self, operation, answer):
        """What the document does not tell of this answer, or None."""
        told = operation["responses"].get(str(answer.status))
        if told is None:
            return "status %d" % answer.status
        if answer.status == 204:
            return None if not answer.body else "a body with 204"
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in told["content"]:
            return "type %r" % kind
        if kind == "application/x-ndjson":
            return self.no_lines(answer.text)
        if kind != "application/json":
            return None
        if answer.json is None and answer.body != b"null":
            return "no JSON"
        return self.schemas.wrong(told["content"][kind]["schema"],
                                  answer.json)

    @staticmethod
    def no_lines(text):
        """What of it is no line of JSON, or None."""
        try:
            for line in text.splitlines():
                json.loads(line)
        except ValueError:
            return "no JSON: %r" % line
        return None if text.endswith("\n") else "a line without an end"

    # What a call is given, so that it has something to work on.

    def params(self, op):
        method, pattern, _ = op
        values = {"org": "acme", "name": "probe", "version": "v1",
                  "role": "viewer", "kind": "users",
                  "id": "mia@example.com", "service": "ssh",
                  "item": "probe", "label": "1 hour",
                  "setting": "max-access-duration"}
        values = {name: value for name, value in values.items()
                  if "{%s}" % name in pattern}
        if "{name}" in pattern:
            values["name"] = "probe %d" % next(self.fresh)
            if method != "POST":
                self.must("POST", "/o/acme/routing/name/%s" %
                          urllib.parse.quote(values["name"]), RULE)
        if "/bindings/{kind}/{id}" in pattern and method != "PUT":
            self.must("PUT", "/o/acme/settings/roles/viewer/bindings/users/"
                      "mia@example.com", None)
        if pattern.endswith("/api-keys/{id}"):
            values["id"] = self.must(
                "POST", "/o/acme/settings/api-keys",
                {"name": "probe", "roles": []}).json["id"]
        if "/{service}/{item}" in pattern and method != "PUT":
            self.must("PUT", "/o/acme/inventory/ssh/probe", HOST)
        if pattern.endswith("/expiry-options/{label}"):
            self.must("POST", "/o/acme/settings/expiry-options/_reset", {})
        self.access_params(pattern, values)
        return values

    def access_params(self, pattern, values):
        """Requests, each in the status that the call is for."""
        if pattern.endswith("/poll"):
            values["id"] = self.asked()
            self.must("POST", REQUESTS + values["id"] + "/deny", {})
        elif "/permission-requests/" in pattern and "{id}" in pattern:
            values["id"] = self.asked()
            if pattern.endswith("/revoke"):
                self.approve(values["id"])
        elif "/preapprovals/{id}" in pattern:
            values["id"] = self.command("allow", "aws", "role", "Probe",
                                        "--to", "mia@example.com",
                                        "--length", "1h")
        elif "/provisioning/{id}" in pattern:
            values["id"] = self.work(self.approve(self.asked()))

    def command(self, *argv):
        """The id of what is made."""
        self.open_rules()
        return self.must("POST", "/o/acme/command",
                         {"argv": argv}).json["id"]

    def open_rules(self):
        path = "/o/acme/routing"
        latest = self.must("GET", path + "/latest", None).json["workflow"]
        if latest["rules"] != OPEN:
            self.must("POST", path, {"workflow": {"rules": OPEN},
                                     "currentVersion": latest["version"]})

    def asked(self, service="aws", access="role"):
        return self.command("request", service, access,
                            "probe-%d" % next(self.fresh))

    def approve(self, ident):
        self.must("POST", REQUESTS + ident + "/approve", {})
        return ident

    def work(self, ident):
        """The id of the work for a request."""
        works, after = [], ""
        while not works:
            page = self.must("GET", "/o/acme/provisioning" + after,
                             None).json
            works = [w for w in page["works"] if w["request"] == ident]
            after = "?after=%s" % page["next"] if page["next"] else ""
        return works[0]["id"]

    def session(self):
        """The id of a request for ssh that is granted, by hand."""
        self.must("PUT", "/o/acme/inventory/ssh/probe", HOST)
        ident = self.command("request", "ssh", "session", "probe")
        if self.must("GET", REQUESTS + ident, None).json["status"] != "DONE":
            self.approve(ident)
            self.must("POST", "/o/acme/provisioning/%s/done" %
                      self.work(ident), {})
        return ident

    def unplaced(self):
        """The id of a request for ssh that waits."""
        return self.command("request", "ssh", "session", "probe",
                            "--duration", "2h")

    def must(self, method, path, body):
        answer = self.usherd.ask(method, path, self.owner, body)
        if answer.status >= 300:
            raise RuntimeError("%s %s: %r" % (method, path, answer))
        return answer

    def bodies(self, op):
        """Bodies that fit; (None,) when the call takes none."""
        request = op[2].get("requestBody")
        if request is None:
            return (None,)
        schema = self.schemas.resolve(
            request["content"]["application/json"]["schema"])
        return schema["examples"]

    def body_schema(self, op):
        return op[2]["requestBody"]["content"]["application/json"]["schema"]

    def current(self, body):
        """A save names the version that is active now; what is told of a
        session, a request that is there."""
        if isinstance(body, dict) and "requestId" in body:
            return dict(body, requestId=self.session())
        if isinstance(body, dict) and "currentVersion" in body:
            latest = self.usherd.get("/o/acme/routing/latest", self.owner)
            return dict(body, currentVersion=latest.json["workflow"]
                        ["version"])
        return body


def title(op, what):
    return "%s %s: %s" % (op[0], op[1], what)


def check(contract, op, what, wanted, answer_and_untold):
    """One answer: told of, and of a wanted class of status."""
    answer, untold = answer_and_untold
    if not ok(not untold and wanted(answer.status), title(op, what)):
        note("%s; %r" % (untold or "status", answer))


def good(status):
    return 200 <= status < 300


def bad(status):
    return 400 <= status < 500


def exactly(*statuses):
    return lambda status: status in statuses


def try_valid(contract, op):
    for i, body in enumerate(contract.bodies(op)):
        body = contract.current(body)
        check(contract, op, "valid input %d" % (i + 1), good,
              contract.send(op, contract.params(op), "", contract.owner,
                            body))
        # The very same once more may conflict, but stays told of.
        check(contract, op, "twice the same %d" % (i + 1),
              lambda status: status < 500,
              contract.send(op, contract.params(op), "", contract.owner,
                            body))


def try_text(contract, op):
    """The language, where the document says that it is understood."""
    content = op[2].get("requestBody", {}).get("content", {})
    answers = op[2]["responses"].get("200", {}).get("content", {})
    if "text/x-usher" in content:
        version = contract.current({"currentVersion": None})
        check(contract, op, "in the language", good, contract.send(
            op, contract.params(op),
            "?currentVersion=%s" % (version["currentVersion"] or "none"),
            contract.owner,
            "rule all { from any; to any; approve reviewers; }",
            {"Content-Type": "text/x-usher"}))
    if "text/x-usher" in answers:
        answer = contract.send(op, contract.params(op), "", contract.owner,
                               None, {"Accept": "text/x-usher"})
        check(contract, op, "the language is asked for", good, answer)
        same(answer[0].headers.get("content-type", "").split(";")[0],
             "text/x-usher", title(op, "and given"))


def try_spoiled(contract, op):
    """Each must be refused, and as the document says."""
    schema = contract.body_schema(op)
    spoiled = []
    for body in contract.bodies(op):
        spoiled += contract.schemas.spoiled(schema, contract.current(body))
    stride = len(spoiled) // SPOILED_MAX + 1
    problems = []
    params = contract.params(op)
    for what, body in spoiled[::stride]:
        text = json.dumps(body)
        answer, untold = contract.send(
            op, params, "", contract.owner, text,
            {"Content-Type": "application/json"})
        if untold or not bad(answer.status):
            problems.append("%s: %s: %r" % (what, untold, answer))
    ok(not problems, title(op, "%d spoiled bodies are refused" %
                           len(spoiled[::stride])))
    for problem in problems[:20]:
        note(problem)


def try_body(contract, op):
    """What is not even JSON, and what is too long."""
    params = contract.params(op)
    always = op[1].endswith("/check")  # tells what is wrong, with 200
    json_type = {"Content-Type": "application/json"}

    def send(body, headers):
        return contract.send(op, params, "", contract.owner, body, headers)

    needed = op[2]["requestBody"]["required"]
    check(contract, op, "no body", exactly(400) if needed else good,
          send(None, {}))
    params = contract.params(op)
    for body in "{", "[" * 40 + "]" * 40, '{"a":1,"a":2}', "\udcff", "NaN":
        raw = body.encode("utf-8", "surrogateescape")
        check(contract, op, "body %s" % ascii(body)[:20],
              good if always else exactly(400), send(raw, json_type))
    check(contract, op, "an odd type", exactly(415),
          send("{}", {"Content-Type": "text/html"}))
    check(contract, op, "no type", exactly(415), send("{}", {}))
    if "text/x-usher" not in op[2]["requestBody"]["content"]:
        check(contract, op, "the language where it is not read",
              exactly(415), send("rule", {"Content-Type": "text/x-usher"}))
    if "/routing" not in op[1] and "/policy" not in op[1]:
        check(contract, op, "too long", exactly(413),
              send(b" " * (SMALL_MAX + 1), json_type))
    else:
        # It is refused by its length alone.
        check(contract, op, "too long", exactly(413), send(
            None, dict(json_type, **{"Content-Length":
                                     str(WORKFLOW_MAX + 1)})))


def try_params(contract, op):
    """What is not there."""
    strange = {"name": (("no such rule", 404),),
               "version": (("v999999", 404), ("1", 404), ("v01", 404)),
               "role": (("king", 404),),
               "kind": (("robots", 404),),
               "setting": (("no-such-duration", 404),),
               "label": (("2 years", 404),),
               "item": (("no such item", 404),),
               "id": (("not there at all", None),
                      ("01ARZ3NDEKTSV4RRFFQ69G5FAV", None))}
    for name, tries in strange.items():
        if "{%s}" % name not in op[1] or \
                (name, op[0]) in (("name", "POST"), ("item", "PUT")):
            continue
        for value, status in tries:
            params = dict(contract.params(op), **{name: value})
            body = contract.bodies(op)[0]
            check(contract, op, "%s %s" % (name, value),
                  exactly(status) if status else exactly(400, 404),
                  contract.send(op, params, "", contract.owner, body))
    if "/bindings/{kind}/{id}" in op[1] and op[0] != "PUT":
        params = dict(contract.params(op), id="zoe@example.com")
        check(contract, op, "nobody is bound", exactly(404),
              contract.send(op, params, "", contract.owner))


def try_query(contract, op):
    params = contract.params(op)
    queries = [p for p in op[2]["parameters"] if p["in"] == "query"]
    if op[0] != "GET":
        return
    for query in queries:
        schema, name = query["schema"], query["name"]
        if schema == {"type": "string"}:
            continue  # there is nothing that it refuses
        schema = contract.schemas.resolve(schema)
        values = ["x y", "-1", "0", "", "99999999999999999999"]
        if schema["type"] == "integer":
            fits = schema.get("minimum", 0)
            check(contract, op, "%s=%d" % (name, fits), good, contract.send(
                op, params, "?%s=%d" % (name, fits), contract.owner))
            values.remove(str(fits)) if str(fits) in values else None
        for value in values:
            check(contract, op, "%s=%s" % (name, value), exactly(400),
                  contract.send(op, params, "?%s=%s" % (
                      name, urllib.parse.quote(value)), contract.owner))


def try_callers(contract, op):
    params = contract.params(op)
    body = contract.current(contract.bodies(op)[0])

    def send(token, org="acme"):
        return contract.send(op, dict(params, org=org), "", token, body)

    check(contract, op, "no token", exactly(401), send(None))
    check(contract, op, "a broken token", exactly(401), send("x.y.z"))
    check(contract, op, "a token of others", exactly(403),
          send(contract.stranger))
    check(contract, op, "an organisation that is not", exactly(403),
          send(contract.owner, "nowhere"))
    if op[2]["x-usher-needs"]:
        check(contract, op, "without a role", exactly(403),
              send(contract.nobody))


def try_methods(contract):
    for path, item in contract.document["paths"].items():
        for method in "GET", "POST", "PUT", "DELETE", "PATCH":
            if method.lower() in item:
                continue
            params = {"org": "acme", "name": "x", "version": "v1",
                      "role": "viewer", "kind": "users", "id": "x",
                      "service": "ssh", "item": "x", "label": "x",
                      "setting": "max-access-duration"}
            answer = contract.usherd.ask(
                method, path.format(**params), contract.owner)
            allowed = set(answer.headers.get("allow", "").split(", "))
            ok(answer.status == 405 and
               allowed == {m.upper() for m in item} and answer.json,
               "%s %s: is not possible" % (method, path)) or note(answer)


def try_follows(contract):
    """While files are followed, what changes rules is a conflict."""
    for op in contract.operations():
        if op[0] == "GET" or "409" not in op[2]["responses"] or \
                "/routing" not in op[1] and "/policy" not in op[1]:
            continue
        params = {"org": "follows"}
        if "{name}" in op[1]:
            params["name"] = "all"
        check(contract, op, "rules-follow", exactly(409), contract.send(
            op, params, "", contract.follows, contract.bodies(op)[0]))


def try_special(contract):
    """Statuses that take a story of their own."""
    for op in contract.operations():
        if op[1] == "/orgs/{org}":
            check(contract, op, "nobody knows it", exactly(404),
                  contract.send(op, {"org": "nowhere"}))
        if op[1].endswith("/routing/decide"):
            body = dict(contract.bodies(op)[0], workflow={
                "rules": [dict(RULE, name="x", approval=[{"type": "?"}])]})
            check(contract, op, "under a workflow that is wrong",
                  exactly(422), contract.send(op, {"org": "acme"}, "",
                                              contract.owner, body))
        if op[0] == "DELETE" and "/bindings/{kind}/{id}" in op[1]:
            params = {"org": "other", "role": "owner", "kind": "users",
                      "id": "eve@example.com"}
            contract.usherd.put("/o/other/settings/roles/owner/bindings/"
                                "users/eve@example.com", None,
                                contract.stranger)
            check(contract, op, "the last owner", exactly(409),
                  contract.send(op, params, "", contract.stranger))
        if op[1].endswith("/relinquish"):
            params = contract.params(op)
            for wanted in good, exactly(409):
                check(contract, op, "given back", wanted, contract.send(
                    op, params, "", contract.owner, {}))
        if (op[0], op[1][-16:]) == ("PUT", "{service}/{item}"):
            contract.must("PUT", "/o/acme/inventory/ssh/probe", HOST)
            check(contract, op, "a name that another has", exactly(409),
                  contract.send(op, {"org": "acme", "service": "ssh",
                                     "item": "twin"}, "", contract.owner,
                                dict(HOST, aliases=["probe"])))
        if op[1].endswith("/command"):
            for minutes in range(1, 9):
                contract.command("request", "aws", "role", "crowd",
                                 "--duration", "%dm" % minutes)
            check(contract, op, "too often the same", exactly(409),
                  contract.send(op, {"org": "acme"}, "", contract.owner, {
                      "argv": ["request", "aws", "role", "crowd",
                               "--duration", "9m"]}))
        if op[1].endswith("/ssh/audit"):
            body = contract.bodies(op)[0]
            check(contract, op, "of what is not in place", exactly(409),
                  contract.send(op, {"org": "acme"}, "", contract.owner,
                                dict(body, requestId=contract.unplaced())))
            check(contract, op, "of no request", exactly(404), contract.send(
                op, {"org": "acme"}, "", contract.owner,
                contract.bodies(op)[0]))
        if "/provisioning/{id}" in op[1]:
            ident = contract.approve(contract.asked("okta", "group"))
            check(contract, op, "what is done by itself", exactly(409),
                  contract.send(op, {"org": "acme",
                                     "id": contract.work(ident)},
                                "", contract.owner, {}))


def try_all(contract):
    for op in contract.operations():
        try_valid(contract, op)
        try_text(contract, op)
        try_params(contract, op)
        try_query(contract, op)
        if "requestBody" in op[2]:
            try_body(contract, op)
            if not op[1].endswith("/check"):
                try_spoiled(contract, op)
        elif op[0] != "GET":
            check(contract, op, "a body that it does not take", exactly(400),
                  contract.send(op, contract.params(op), "", contract.owner,
                                {}))
        if "x-usher-needs" in op[2]:
            try_callers(contract, op)


def try_document(contract):
    document = contract.document
    same(document["openapi"], "3.1.0", "it is OpenAPI 3.1")
    for name, schema in document["components"]["schemas"].items():
        for i, example in enumerate(schema.get("examples", ())):
            same(contract.schemas.wrong(schema, example), None,
                 "example %d of %s fits" % (i + 1, name))
    ids = [op[2]["operationId"] for op in contract.operations()]
    same(len(set(ids)), len(ids), "operations have names of their own")


def try_seen(contract):
    """What is told of was seen, but for a store that is full."""
    for method, path, operation in contract.operations():
        told = set(operation["responses"]) - {"503"}
        seen = {s for m, p, s in contract.seen if (m, p) == (method, path)}
        # A path of no arguments cannot be wrong.
        missing = told - seen - {"400"}
        same(missing, set(), "%s %s: every status was seen" % (method, path))


def main():
    directory = {"users": {
        "ana@example.com": {"name": "Ana", "roles": ["owner"], "groups": [
            {"directory": "okta", "id": "00dev"}]},
        "mia@example.com": {"roles": ["manager"]}}}
    # Nobody listens there: what it has to do goes on and on.
    busy = {"busy": {"type": "webhook", "url": "http://127.0.0.1:9/",
                     "services": ["okta"]}}
    with Usherd(orgs={"acme": {"provisioner": busy}, "other": {}, "follows": {
            "rules": TOP + "/rules/default.usher", "rules-follow": True}},
            directories={"acme": directory}) as usherd:
        contract = Contract(usherd)
        try_document(contract)
        try_all(contract)
        try_special(contract)
        try_methods(contract)
        try_follows(contract)
        try_seen(contract)
    done()


main()
