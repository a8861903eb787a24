# SPDX-License-Identifier: Apache-2.0
"""What must hold of the daemon: rows beside a base in the same round."""
import collections

Row = collections.namedtuple(
    "Row", "what base figure words bar most part")
BARS = tuple(Row(*row) for row in (
    ("decide/usherd", "decide/echo", "per_s",
     "HTTP decisions a second : echo", 1.5, False, "decide"),
    ("decide/usherd", "decide/nginx", "per_s",
     "HTTP decisions a second : nginx `return 200`", 0.6, False, "decide"),
    ("decide/usherd", "decide/echo", "cpu_us",
     "server CPU of a decision : echo", 0.65, True, "decide"),
    ("durable/usherd", "durable/postgresql", "per_s",
     "durable requests a second : PostgreSQL inserts", 1.2, False, "durable"),
    ("durable/usherd", "durable/etcd", "per_s",
     "durable requests a second : etcd puts", 1.8, False, "durable"),
    ("durable/usherd", "durable/lmdb", "per_s",
     "durable requests a second : LMDB, one at a time", 6, False, "durable"),
    ("expire/ending", "expire/usual", "p99_us",
     "p99 of requests while 100,000 grants end : usual", 2, True, "expire"),
))
