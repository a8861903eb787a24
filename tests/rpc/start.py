# SPDX-License-Identifier: Apache-2.0
"""How usherd begins and ends: flags and usherd.conf, -n, the ready line, log
formats, signals, the supervisor.
"""
import http.client
import json
import os
import pwd
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

from lib import (PATIENCE, TOP, USHERD, Usherd, ask, done, eventually, note,
                 ok, run, same, skip)

RULES = "rule all {\n\tfrom any;\n\tto any;\n\tapprove reviewers;\n}\n"
BROKEN = "rule all {\n\tfrom any;\n\tto any;\n\tapprove nobudy;\n}\n"


def says(name, status, pattern, *flags, stream=2):
    """usherd with these flags ends so, and says so."""
    made = run(USHERD, *flags)
    fine = made[0] == status and re.search(pattern, made[stream], re.S)
    if not ok(fine, name):
        note("%r, wanted %d and %s" % (made, status, pattern))
    return made


def help_and_version():
    made = says("--help", 0, "^usage: usherd ", "--help", stream=1)
    same(made[2], "", "and nothing else")
    for flag in ("-f", "-n", "--data", "--listen", "--org", "--rules",
                 "--directory", "--inventory", "--oncall", "--tls-cert",
                 "--tls-key", "--log-level", "--foreground"):
        ok(re.search(r"(^| )%s\b" % flag, made[1], re.M), "help has " + flag)
    ok(all(len(line) <= 80 for line in made[1].splitlines()),
       "help fits a screen")
    says("--version", 0, r"^usherd \d", "--version", stream=1)
    says("token --help", 0, "^usage: usherd token", "token", "--help",
         stream=1)


def bad_flags():
    says("an unknown flag", 2, r'no option --ruels \(did you mean "rules"',
         "--ruels", "x")
    says("an unknown letter", 2, "no option -q", "-q")
    says("no argument", 2, "--data needs an argument", "--data")
    says("an argument too many", 2, "--foreground takes no argument",
         "--foreground=x")
    says("a word", 2, '"rules" is no option', "rules")
    says("no organisation", 2, "there is no organisation", "-n")
    says("rules of nobody", 2, "say of which", "-n", "--rules", "x")
    says("a level that is none", 2, '--log-level: "loud" is none of error',
         "-n", "--org", "a", "--log-level", "loud")
    says("too many loops", 2, '--loops: "9999" is not a number from 0 to',
         "-n", "--org", "a", "--loops", "9999")
    says("an empty value", 2, "--data: the value is empty", "-n", "--org",
         "a", "--data", "")
    says("a certificate without its key", 2, "tls-key is missing", "-n",
         "--org", "a", "--tls-cert", "x")
    says("an odd name", 2, 'organisation "a/b": a name is', "-n", "--org",
         "a/b")
    says("follow nothing", 2, "needs rules to follow", "-n", "--org", "a",
         "--rules-follow")
    for address in "0.0.0.0:0", "[::]:0", "192.0.2.1:80", "*:80", "128.0.0.1:1":
        says("plain HTTP on " + address, 2, "plain HTTP is for this machine",
             "-n", "--org", "a", "--listen", address)
    says("unless it is wanted", 0, "", "-n", "--org", "a", "--listen",
         "0.0.0.0:0", "--plain-http-anywhere")


def bad_files(usherd):
    def conf(name, wanted, text):
        path = usherd.write("bad.conf", text)
        says(name, 2, wanted, "-n", "-f", path)

    place = r"bad\.conf:2: "
    conf("a line that is unknown", place + r'.*"lissen" \(did you mean '
         '"listen"', "# one\nlissen = {\"x\"}\n")
    conf("a value that is wrong", place + 'log-level: "loud" is none of',
         "# one\nlog-level = loud\norganisation \"a\" { }\n")
    conf("a limit that is too large", place + "max-connections",
         "# one\nmax-connections = 99999999\n")
    conf("a size that is none", place + 'store-size: "7X"',
         "# one\nstore-size = 7X\n")
    conf("a line of a section", place + r'.*"ruels" \(did you mean "rules"',
         "organisation \"a\" {\nruels = x\n}\n")
    conf("a limit in a section", place + '.*no option "store-size"',
         "organisation \"a\" {\nstore-size = 1G\n}\n")
    conf("a section twice", "bad.conf:", "organisation \"a\" { }\n"
         "organisation \"a\" { }\n")
    conf("a section without a name", "bad.conf:1", "organisation { }\n")
    conf("an end that is missing", "bad.conf:", "organisation \"a\" {\n")
    says("a file that is not there", 2, "cannot read .*: No such file", "-n",
         "-f", usherd.path("nothing"))
    says("a folder", 2, "Is a directory", "-n", "-f", usherd.folder)


