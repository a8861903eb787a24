# SPDX-License-Identifier: Apache-2.0
"""Tokens: what `usherd token` makes and takes, and until when it is good."""
import base64
import json
import os
import stat

from lib import USHERD, Usherd, done, ok, run, same

NOW = 1800000000000
HOUR = 3600000


def set_clock(usherd, now):
    return usherd.write("clock", str(now))


def status(usherd, token, org="acme"):
    return usherd.get("/o/%s/account" % org, token).status


def part(value):
    text = json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def times(usherd, clock):
    token = usherd.token("acme", "ana@example.com", None, "--length", "1h",
                         "--clock-file", clock)
    same(status(usherd, token), 200, "a new token")
    set_clock(usherd, NOW + HOUR - 1)
    same(status(usherd, token), 200, "up to its end")
    set_clock(usherd, NOW + HOUR)
    same(status(usherd, token), 401, "and no longer")
    same(status(usherd, token, "other"), 401, "nowhere")
    set_clock(usherd, NOW - 61000)
    same(status(usherd, token), 401, "nor before its time")
    set_clock(usherd, NOW)


def organisations(usherd, clock):
    token = usherd.token("acme", "ana@example.com", "owner", "--clock-file",
                         clock)
    refusals = {usherd.get("/o/%s/account" % org, token).body
                for org in ("other", "nowhere")}
    same(len(refusals), 1, "one body for what is and what is not")
    for org in ("other", "nowhere"):
        same(status(usherd, token, org), 403, "403 for %s" % org)
        same(status(usherd, "x", org), 401, "401 for %s" % org)
        same(status(usherd, None, org), 401, "401 without a token")


def forged(usherd, clock):
    token = usherd.token("acme", "ana@example.com", None, "--clock-file",
                         clock)
    head, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    said["roles"] = ["owner"]
    rows = [
        (".".join((head, part(said), signature)), "other claims"),
        (".".join((part({"alg": "none"}), part(said), "")), "no algorithm"),
        (".".join((part({"alg": "HS256"}), part(said), signature)), "HS256"),
        (head + "." + claims, "no signature"),
        (token + ".x", "a part too many"),
        (token + "A" * 9000, "too long"),
        ("usher_acme_1_" + "A" * 43, "a key that nobody made"),
    ]
    for text, what in rows:
        same(status(usherd, text), 401, "forged: " + what)
    same(status(usherd, token), 200, "and the true one")


def agents(usherd, clock):
    token = usherd.token("acme", "ana@example.com", None, "--agent", "bot",
                         "--owner", "mia@example.com", "--clock-file", clock)
    account = usherd.get("/o/acme/account", token).json
    same((account["kind"], account["clientId"], account["owner"],
          account["uid"]),
         ("agent", "bot", "mia@example.com", "ana@example.com"), "an agent")
    same(account["roles"], [], "which has not its human's roles")
    token = usherd.token("acme", None, "viewer", "--agent", "bot",
                         "--clock-file", clock)
    account = usherd.get("/o/acme/account", token).json
    ok("uid" not in account, "one with no human")
    same(account["roles"], ["viewer"], "with the roles of its token")


def usage(usherd):
    data = ["--data", usherd.data]
    who = ["--org", "acme", "--user", "a@b"]
    rows = [
        ([], "--data"), (data, "--org"), (data + who[:2], "--user"),
        (data + who + ["--role", "root"], "root"),
        (data + who + ["--length", "8"], "8"),
        (data + who + ["--length", "9999w"], "9999w"),
        (data + who + ["--owner", "x@y"], "--agent"),
        (data + who + ["more"], "more"),
        (data + who + ["--user", ""], "--user"),
        (data + who + ["--user", "key:1"], "an e-mail"),
        (data + who + ["--user", "a@b\nx"], "control"),
        (data + who + ["--agent", "bot", "--owner", "ana"], "an e-mail"),
        (data + who + ["--wat"], "wat"),
    ]
    for more, says in rows:
        got, out, err = run(USHERD, "token", *more)
        ok(got == 2 and not out and says in err,
           "usherd token %s" % " ".join(more[2:]))
    got, out, err = run(USHERD, "token", "--help")
    ok(got == 0 and "usage: usherd token" in out and not err, "--help")
    got, out, err = run(USHERD, "token", "--data", usherd.path("none"), *who)
    ok(got == 1 and not out and "none" in err, "a folder that is not there")


with Usherd(orgs=["acme", "other"], start=False, directories={"acme": {
        "users": {"ana@example.com": {"roles": ["owner"]}}}}) as daemon:
    file = set_clock(daemon, NOW)
    daemon.flags += ["--clock-file", file]
    os.mkdir(daemon.data, 0o700)
    first = daemon.token("acme", "ana@example.com", None, "--clock-file",
                         file)
    daemon.start()
    same(status(daemon, first), 200, "a token made before the daemon began")
    same(stat.S_IMODE(os.stat(daemon.data + "/token.pem").st_mode), 0o600,
         "the key is for its owner alone")
    times(daemon, file)
    organisations(daemon, file)
    forged(daemon, file)
    agents(daemon, file)
    usage(daemon)
    ok(first not in daemon.logged(), "no token in the log")
done()
