# SPDX-License-Identifier: Apache-2.0
"""Who may call what: every call of /openapi.json, as everybody, everywhere.

The callers are all roles, each come by in every way there is (a token that
says it, the directory, a binding of the user, one of a group, an API key), of
one's own organisation, of another, of none that exists; and those without a
token, or with one that is broken, forged, expired or revoked. The document
says which roles a call needs (x-usher-needs); which role stands for which
others is said here once more, on purpose.
"""
import base64
import json
import time

from lib import Usherd, done, note, ok, same

ROLES = ("owner", "manager", "iamOwner", "iamViewer", "viewer")
STANDS_FOR = {
    None: set(),
    "owner": set(ROLES),
    "manager": {"manager", "viewer"},
    "iamOwner": {"iamOwner", "iamViewer"},
    "iamViewer": {"iamViewer"},
    "viewer": {"viewer"},
}

MINUTE = 60 * 1000
RULE = {"requestor": {"type": "any"}, "resource": {"type": "any"},
        "approval": [{"type": "p0"}]}

# What is sent: fit to be taken, and harmless to the callers.
BODIES = {
    "Save": {"workflow": {"rules": []}, "currentVersion": None},
    "Check": [],
    "Decide": {"request": {"resource": {"service": "aws"}}},
    "Rule": RULE,
    "NewKey": {"name": "probe", "roles": []},
    "Command": {"argv": ["request", "--help"]},
    "LsCommand": {"argv": ["ls", "--help"]},
    "Reason": {"reason": "probe"},
    "Approve": {"expirationLength": "1h"},
    "WorkDone": {},
    "Thing": {"accessTypes": ["session"]},
    "Span": {"time": 2, "unit": "hours"},
    "Empty": {},
    "DefaultApprovals": {},
    "SshAudit": {"requestId": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                 "action": "ssh.session.start", "sshSessionId": "1"},
}
PARAMS = {"name": "probe", "version": "v1", "role": "viewer",
          "kind": "users", "id": "probe@example.com", "service": "ssh",
          "item": "probe", "label": "1%20hour",
          "setting": "standing-access-duration"}


def directory():
    """Users who have a role by the directory, by themselves or a group."""
    users = {}
    for role in ROLES:
        users["%s@directory.example" % role] = {"roles": [role]}
        users["%s@group.example" % role] = {
            "groups": [{"directory": "okta", "id": "00" + role}]}
    return {"users": users}


def other_signature(token):
    """The same claims, signed by nobody."""
    head, claims, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[5] ^= 1
    return ".".join((head, claims, base64.urlsafe_b64encode(
        bytes(raw)).decode().rstrip("=")))


def unsigned(token):
    head = base64.urlsafe_b64encode(
        json.dumps({"alg": "none", "typ": "JWT"}).encode())
    return ".".join((head.decode().rstrip("="), token.split(".")[1], ""))


class World:
    def __init__(self, usherd, clock):
        self.usherd = usherd
        self.clock = clock
        self.callers = {}   # organisation: [(who, token, role or None)]
        self.nobodies = []  # [(who, token or None)]
        for org in "acme", "other":
            self.callers[org] = list(self.make_callers(org))
        self.make_nobodies()

    def must(self, method, path, token, body=None):
        answer = self.usherd.ask(method, path, token, body)
        if answer.status >= 300:
            raise RuntimeError("%s %s: %r" % (method, path, answer))
        return answer.json

    def make_callers(self, org):
        token = self.usherd.token
        owner = token(org, "first@example.com", "owner")
        settings = "/o/%s/settings" % org
        yield "anyone", token(org, "nobody@example.com"), None
        key = self.must("POST", settings + "/api-keys", owner,
                        {"name": "none", "roles": []})["key"]
        yield "a key", key, None
        for role in ROLES:
            yield "token", token(org, "%s@token.example" % role, role), role
            yield "directory", token(org, "%s@directory.example" % role), role
            bindings = "%s/roles/%s/bindings/" % (settings, role)
            self.must("PUT", bindings + "users/%s@binding.example" % role,
                      owner)
            yield "binding", token(org, "%s@binding.example" % role), role
            self.must("PUT", bindings + "groups/okta:00" + role, owner)
            yield "group", token(org, "%s@group.example" % role), role
            key = self.must("POST", settings + "/api-keys", owner,
                            {"name": role, "roles": [role]})["key"]
            yield "key", key, role

    def make_nobodies(self):
        owner = self.usherd.token("acme", "first@example.com", "owner")
        keys = "/o/acme/settings/api-keys"
        revoked = self.must("POST", keys, owner,
                            {"name": "revoked", "roles": ["owner"]})
        self.must("DELETE", "%s/%s" % (keys, revoked["id"]), owner)
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(time.time() + 120))
        old = self.must("POST", keys, owner, {
            "name": "old", "roles": ["owner"], "expires": soon})
        short = self.usherd.token("acme", "first@example.com", "owner",
                                  "--length", "1m")
        self.nobodies = [
            ("no token", None), ("an empty token", ""),
            ("no token at all", "hello"), ("dots", "a.b.c"),
            ("a forged signature", other_signature(owner)),
            ("no signature", unsigned(owner)),
            ("an expired token", short),
            ("a revoked key", revoked["key"]),
            ("an expired key", old["key"]),
            ("another secret", revoked["key"][:-4] + "0000"),
            ("a key of nothing", "usher_acme_0_0"),
        ]
        self.clock(10 * MINUTE)

    def operations(self):
        document = self.usherd.get("/openapi.json").json
        for path, item in document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def send(self, op, org, token):
        method, path, operation = op
        body = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"][
                "application/json"]["schema"]["$ref"].rsplit("/")[-1]
            body = BODIES[schema]
        return self.usherd.ask(method, path.format(org=org, **PARAMS), token,
                               body)


