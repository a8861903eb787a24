# SPDX-License-Identifier: Apache-2.0
"""The file of results: sections, each with the rows of one producer.

A producer makes flat rows, one for each thing that it measured in a round:
{"round": 2, "rules": 1000, ..., "p50_ns": 812}. What names the thing is in
KEYS; other numbers are figures. Of each figure the file holds every round, the
median, the least and the most; ratios are taken inside of a round."""
import datetime
import json
import os
import platform
import statistics
import subprocess

KEYS = {
    "decisions": ("kind", "rules"),
    "growth": ("kind", "from", "to"),
    "steady": ("kind", "rules"),
    "load": ("rules",),
    "peers": ("peer", "version", "rules"),
    "daemon": ("what",),
}
# What of that changes from one run to another, and names the same thing.
CHANGES = {"peers": ("version",)}
# Of figures of the same row: what it is called, above, below.
RATIOS = {
    "decisions": (("usher_per_floor", "usher_p50_ns", "floor_p50_ns"),
                  ("loop_per_usher", "loop_p50_ns", "usher_p50_ns")),
    "growth": (("time_per_candidates", "time", "candidates"),),
    "load": (("ready_per_patterns", "ready_cpu_ms", "patterns_cpu_ms"),),
    "peers": (("peer_per_usher", "p50_ns", "usher_p50_ns"),),
}


def first_line(*command):
    try:
        made = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        return made.stdout.decode().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def machine():
    """What it is, without its name; and whether it does other work."""
    made = {"cpu": platform.processor(), "cores": os.cpu_count(),
            "system": "%s %s" % (platform.system(), platform.release()),
            "compiler": first_line(os.environ.get("CC", "cc"), "--version"),
            "pcre2": first_line("pkg-config", "--modversion", "libpcre2-8"),
            "load_average": round(os.getloadavg()[0], 1)}
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            made["cpu"] = next(line.split(":")[1].strip() for line in file
                               if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return made


def rounded(value):
    """Four digits are more than a round is good for."""
    return float("%.4g" % value) if isinstance(value, float) else value


def summary(values):
    return {"median": rounded(statistics.median(values)),
            "min": rounded(min(values)), "max": rounded(max(values)),
            "rounds": [rounded(value) for value in values]}


def is_figure(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def gather(section, rows):
    """Flat rows of all rounds to one row for each thing."""
    found = {}
    for row in sorted(rows, key=lambda row: row["round"]):
        key = tuple(row.get(name) for name in KEYS[section])
        found.setdefault(key, []).append(dict(row))
    made = []
    for key, rounds in found.items():
        figures = {}
        for row in rounds:
            for name, above, below in RATIOS.get(section, ()):
                if row.get(above) and row.get(below):
                    row[name] = row[above] / row[below]
        for name in {name: 0 for row in rounds for name in row}:
            values = [row.get(name) for row in rounds]
            if name not in KEYS[section] + ("round",) and \
                    all(map(is_figure, values)):
                figures[name] = summary(values)
        made.append(dict(zip(KEYS[section], key),
                         rounds=[row["round"] for row in rounds],
                         figures=figures))
    return made


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def commit():
    """What was measured, if this is a clone."""
    return first_line("git", "-C", os.path.dirname(os.path.abspath(__file__)),
                      "rev-parse", "--short", "HEAD")


def record(path, section, rows):
    """Rows that were measured anew take the place of their old ones; each
    says when that was and of which commit, the section on which machine it
    was last."""
    results = load(path)
    today = datetime.date.today().isoformat()
    new = [dict(row, when=today, commit=commit())
           for row in gather(section, rows)]

    def key(row):
        return [row.get(name) for name in KEYS[section]
                if name not in CHANGES.get(section, ())]
    keys = [key(row) for row in new]
    before = results.get(section, {})
    old = [dict({"when": before["when"]}, **row)
           for row in before.get("rows", []) if key(row) not in keys]
    results[section] = {"when": today, "machine": machine(),
                        "rows": old + new}
    text = json.dumps({name: results[name] for name in KEYS
                       if name in results}, indent=1, ensure_ascii=False)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(one_line_lists(text) + "\n")
    os.replace(path + ".new", path)


def one_line_lists(text):
    """The rounds of a figure on one line."""
    lines, inside = [], False
    for line in text.splitlines():
        if inside:
            lines[-1] += line.strip() + (" " if line.endswith(",") else "")
            inside = not line.strip().startswith("]")
        else:
            lines.append(line)
            inside = line.endswith("\"rounds\": [")
    return "\n".join(lines)