def check_only(usherd):
    rules = usherd.write("rules.usher", RULES)
    broken = usherd.write("broken.usher", BROKEN)
    people = usherd.write("people.json", {"users": {}})
    nobody = usherd.write("nobody.json", {"users": [1]})
    org = ("-n", "--org", "a")
    made = says("-n, and all is right", 0, "rules: 1, errors: 0", *org,
                "--rules", rules, "--directory", people, stream=1)
    same(made[2], "", "and no complaints")
    made = says("-n, and rules are wrong", 1,
                r"broken\.usher:4:\d+: error: .*\n.*nobudy.*\n.*\^", *org,
                "--rules", broken)
    says("-n, and rules are not there", 1, "cannot read|No such", *org,
         "--rules", usherd.path("nothing.usher"))
    says("-n, and the directory is wrong", 1, "nobody.json", *org,
         "--directory", nobody)
    says("-n, and the certificate is not there", 1, "tls-cert: cannot read",
         *org, "--tls-cert", "/nowhere", "--tls-key", "/nowhere")
    twice = ("-n", "--org", "a", "--rules", rules, "--org", "b", "--rules")
    says("-n, two --org", 0, "organisations: 2, rules: 2, errors: 0", *twice,
         rules, stream=1)
    says("each with its own rules", 1, r"broken\.usher:4", *twice, broken)
    says("one --org said twice", 0, "organisations: 1,", *org, "--rules",
         rules, "--org", "a", stream=1)
    path = usherd.write("two.conf", "organisation \"a\" { rules = \"%s\" }\n"
                        "organisation \"b\" { rules = \"%s\" }\n" % (
                            rules, broken))
    says("-n looks at all organisations", 1, "organisations: 2, rules:", "-n",
         "-f", path, stream=1)
    says("a flag wins over the file", 0, "errors: 0", "-n", "-f", path,
         "--org", "b", "--rules", rules, stream=1)
    ok(not os.path.exists(usherd.data), "-n makes no data folder")


def broken_start(usherd):
    """usherd does not start half."""
    broken = usherd.write("broken.usher", BROKEN)
    data = usherd.path("half")
    listen = ("--listen", "127.0.0.1:0", "--data", data)
    says("it does not start with broken rules", 1, "nobudy", *listen,
         "--org", "a", "--rules", broken)
    says("nor with a broken directory", 1, "cannot|No such", *listen,
         "--org", "a", "--directory", usherd.path("nothing"))
    says("nor where it cannot write", 1, "/proc/x", "--listen",
         "127.0.0.1:0", "--org", "a", "--data", "/proc/x")
    says("nor as somebody who is not", 1, 'no user "nobody-at-all"', *listen,
         "--org", "a", "--user", "nobody-at-all")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        says("nor on a port that is taken", 1, address, "--listen", address,
             "--data", data, "--org", "a")


def ready():
    rules = os.path.join(TOP, "rules", "default.usher")
    usherd = Usherd(start=False)
    usherd.process = subprocess.Popen(
        [USHERD, "--data", usherd.data, "--listen", "127.0.0.1:0",
         "--listen", "[::1]:0", "--org", "acme", "--rules", rules],
        stdout=subprocess.PIPE, stderr=open(usherd.log, "ab"))
    with usherd:
        usherd.wait_ready(listeners=2)
        same(len(set(usherd.ports)), 2, "two listeners, two ready lines")
        same(ask(usherd.port, "GET", "/readyz").json,
             {"status": "ready", "trouble": []}, "and it is ready")
        says("a second one is refused its folder", 1, "another usherd uses",
             "--data", usherd.data, "--listen", "127.0.0.1:0", "--org", "a")
        token = usherd.token("acme", "ana@example.com", "viewer")
        same(usherd.get("/o/acme/routing", token).json["id"], "v1",
             "--rules are the first version")
        mode = os.stat(usherd.data).st_mode & 0o777
        same(mode, 0o700, "the data folder is made, for nobody else")
        modes = {name: os.stat(os.path.join(usherd.data, name)).st_mode & 0o77
                 for name in os.listdir(usherd.data)}
        same(set(modes.values()), {0}, "and so is what is in it")
    usherd = Usherd(start=False)
    usherd.write_conf({"acme": {"rules": rules}, "other": {}}, {}, "")
    with usherd:
        usherd.start()
        same(usherd.get("/orgs/other").status, 200,
             "organisations of usherd.conf are there")


