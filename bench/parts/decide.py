# SPDX-License-Identifier: Apache-2.0
"""Deciding over HTTP: one core serves, the other asks."""
import json
import os
import subprocess

import company
import rig
from rig import CONNECTIONS
from sheet import Sheet

RULES = 10000
PATH = "/o/acme/routing/decide"
CHECKED = 200

LABELS = {
    "decide/usherd": "usherd, decide under 10,000 rules",
    "decide/echo": "evhttp and json-c, echo",
    "decide/nginx": "nginx, `return 200`",
}


class Echo(rig.Service):
    """bench/echo: reads and writes the same bodies, and does nothing else."""

    def version(self):
        return None

    def command(self):
        return [rig.program("echo"), self.port]


class Nginx(rig.Service):
    """It looks at no body, and answers with two bytes."""

    def missing(self):
        return None if rig.find("nginx") else "nginx is not installed"

    def version(self):
        return rig.run(rig.find("nginx"), "-v",
                       stderr=subprocess.STDOUT).strip()

    def prepare(self):
        root = "user root;\n" if os.getuid() == 0 else ""
        temporary = "".join(
            "%s_temp_path %s;\n" % (kind, self.path(kind)) for kind in (
                "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.write("nginx.conf", root + """
worker_processes 1;
daemon off;
pid %s;
events { worker_connections 1024; }
http {
%s
access_log off;
keepalive_requests 1000000000;
keepalive_timeout 3600;
client_header_buffer_size 16k;
default_type application/json;
server {
listen 127.0.0.1:%d;
location / { return 200 "{}"; }
}
}
""" % (self.path("pid"), temporary, self.port))

    def command(self):
        return [rig.find("nginx"), "-p", self.folder, "-e", "stderr", "-c",
                self.path("nginx.conf")]


def workload(folder):
    """The shared workload, or one like it that is made in the folder: the
    file of rules, the lines of the requests, and those of the answers that
    are expected, as far as they are known."""
    shared = os.path.join(os.environ.get("USHER_SHARED") or os.path.join(
        rig.TOP, "..", "shared"), "workload", str(RULES))
    if os.path.isdir(shared):
        folder = shared
    else:
        rig.run(rig.program("generate"), "--rules", RULES, folder)
    lines = {"requests": [], "expected": []}
    for name in lines:
        path = os.path.join(folder, name + ".jsonl")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                lines[name] = file.read().splitlines()
    return (os.path.join(folder, "rules.json"), lines["requests"],
            lines["expected"])


def check(daemon, bodies, expected):
    """First that it is right, then how fast."""
    for body, want in list(zip(bodies, expected))[:CHECKED]:
        got = daemon.post(PATH, body, daemon.owner,
                          {"Content-Type": "application/json"})
        if got.json != json.loads(want):
            raise RuntimeError("%s\nis decided as %s\nand should be %s" % (
                body, got.text, want))


def measure(what, pid, port, files, seconds):
    expect = ["-e", "outcome"] if what == "decide/usherd" else []
    with rig.on_core(1):
        made = rig.metered(pid, lambda: rig.load(
            "-s", seconds, "-p", PATH, "-b", files["bodies"], *expect, port,
            "acme", files["token"]))
    # A server with time to spare waited for the load generator, which sleeps
    # when it has nothing to do: one that polls takes more from a server on
    # the next core, which may be half of the same, than it spares it.
    made["busy"] = made["cpu_us"] * made["per_s"] / 1e4
    made["per_core_s"] = 1e6 / max(1e-3, made["cpu_us"])
    return made


def rounds(daemon, peers, files, options, sheet):
    pids = {"decide/usherd": (daemon.process.pid, daemon.port)}
    pids.update((what, (peer.process.pid, peer.port))
                for what, peer in peers.items())
    rig.tell("decide: warming up")
    for what, at in pids.items():
        measure(what, *at, files, min(1, options.seconds))
    for number in range(options.rounds):
        rig.tell("decide: round %d of %d" % (number + 1, options.rounds))
        for what in rig.turned(pids, number):
            sheet.add(what, number, measure(what, *pids[what], files,
                                            options.seconds))


def show(sheet, peers):
    sheet.show("one server core, %d connections" % CONNECTIONS, [
        ("per second", "per_s", 0), ("p50 µs", "p50_us", 0),
        ("p99 µs", "p99_us", 0), ("server CPU, µs", "cpu_us", 1),
        ("of its core, %", "busy", 0),
        ("client CPU, µs", "load_us", 1),
        ("bytes of an answer", "answer_bytes", 0), ("wrong", "errors", 0)])
    rig.show_versions(peers)
    sheet.hold("decide")
    sheet.tell("decide/usherd", "decide/nginx", "per_core_s",
               "per second of server CPU")


def run(options, file):
    sheet = Sheet(LABELS, file)
    peers = {"decide/echo": Echo(), "decide/nginx": Nginx()}
    with company.Daemon(lines="loops = 1\n") as daemon:
        workflow, requests, expected = workload(daemon.path("workload"))
        daemon.use(workflow)
        with rig.on_core(0):
            daemon.start()
        bodies = ["{\"request\":%s}" % line for line in requests]
        check(daemon, bodies, expected)
        files = {"bodies": daemon.write("bodies", "\n".join(bodies) + "\n"),
                 "token": daemon.first}
        try:
            with rig.on_core(0):
                rig.begin("decide", peers)
            rounds(daemon, peers, files, options, sheet)
        finally:
            for peer in peers.values():
                peer.stop()
    show(sheet, peers)
