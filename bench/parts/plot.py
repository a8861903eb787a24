# SPDX-License-Identifier: Apache-2.0
"""Lines over two logarithmic axes, as SVG that is read by day and by night."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 44, 48
COLOURS = ("#2f7ed8", "#d9722b", "#2a9d62", "#c23b6b", "#8a5fd0", "#9a7d1c",
           "#1c98a8", "#7a828c")
DASHES = ("", "7 4", "2 3", "9 3 2 3")
STYLE = """
 .paper { fill: #ffffff } .ink { fill: #20242a } .soft { fill: #59616b }
 .grid { stroke: #d9dde2 } .axis { stroke: #59616b }
 text { font-family: sans-serif; font-size: 12px }
 @media (prefers-color-scheme: dark) {
  .paper { fill: #15181c } .ink { fill: #e8eaed } .soft { fill: #a4acb6 }
  .grid { stroke: #31373e } .axis { stroke: #a4acb6 } }
"""


def number(value):
    """10000 as people write it."""
    if value >= 1:
        return "{:,.0f}".format(value)
    return "%g" % value


class Axis:
    """Whole powers of ten around the values."""

    def __init__(self, values, start, end):
        self.first = math.floor(math.log10(min(values)) + 1e-9)
        self.last = max(self.first + 1,
                        math.ceil(math.log10(max(values)) - 1e-9))
        self.start, self.end = start, end

    def at(self, value):
        part = (math.log10(value) - self.first) / (self.last - self.first)
        return self.start + part * (self.end - self.start)

    def tens(self):
        return [10.0 ** n for n in range(self.first, self.last + 1)]


def text(x, y, words, anchor="start", kind="ink", more=""):
    return "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\"%s>" \
        "%s</text>" % (x, y, anchor, kind, more, escape(words))


def line(x1, y1, x2, y2, kind):
    return "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" " \
        "class=\"%s\"/>" % (x1, y1, x2, y2, kind)


def frame(x, y, across, up):
    made = []
    for value in x.tens():
        made += [line(x.at(value), y.start, x.at(value), y.end, "grid"),
                 text(x.at(value), y.start + 18, number(value), "middle",
                      "soft")]
    for value in y.tens():
        made += [line(x.start, y.at(value), x.end, y.at(value), "grid"),
                 text(x.start - 8, y.at(value) + 4, number(value), "end",
                      "soft")]
    made += [line(x.start, y.start, x.end, y.start, "axis"),
             line(x.start, y.start, x.start, y.end, "axis"),
             text((x.start + x.end) / 2, y.start + 38, across, "middle",
                  "soft"),
             text(x.start - 8, y.end - 12, up, "start", "soft")]
    return made


def curve(points, x, y, index):
    """points: (x, median, least, most), with a bar from least to most."""
    colour, dash = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
    made = ["<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s "
            "points=\"%s\"/>" % (
                colour, " stroke-dasharray=\"%s\"" % dash if dash else "",
                " ".join("%.1f,%.1f" % (x.at(p[0]), y.at(p[1]))
                         for p in points))]
    for at, middle, least, most in points:
        made.append("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
                    "stroke=\"%s\"/>" % (x.at(at), y.at(least), x.at(at),
                                         y.at(most), colour))
        made.append("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>" % (
            x.at(at), y.at(middle), colour))
    return made


def names(series, x, y):
    """Beside the ends of the lines, moved apart where they would touch."""
    ends = sorted((y.at(points[-1][1]), index, name, x.at(points[-1][0]))
                  for index, (name, points) in enumerate(series))
    made, last = [], 0
    for height, index, name, end in ends:
        last = max(height, last + 15)
        colour = COLOURS[index % len(COLOURS)]
        made.append("<polyline fill=\"none\" stroke=\"%s\" opacity=\"0.5\" "
                    "points=\"%.1f,%.1f %.1f,%.1f\"/>" % (
                        colour, end + 4, height, x.end + 10, last))
        made.append(text(x.end + 14, last + 4, name, more=" style=\"fill: %s\""
                         % colour))
    return made


def draw(title, across, up, series):
    """series: (name, points) of at least one point each."""
    points = [point for _, line_of in series for point in line_of]
    x = Axis([p[0] for p in points], LEFT, WIDTH - RIGHT)
    y = Axis([value for p in points for value in p[1:]], HEIGHT - BOTTOM, TOP)
    made = ["<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
            "role=\"img\">" % (WIDTH, HEIGHT),
            "<title>%s</title>" % escape(title),
            "<style>%s</style>" % STYLE,
            "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>" % (
                WIDTH, HEIGHT),
            text(WIDTH / 2, 16, title, "middle", "ink",
                 " font-weight=\"bold\"")]
    made += frame(x, y, across, up)
    for index, (_, line_of) in enumerate(series):
        made += curve(line_of, x, y, index)
    return "\n".join(made + names(series, x, y) + ["</svg>"]) + "\n"
