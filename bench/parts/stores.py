# SPDX-License-Identifier: Apache-2.0
"""Others that make a record durable before they answer. Each has measure():
for some seconds, 64 clients put records of 1 KiB under keys of their own."""
import base64
import csv
import glob
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

import rig
from rig import CONNECTIONS

VALUE = 1024  # bytes; a request is stored in about as many


class Single:
    """LMDB, each record in a transaction of its own. There is one writer at a
    time, so that one client has all that many would."""

    def __init__(self):
        self.folder = None

    def missing(self):
        return None

    def version(self):
        return None

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="bench-")

    def stop(self):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def measure(self, seconds):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            before = rig.spent_by_children()
            made = json.loads(rig.run(rig.program("single"), folder, seconds))
            spent = rig.spent_by_children() - before
        made["cpu_us"] = spent * 1e6 / max(1, made["records"])
        return made


class Postgres(rig.Service):
    """A cluster as initdb makes it. pgbench is the client, over TCP as all
    others are."""
    ends_with = signal.SIGINT  # it does not wait for its clients
    table = ("create table record (id bigint generated always as identity "
             "primary key, body text not null)")
    insert = "insert into record (body) values (:body);\n"

    def program(self, name):
        found = glob.glob("/usr/lib/postgresql/*/bin/" + name)
        return max(found, default=None, key=lambda path: float(
            path.split("/")[4]))

    def missing(self):
        for name in ("initdb", "pgbench"):
            if not self.program(name):
                return "PostgreSQL (%s) is not installed" % name
        return None

    def version(self):
        return rig.run(self.program("postgres"), "--version").strip()

    def account(self):
        """It refuses to be root."""
        if os.getuid() != 0:
            return {}
        one = pwd.getpwnam("nobody")
        return {"user": one.pw_uid, "group": one.pw_gid, "extra_groups": []}

    def prepare(self):
        account = self.account()
        if account:
            os.chown(self.folder, account["user"], account["group"])
        rig.run(self.program("initdb"), "-D", self.path("data"), "-A",
                "trust", "-U", "bench", "-E", "UTF8", "--locale=C",
                cwd=self.folder, **account)

    def command(self):
        return [self.program("postgres"), "-D", self.path("data"), "-p",
                self.port, "-c", "listen_addresses=127.0.0.1", "-c",
                "unix_socket_directories="]

    def where(self):
        return ["-h", "127.0.0.1", "-p", self.port, "-U", "bench", "postgres"]

    def ready(self):
        end = time.monotonic() + self.patience
        while subprocess.run(
                [str(word) for word in (
                    self.program("pg_isready"), *self.where()[:4])],
                check=False, stdout=subprocess.DEVNULL).returncode:
            if time.monotonic() > end:
                raise RuntimeError("PostgreSQL is not ready in time")
            time.sleep(0.05)
        rig.run(self.program("psql"), "-q", "-c", self.table, *self.where())
        self.write("insert.sql", self.insert)

    def bench(self, seconds):
        # Its seconds begin before its clients are connected, which may take
        # all of them on a busy machine; its rate does not.
        for patience in (1, 10, 60):
            text = rig.run(
                self.program("pgbench"), "-n", "-c", CONNECTIONS, "-j", 1,
                "-M", "prepared", "-T", round(seconds) + patience, "-f",
                self.path("insert.sql"), "-D", "body=" + "x" * VALUE, "-l",
                "--log-prefix=" + self.path("times"), *self.where(),
                stderr=subprocess.DEVNULL)
            times = self.read_times()
            rate = re.search(r"^tps = ([0-9.]+)", text, re.MULTILINE)
            if rate and times:
                return {"requests": len(times), "per_s": float(rate.group(1)),
                        "p50_us": times[len(times) // 2],
                        "p99_us": times[len(times) * 99 // 100]}
        raise RuntimeError("pgbench has no figures:\n" + text)

    def read_times(self):
        """How long each took, in µs and in order."""
        times = []
        for path in glob.glob(self.path("times*")):
            with open(path, encoding="ascii") as file:
                times += [int(line.split()[2]) for line in file]
            os.remove(path)
        return sorted(times)

    def measure(self, seconds):
        return rig.metered(self.process.pid, lambda: self.bench(seconds))


class Etcd(rig.Service):
    """One member. Its clients speak gRPC (bench/peers/etcd, if Go is there to
    build it) or HTTP and JSON: those that get more done."""
    source = os.path.join(rig.TOP, "bench", "peers", "etcd")

    def __init__(self):
        super().__init__()
        self.bench = self.runs = None

    def missing(self):
        return None if rig.find("etcd") else "etcd is not installed"

    def version(self):
        text = rig.run(rig.find("etcd"), "--version").splitlines()[0]
        return text + (", by gRPC" if self.bench == self.bench_grpc else
                       ", by its JSON gateway")

    def command(self):
        us = "http://127.0.0.1:%d" % self.port
        peer = "http://127.0.0.1:%d" % rig.free_port()
        return [rig.find("etcd"), "--data-dir", self.path("data"),
                "--log-level", "error", "--listen-client-urls", us,
                "--advertise-client-urls", us, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster",
                "default=" + peer]

    def ready(self):
        self.runs = 0
        ways = [self.bench_json]
        if self.build():
            ways.append(self.bench_grpc)
        self.bench = max(ways, key=lambda way: way(1)["per_s"])

    def build(self):
        if not rig.find("go"):
            rig.tell("durable: etcd: Go is not installed: only HTTP and JSON")
            return False
        built = subprocess.run(
            [rig.find("go"), "build", "-o", rig.program("etcd-put"), "."],
            cwd=self.source, check=False)
        if built.returncode:
            rig.tell("durable: etcd: the client of gRPC was not built")
        return built.returncode == 0

    def bench_grpc(self, seconds):
        return json.loads(rig.run(
            rig.program("etcd-put"), "127.0.0.1:%d" % self.port, CONNECTIONS,
            seconds, VALUE))

    def bench_json(self, seconds):
        self.runs += 1
        # Any digits are good base64; nine @ become the request's number.
        body = json.dumps({
            "key": "run%020d" % self.runs + "@" * 9,
            "value": base64.b64encode(b"x" * VALUE).decode()})
        return rig.load("-s", seconds, "-p", "/v3/kv/put", "-b",
                        self.write("body", body + "\n"), "-e", "revision",
                        self.port, "-", "-")

    def measure(self, seconds):
        return rig.metered(self.process.pid, lambda: self.bench(seconds))


class Redis(rig.Service):
    """It writes its log through before each answer (appendfsync always)."""
    guess = 10000  # requests a second, until it was measured

    def missing(self):
        for name in ("redis-server", "redis-benchmark"):
            if not rig.find(name):
                return name + " is not installed"
        return None

    def version(self):
        return rig.run(rig.find("redis-server"), "--version").split(
            " sha=")[0]

    def command(self):
        return [rig.find("redis-server"), "--port", self.port, "--bind",
                "127.0.0.1", "--dir", self.folder, "--appendonly", "yes",
                "--appendfsync", "always", "--save", ""]

    def ready(self):
        self.guess = self.bench(1)["per_s"]

    def bench(self, seconds):
        count = max(1000, int(self.guess * seconds))
        rows = list(csv.DictReader(rig.run(
            rig.find("redis-benchmark"), "-p", self.port, "-c", CONNECTIONS,
            "-n", count, "-d", VALUE, "-r", 1000000000, "-t", "set",
            "--csv").splitlines()))
        return {"requests": count, "per_s": float(rows[0]["rps"]),
                "p50_us": 1000 * float(rows[0]["p50_latency_ms"]),
                "p99_us": 1000 * float(rows[0]["p99_latency_ms"])}

    def measure(self, seconds):
        return rig.metered(self.process.pid, lambda: self.bench(seconds))