def metrics_and_discovery():
    lines = {"app-url": "https://usher.example", "contact": "Ask Mia.",
             "provider-type": "okta", "provider-id": "p1",
             "provider-domain": "acme.okta.example", "client-id": "c1"}
    with Usherd(orgs={"acme": lines}) as usherd:
        found = usherd.get("/orgs/acme").json
        same(found["auth"]["provider"], {
            "ssoProvider": "oidc-pkce", "providerType": "okta",
            "providerId": "p1", "providerDomain": "acme.okta.example",
            "clientId": "c1"}, "clients are told how to sign in")
        same((found["config"]["appUrl"], found["config"]["contactMessage"]),
             ("https://usher.example", "Ask Mia."), "and where, and of whom")
        token = usherd.token("acme", "ana@example.com", "manager")
        for _ in range(3):
            usherd.post("/o/acme/routing/decide", {"request": {
                "requestor": {"uid": "x@example.com"},
                "resource": {"service": "aws"}}}, token)
        text = usherd.get("/metrics").text
        ok('usher_decisions_total{org="acme",outcome="pending"} 3\n' in text,
           "decisions are counted")
        ok("usher_decision_seconds_count 3\n" in text, "and timed")
        counts = [int(n) for n in re.findall(
            r"usher_decision_seconds_bucket{.*} (\d+)\n", text)]
        ok(counts == sorted(counts) and counts[-1] == 3, "in buckets")
        samples = {}
        for line in text.splitlines():
            match = re.fullmatch(
                r'([a-z_]+)({[a-z]+="[^"]*"(,[a-z]+="[^"]*")*})? [0-9.e+-]+',
                line)
            if not line.startswith("# "):
                samples[match.group(1) if match else line] = match
        ok(all(samples.values()), "every figure is well-formed")
        told = set(re.findall("^# HELP ([a-z_]+) [A-Z1].*\\.$", text, re.M))
        same(told, set(re.findall("^# TYPE ([a-z_]+) ", text, re.M)),
             "and has a help text")


def log_formats():
    for form, level in ("text", "info"), ("json", "debug"), ("text", "error"):
        with Usherd(flags=["--log-format", form, "--log-level",
                           level]) as usherd:
            token = usherd.token("acme", "ana@example.com", "owner")
            usherd.get("/o/acme/account?secret=no", token)
            eventually(lambda: "/account" in usherd.logged() or
                       level == "error", 5)
        log = usherd.last_log
        ok(token not in log, "%s: no token in the log" % form)
        if level == "error":
            same(log, "", "errors only: there are none")
        elif form == "json":
            lines = [json.loads(line) for line in log.splitlines()]
            ok(lines and all("time" in x and "level" in x for x in lines),
               "json: every line is an object")
        else:
            ok(log and all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (error|warning|"
                                    "info|debug) ", line)
                           for line in log.splitlines()),
               "text: every line has time and level")


