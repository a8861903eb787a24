# SPDX-License-Identifier: Apache-2.0
"""The figures of a part of bench/daemon: rows, tables, ratios and bars."""
import json
import statistics

from daemon_bars import BARS


def spread(values, digits):
    """The median, with the least and the most."""
    if not values:
        return ""
    middle, least, most = ("{:,.{}f}".format(value, digits) for value in (
        statistics.median(values), min(values), max(values)))
    return middle if least == most else "%s (%s–%s)" % (middle, least, most)


class Sheet:
    """labels: what is measured, "decide/usherd", and how a table says it.
    file: gets each row as a line of JSON, or None."""

    def __init__(self, labels, file):
        self.labels = dict(labels)
        self.rounds = {what: {} for what in labels}
        self.file = file

    def add(self, what, number, figures):
        self.rounds[what][number] = figures
        if self.file:
            row = {"what": what, "round": number}
            row.update(figures)
            print(json.dumps(row), file=self.file, flush=True)

    def values(self, what, name):
        return [one[name] for one in self.rounds[what].values()
                if name in one]

    def show(self, head, columns):
        """columns: (head, figure, digits). What was not measured has no
        line, and what nobody has no column."""
        there = [what for what in self.labels if self.rounds[what]]
        columns = [column for column in columns
                   if any(any(self.values(what, column[1]))
                          for what in there)]
        print("\n| %s | %s |" % (head, " | ".join(c[0] for c in columns)))
        print("| --- |" + " --- |" * len(columns))
        for what in there:
            print("| %s | %s |" % (self.labels[what], " | ".join(
                spread(self.values(what, name), digits)
                for _, name, digits in columns)))
        print(flush=True)

    def ratios(self, what, base, name):
        """Inside of each round that has both."""
        ours, theirs = self.rounds[what], self.rounds[base]
        return [ours[number][name] / theirs[number][name]
                for number in ours if theirs.get(number, {}).get(name)]

    def tell(self, what, base, name, title, verdict=""):
        """A line: how many times the base it is."""
        ratios = self.ratios(what, base, name)
        if ratios:
            print("* %s : %s, %s: %s%s" % (
                self.labels[what], self.labels[base], title,
                spread(ratios, 2), verdict), flush=True)

    def hold(self, part):
        """The bars of a part, and whether they hold."""
        for bar in BARS:
            if bar.part != part:
                continue
            ratios = self.ratios(bar.what, bar.base, bar.figure)
            if ratios:
                print("* %s: %s%s" % (bar.words, spread(ratios, 2), judged(
                    ratios, bar.bar, bar.most)), flush=True)


def judged(values, bar, most=False):
    """Whether the median is at least (most: at most) the bar."""
    value = statistics.median(values)
    return "; bar %s %.3g: %s" % (
        "≤" if most else "≥", bar,
        "holds" if (value <= bar if most else value >= bar) else "MISSED")
