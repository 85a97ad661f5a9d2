#!/usr/bin/env python3
"""Draws what the benchmarks of restores printed: time against changes and others' data.

    TallyBenchmark restore > restore.txt; benchmarks/pitr/run > pitr.txt
    python3 benchmarks/pitr/plot.py restore.txt pitr.txt > docs/figures/restores.svg
"""

from __future__ import annotations

import html
import math
import re
import sys
from typing import Dict, List, Tuple

Series = Dict[str, List[Tuple[float, float]]]

CHANGES = re.compile(r"restore of (\d+) streams in \d+ events  plan (\d+) ms, apply (\d+) ms")
OTHERS = re.compile(r"others x(\d+) .*one tenant plan (\d+) ms, apply (\d+) ms.*cluster ([\d.]+) s")
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 460, 300, 60, 40, 120, 50
COLOURS = ("#0b6e4f", "#b23a48")


def scale(value: float, low: float, high: float, start: float, end: float) -> float:
    """The place of a value on a logarithmic axis of whole decades."""
    share = (math.log10(value) - low) / (high - low)
    return start + share * (end - start)


def decades(values: List[float]) -> Tuple[int, int]:
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def number(decade: int) -> str:
    return f"{10 ** decade:,}" if decade >= 0 else f"{10.0 ** decade:g}"


def chart(title: str, axis: str, series: Series, across: float) -> List[str]:
    """One chart with two logarithmic axes; the vertical one is seconds."""
    points = [point for line in series.values() for point in line]
    (x0, x1), (y0, y1) = decades([x for x, _ in points]), decades([y for _, y in points])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    out = [f'<g transform="translate({across} 0)">',
           f'<text x="{LEFT}" y="20" font-weight="bold">{html.escape(title)}</text>']
    for decade in range(x0, x1 + 1):
        x = scale(10.0 ** decade, x0, x1, LEFT, right)
        out.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#ddd"/>'
                   f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
                   f'{number(decade)}</text>')
    for decade in range(y0, y1 + 1):
        y = scale(10.0 ** decade, y0, y1, bottom, TOP)
        out.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
                   f'{number(decade)} s</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 12}" '
               f'text-anchor="middle">{html.escape(axis)}</text>')
    for (name, line), colour in zip(series.items(), COLOURS):
        places = [(scale(x, x0, x1, LEFT, right), scale(y, y0, y1, bottom, TOP)) for x, y in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        x, y = places[-1]
        label = html.escape(name)
        out.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{label}</text>')
    return out + ["</g>"]


def main() -> None:
    text = "".join(open(path, encoding="utf-8").read() for path in sys.argv[1:])
    changes = [(float(count), (int(plan) + int(apply)) / 1000)
               for count, plan, apply in CHANGES.findall(text)]
    others = [(float(factor), (int(plan) + int(apply)) / 1000, float(cluster))
              for factor, plan, apply, cluster in OTHERS.findall(text)]
    if not changes or not others:
        sys.exit("there are no figures of both benchmarks in these files")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{HEIGHT}" '
          f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>')
    print("\n".join(chart("Restore, against what changed since", "streams that changed",
                          {"plan and apply": changes}, 0)))
    print("\n".join(chart("1,000 streams, against data of others", "data of other tenants, times",
                          {"one tenant": [(x, y) for x, y, _ in others],
                           "whole cluster": [(x, y) for x, _, y in others]}, WIDTH)))
    print("</svg>")


if __name__ == "__main__":
    main()
