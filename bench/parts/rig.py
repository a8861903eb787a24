# SPDX-License-Identifier: Apache-2.0
"""What the parts of bench/daemon share: programs, processes, cores, ports."""
import atexit
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
CONNECTIONS = 64
TICK = os.sysconf("SC_CLK_TCK")

_build = None


def prepare(usherd):
    """Programs are beside usherd; so is all that is written, for the file
    system counts."""
    global _build
    usherd = os.path.abspath(usherd)
    _build = os.path.dirname(usherd)
    os.environ["USHERD"] = usherd
    tempfile.tempdir = _build
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


def tell(text):
    print(text, file=sys.stderr, flush=True)


def program(name):
    return os.path.join(_build, "bench", name)


def find(name):
    """A program of the system, or None."""
    return shutil.which(name, path=os.environ.get("PATH", "") +
                        ":/usr/sbin:/sbin")


def run(*command, check=True, **more):
    made = subprocess.run([str(word) for word in command], check=False,
                          stdout=subprocess.PIPE, encoding="utf-8", **more)
    if check and made.returncode != 0:
        raise RuntimeError("%s: status %d" % (command[0], made.returncode))
    return made.stdout


def load(*options):
    """The load generator's figures; its options, port, org and tokens. It
    says itself what was wrong, and counts it."""
    return json.loads(run(program("load"), "-c", CONNECTIONS, *options,
                          check=False))


def machine():
    """What it is, in a line."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(": ")[1].strip() for line in file
                      if line.startswith("model name")), "unknown processor")
    kind = run("df", "--output=fstype", _build).split()[-1]
    return "%d × %s, Linux %s, %s" % (
        len(os.sched_getaffinity(0)), model, os.uname().release, kind)


def warn_of_others():
    cores, busy = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    if busy > cores / 4:
        tell("other work is on this machine (load %.1f): figures of one "
             "round can be compared, others hardly" % busy)


# --- Cores ----------------------------------------------------------------

@contextlib.contextmanager
def on_core(number):
    """What is started here runs on this core alone, if there are two."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[number % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _stat(pid):
    """(parent, ticks) of a process with its children that are gone."""
    with open("/proc/%d/stat" % pid, encoding="utf-8",
              errors="replace") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return int(words[1]), sum(int(word) for word in words[11:15])


def processor(pid):
    """Seconds of processor that a process and all below it have used."""
    parents, ticks = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(name)], ticks[int(name)] = _stat(int(name))

    def below(one):
        return one == pid or (one in parents and below(parents[one]))
    return sum(value for one, value in ticks.items() if below(one)) / TICK


def metered(pid, work):
    """work's figures, with the processor time of each of its requests."""
    before = processor(pid)
    made = work()
    made["cpu_us"] = (processor(pid) - before) * 1e6 / max(
        1, made["requests"])
    return made


def spent_by_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- Services -------------------------------------------------------------

def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Service:
    """A server in a folder of its own, on a free port; stopped, whatever
    happens. A peer says in missing() why it cannot be had, or None."""
    ends_with = signal.SIGTERM
    patience = 30

    def __init__(self):
        self.folder = self.process = self.port = None
        atexit.register(self.stop)

    def missing(self):
        return None

    def command(self):
        raise NotImplementedError

    def prepare(self):
        """Once the folder is there, before the server starts."""

    def account(self):
        """Whom the server is run as: arguments of Popen."""
        return {}

    def ready(self):
        """Once the server listens."""

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="bench-")
        self.port = free_port()
        self.prepare()
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in self.command()], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                **self.account())
        self.wait_listening()
        self.ready()

    def wait_listening(self):
        end = time.monotonic() + self.patience
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        with open(self.path("log"), encoding="utf-8",
                  errors="replace") as log:
            raise RuntimeError("it does not listen:\n" + log.read()[-2000:])

    def stop(self):
        if self.process:
            self.process.send_signal(self.ends_with)
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()


def begin(part, peers):
    """Starts those of a dict that are there; the others leave it."""
    for what, peer in list(peers.items()):
        why = peer.missing()
        if why:
            tell("%s: %s: skipped: %s" % (part, what, why))
            del peers[what]
        else:
            peer.start()


def turned(names, number):
    """Who comes first in a round must not always be the same."""
    names = list(names)
    first = number % len(names)
    return names[first:] + names[:first]


def show_versions(peers):
    versions = [peer.version() for peer in peers.values()]
    print("; ".join(one for one in versions if one) + "\n")
