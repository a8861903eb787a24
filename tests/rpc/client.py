# SPDX-License-Identifier: Apache-2.0
"""The client commands of usher against a daemon: login, push, pull, history,
audit."""
import json
import os
import stat
import subprocess

from lib import PATIENCE, USHER, Usherd, done, ok, same

RULES = """# What the night shift may do.
group night = okta "00night" "Night";

rule shells {
	from group night;
	to ssh access session {
		keep parent id ~ "^prod-"; # not staging
	}
	approve reviewers require reason;
}
"""
WORKFLOW = {"rules": [{"name": "all", "disabled": None,
                       "requestor": {"type": "any"},
                       "resource": {"type": "any"},
                       "approval": [{"type": "p0", "options": {}}]}]}


class Client:
    """The usher command, with a home of its own."""

    def __init__(self, usherd):
        self.usherd = usherd
        self.home = usherd.path("home")
        os.makedirs(self.home, exist_ok=True)

    def __call__(self, *words, stdin="", **environment):
        inherited = {k: v for k, v in os.environ.items()
                     if not k.startswith("USHER_")}
        made = subprocess.run(
            [USHER, *words], input=stdin.encode(), capture_output=True,
            timeout=PATIENCE, check=False,
            env={**inherited, "HOME": self.home, "XDG_CONFIG_HOME": "",
                 **environment})
        return (made.returncode, made.stdout.decode(), made.stderr.decode())

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.usherd.port


def test_login(usher, usherd, owner):
    status, _, err = usher("history")
    same(status, 2, "who has not signed in is told so")
    ok("usher login" in err, "and how to")
    status, _, err = usher("login", "--url", usher.url, stdin=owner)
    same(status, 2, "login needs an organisation")
    status, _, err = usher("login", "--url", usher.url, "--org", "acme",
                           stdin="")
    same(status, 2, "and a token")
    status, _, err = usher("login", "--url", usher.url, "--org", "acme",
                           stdin="wrong")
    same(status, 1, "a wrong one is refused")
    path = os.path.join(usher.home, ".config", "usher", "session.json")
    ok(not os.path.exists(path), "and not kept")
    status, out, err = usher("login", "--url", usher.url + "/", "--org",
                             "acme", stdin=owner + "\n")
    same(status, 0, "a good one is accepted")
    ok("mia@example.com" in out, "and says who we are")
    same(stat.S_IMODE(os.stat(path).st_mode), 0o600,
         "nobody else can read the session")
    ok(owner not in usherd.logged(), "the token is not in the log")
    status, _, err = usher("history", USHER_URL="http://127.0.0.1:1")
    same(status, 1, "a daemon that is not there")
    ok("127.0.0.1:1" in err, "is named")


def test_push(usher, usherd):
    path = usherd.write("night.usher", RULES)
    status, out, _ = usher("push", "--dry-run", path)
    same(status, 0, "a dry run")
    ok("+rule shells {" in out, "shows what would be added")
    ok("-\tapprove reviewers;" in out, "and what would go")
    same(usher("history")[1].count("\n"), 1, "it saves nothing")
    status, out, _ = usher("push", path)
    same(status, 0, "push saves")
    ok("saved as v1" in out, "as the first version")
    same(usher("pull")[1].strip(), RULES.strip(),
         "pull gives the text back, comments and all")
    status, out, _ = usher("push", path)
    ok("nothing to save" in out, "the same again is not saved")
    status, _, err = usher(
        "push", usherd.write("bad.usher", "rule x { from any; to awz; deny; }"))
    same(status, 1, "rules with an error are not sent")
    ok("did you mean" in err, "the error is shown here")
    status, _, _ = usher("push", usherd.path("none.usher"))
    same(status, 2, "nor is what cannot be read")


def test_json(usher, usherd):
    path = usherd.write("all.json", WORKFLOW)
    status, out, _ = usher("push", path)
    same(status, 0, "a JSON workflow")
    ok("saved as v2" in out, "is the next version")
    pulled = json.loads(usher("pull", "--json")[1])
    same(pulled["rules"][0]["resource"], {"type": "any"}, "pulled as JSON")
    ok("rule all {" in usher("pull")[1], "and in the language")
    ok("rule shells {" in usher("pull", "v1")[1], "an older version too")
    same(usher("pull", "v9")[0], 1, "one that is not there")
    out = usher("history")[1].splitlines()
    same([line.split()[0] for line in out], ["version", "v2", "v1"],
         "history, newest first")
    ok(out[1].endswith("mia@example.com"), "with authors")
    same(len(json.loads(usher("history", "--json")[1])["versions"]), 2,
         "and as JSON")


def test_audit(usher, usherd):
    status, out, _ = usher("audit", "verify")
    same(status, 0, "the chain is whole")
    head = out.split("head ")[1].strip()
    exported = usher("audit", "export")[1]
    same(len(exported.splitlines()), 2, "export has every event")
    path = usherd.write("audit.jsonl", exported)
    same(usher("audit", "verify", path)[0], 0, "an export verifies")
    same(usher("audit", "verify", "--head", head, "-", stdin=exported)[0], 0,
         "up to the head that was kept")
    lines = exported.splitlines(True)
    wrong = [
        ("a changed event", exported.replace("mia@", "eve@"), "changed"),
        ("a missing event", lines[1], "missing"),
        ("a doubled event", lines[0] * 2, "stands in its place"),
        ("a cut tail", lines[0], "cut off"),
        ("something else", "{}\n", "no event"),
        ("not even JSON", "hello\n", "no event"),
        ("a false hash", lines[0] + lines[1].replace(
            json.loads(lines[1])["hash"], "0" * 64), "changed"),
        ("another chain", lines[0] + lines[1].replace(
            json.loads(lines[1])["prev"], "0" * 64), "does not follow"),
    ]
    for name, text, said in wrong:
        status, _, err = usher("audit", "verify", "--head", head, "-",
                               stdin=text)
        same(status, 1, name + " is found")
        ok(said in err, name + " is named: " + err.strip())
    other = head[:-1] + ("0" if head[-1] != "0" else "1")
    same(usher("audit", "verify", "--head", other)[0], 1, "another head")
    same(usher("audit", "verify", "--head", "x")[0], 2, "no head at all")
    out = usher("audit", "tail", "--lines", "1")[1]
    ok("routing-rules.updated" in out and out.count("\n") == 1, "tail")
    same(usher("audit", "tail", "--lines", "many")[0], 2, "no number")
    same(usher("audit", "verify", usherd.folder)[0], 2, "a folder is no log")
    same(usher("audit", "frobnicate")[0], 2, "no such word")


def main():
    with Usherd() as usherd:
        usher = Client(usherd)
        owner = usherd.token("acme", "mia@example.com", "owner")
        test_login(usher, usherd, owner)
        test_push(usher, usherd)
        test_json(usher, usherd)
        test_audit(usher, usherd)
        viewer = usherd.token("acme", "vic@example.com", "viewer")
        status, _, err = usher("push", usherd.path("night.usher"),
                               USHER_TOKEN=viewer)
        same(status, 1, "a viewer cannot save")
        ok("manager" in err, "and hears who can: " + err.strip())
    done()


main()