def slow_call(usherd, token, started):
    """A request whose body comes in two halves; its answer."""
    body = json.dumps({"workflow": {"rules": []}}).encode()
    with socket.create_connection(("127.0.0.1", usherd.port),
                                  timeout=PATIENCE) as s:
        s.sendall(b"POST /o/acme/routing/check HTTP/1.1\r\nHost: x\r\n"
                  b"Authorization: Bearer " + token.encode() +
                  b"\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body[:9])
        started.set()
        time.sleep(0.7)
        s.sendall(body[9:])
        answer = b""
        while b'"diagnostics"' not in answer:
            got = s.recv(65536)
            if not got:
                break
            answer += got
        return answer


def drain():
    """What is under way is answered; nobody else is."""
    for number in signal.SIGTERM, signal.SIGINT:
        usherd = Usherd()
        token = usherd.token("acme", "ana@example.com", "manager")
        started, answers = threading.Event(), []
        thread = threading.Thread(target=lambda: answers.append(
            slow_call(usherd, token, started)))
        thread.start()
        started.wait(PATIENCE)
        time.sleep(0.2)
        port = usherd.port
        usherd.signal(number)
        thread.join(PATIENCE)
        same(usherd.wait(), 0, "signal %d ends it, with 0" % number)
        ok(answers and answers[0].startswith(b"HTTP/1.1 200"),
           "what was under way is answered") or note(answers)
        try:
            ask(port, "GET", "/healthz", timeout=2)
            ok(False, "nobody listens any more")
        except OSError:
            ok(True, "nobody listens any more")
        usherd.__exit__(None)
    usherd = Usherd(lines="drain-seconds = 1")
    with socket.create_connection(("127.0.0.1", usherd.port)) as s:
        s.sendall(b"GET /healthz HT")
        time.sleep(0.1)
        begin = time.monotonic()
        same(usherd.stop(), 0, "who sends nothing more does not hold it")
        ok(time.monotonic() - begin < 8, "for long")
    usherd.__exit__(None)


def reload():
    usherd = Usherd(start=False)
    rules = usherd.write("rules.usher", RULES)
    usherd.write_conf({"acme": {"rules": rules, "rules-follow": True}},
                      {"acme": {"users": {}}}, "")
    with usherd:
        usherd.start()
        token = usherd.token("acme", "ana@example.com", "viewer")

        def version():
            return usherd.get("/o/acme/routing", token).json["id"]

        def figure(name):
            return int(re.search(r"^%s{.*} (\d+)$" % name,
                                 usherd.get("/metrics").text,
                                 re.M).group(1))

        same(version(), "v1", "followed rules are there")
        usherd.write("rules.usher", RULES.replace("rule all", "rule most"))
        usherd.signal(signal.SIGHUP)
        ok(eventually(lambda: version() == "v2"), "SIGHUP reads them again")
        usherd.write("rules.usher", BROKEN)
        usherd.signal(signal.SIGHUP)
        ok(usherd.wait_log("nobudy"), "broken ones are complained of")
        same(version(), "v2", "and the old ones stay")
        same(figure("usher_files_trouble"), 1, "the figures say it")
        same(usherd.get("/readyz").json,
             {"status": "ready", "trouble": ["acme"]}, "and so does /readyz")
        usherd.write("rules.usher", RULES)
        ok(eventually(lambda: version() == "v3"),
           "a change is seen without a signal")
        ok(eventually(lambda: figure("usher_files_trouble") == 0),
           "and the trouble is over")
        usherd.write("directory-acme.json", {"users": {
            "ana@example.com": {"name": "Ana"}}})
        ok(eventually(lambda: figure("usher_directory_users") == 1),
           "the directory is followed, too")


def privileges():
    """HTTPS with a key that only root can read, served by nobody."""
    usherd = Usherd(start=False)
    key, cert = usherd.path("key.pem"), usherd.path("cert.pem")
    made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
               "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
               "-keyout", key, "-out", cert)
    same(made[0], 0, "there is a certificate")
    usherd.flags += ["--tls-cert", cert, "--tls-key", key]
    root = os.geteuid() == 0
    if root:
        for folder in usherd.folder, os.path.dirname(usherd.folder):
            if not os.stat(folder).st_mode & 1:
                os.chmod(folder, 0o711)
        usherd.flags += ["--user", "nobody"]
    with usherd:
        usherd.start()
        context = ssl.create_default_context(cafile=cert)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", usherd.port, context=context, timeout=PATIENCE)
        connection.request("GET", "/orgs/acme")
        found = json.loads(connection.getresponse().read())
        connection.close()
        same(found["config"]["appUrl"],
             "https://127.0.0.1:%d" % usherd.port, "HTTPS is spoken")
        if not root:
            skip("privileges are dropped", "there are none")
            return
        status = open("/proc/%d/status" % usherd.process.pid,
                      encoding="ascii").read()
        nobody = pwd.getpwnam("nobody")
        for name, number in ("Uid", nobody.pw_uid), ("Gid", nobody.pw_gid):
            same(re.search(r"^%s:\s+(.*)$" % name, status, re.M).group(1)
                 .split(), [str(number)] * 4, name + " is nobody's, for good")
        ok(re.search(r"^CapEff:\s+0+$", status, re.M), "no privilege is left")
        ok(re.search(r"^NoNewPrivs:\s+1$", status, re.M), "and none comes")
        owners = {os.stat(os.path.join(usherd.data, name)).st_uid
                  for name in os.listdir(usherd.data)}
        same(owners, {nobody.pw_uid}, "store and keys are nobody's")


def supervised():
    """What systemd would see: readiness, sockets, the end."""
    usherd = Usherd(start=False)
    path = usherd.path("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, \
            socket.socket() as listener:
        notify.bind(path)
        notify.settimeout(PATIENCE)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        # LISTEN_PID must be the daemon's, so a shell puts it there.
        usherd.process = subprocess.Popen(
            ["sh", "-c", 'exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 '
             'exec "$0" "$@"' % listener.fileno(), USHERD, "-f",
             usherd.conf], pass_fds=[listener.fileno()],
            env=dict(os.environ, NOTIFY_SOCKET=path),
            stdout=subprocess.PIPE, stderr=open(usherd.log, "ab"))
        with usherd:
            usherd.wait_ready()
            first = notify.recv(4096)
            if not ok(b"READY=1" in first, "the supervisor is told"):
                note(first)
            same(usherd.port, listener.getsockname()[1],
                 "a socket that was passed is used")
            same(usherd.get("/healthz").status, 200, "and answered on")
            ok(eventually(lambda: b"WATCHDOG=1" in notify.recv(4096)),
               "the watchdog is fed")
            usherd.signal(signal.SIGTERM)
            ok(eventually(lambda: b"STOPPING=1" in notify.recv(4096)),
               "and the end is told")


def main():
    help_and_version()
    bad_flags()
    with Usherd(start=False) as usherd:
        bad_files(usherd)
        check_only(usherd)
        broken_start(usherd)
    ready()
    metrics_and_discovery()
    log_formats()
    drain()
    reload()
    privileges()
    if os.environ.get("USHER_SYSTEMD") != "no":
        supervised()
    done()


main()