class Results:
    """One result for many answers; the odd ones are shown."""

    def __init__(self):
        self.n = 0
        self.odd = []

    def add(self, fine, what, answer):
        self.n += 1
        if not fine:
            self.odd.append("%s: %r" % (what, answer))

    def tell(self, name):
        ok(self.n and not self.odd, "%s (%d times)" % (name, self.n))
        for odd in self.odd[:20]:
            note(odd)


def allowed(answer):
    return answer.status not in (401, 403) and answer.status < 500


def try_own(world, op):
    """In one's own organisation: what the document says."""
    needs = set(op[2]["x-usher-needs"])
    may, may_not = Results(), Results()
    for org, callers in world.callers.items():
        for how, token, role in callers:
            answer = world.send(op, org, token)
            what = "%s by %s" % (role, how)
            if not needs or needs & STANDS_FOR[role]:
                may.add(allowed(answer), what, answer)
            else:
                may_not.add(answer.status == 403, what, answer)
    may.tell("%s %s: who may, may" % op[:2])
    if needs:
        may_not.tell("%s %s: who may not, may not" % op[:2])


def try_abroad(world, op, bodies):
    """In another one, or in none: 403, and nothing more is told."""
    results = Results()
    for home, callers in world.callers.items():
        for org in "acme", "other", "nowhere", "ACME", "acme\u00e9":
            if org == home:
                continue
            org = org.encode().decode("ascii", "ignore") + (
                "%C3%A9" if not org.isascii() else "")
            for how, token, role in callers:
                answer = world.send(op, org, token)
                bodies.add(answer.body)
                results.add(answer.status == 403, "%s of %s by %s in %s" % (
                    role, home, how, org), answer)
    results.tell("%s %s: not in other organisations" % op[:2])


def try_nobodies(world, op, bodies):
    """Without a good token: 401, whatever the organisation."""
    results = Results()
    for org in "acme", "other", "nowhere":
        for what, token in world.nobodies:
            answer = world.send(op, org, token)
            bodies.add(answer.body)
            results.add(answer.status == 401 and
                        answer.headers.get("www-authenticate"),
                        "%s in %s" % (what, org), answer)
    results.tell("%s %s: not without a good token" % op[:2])


def try_open(world, op):
    """What needs no token is the same with any."""
    results = Results()
    tokens = world.nobodies + [c[:2] for c in world.callers["other"]]
    for what, token in tokens:
        answer = world.send(op, "acme", token)
        results.add(answer.status == 200, what, answer)
    results.tell("%s %s: open to everybody" % op[:2])


def try_unlisted(world):
    """Paths that are not in the document give nothing away either."""
    results = Results()
    for path in "", "/", "/x", "/routing/x/y/z", "/settings", "/healthz":
        for method in "GET", "POST", "PATCH":
            for org in "acme", "nowhere":
                answer = world.usherd.ask(method, "/o/%s%s" % (org, path))
                results.add(answer.status == 401, "%s %s%s" % (
                    method, org, path), answer)
    results.tell("unknown paths need a token, too")


def try_kept(world):
    """Nothing that was sent abroad arrived there."""
    owner = world.callers["other"][2][1]
    emails = {e["user"]["email"] for e in world.usherd.get(
        "/o/other/audit?limit=1000", owner).json["events"]}
    ok(emails, "the audit log tells of those who acted")
    keys = world.usherd.get("/o/other/settings/api-keys", owner).json["keys"]
    ids = {k["id"] for k in keys}
    mine = {k["id"] for k in world.usherd.get(
        "/o/acme/settings/api-keys",
        world.callers["acme"][2][1]).json["keys"]}
    same(ids & mine, set(), "organisations share no keys")


def main():
    now = int(time.time() * 1000)
    with Usherd(orgs=("acme", "other"),
                directories={"acme": directory(), "other": directory()},
                start=False) as usherd:
        usherd.write("clock", str(now))
        usherd.flags += ["--clock-file", usherd.path("clock")]
        usherd.start()
        world = World(usherd, lambda ms: usherd.write("clock",
                                                      str(now + ms)))
        refusals, denials = set(), set()
        for op in world.operations():
            if "x-usher-needs" not in op[2]:
                try_open(world, op)
                continue
            try_own(world, op)
            try_abroad(world, op, refusals)
            try_nobodies(world, op, denials)
        try_unlisted(world)
        try_kept(world)
        same(len(refusals), 1, "every refusal abroad is in the same words")
        same(len(denials), 1, "every denial is in the same words")
    done()


main()
