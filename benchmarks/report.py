"""Puts the figures of results.json into a page: a table, and a plot beside it.

    python3 benchmarks/report.py benchmarks/results.json docs/performance.md

The page has two marks between which the table stands. The plot is written beside the page, as
performance.svg: one bar a figure that has a goal, as long as the figure is of its goal.
"""

import html
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

BEGIN, END = "<!-- figures: make bench-report -->", "<!-- end of figures -->"
WIDTH, LABEL, BAR, ROW = 720, 250, 400, 22

Figure = Dict[str, Any]


def number(value: Optional[float]) -> str:
    """Three significant digits, without exponents."""
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def place_line(place: Dict[str, Any]) -> str:
    return (f"Commit {place['commit']}, {place['date']}: {place['processor']}, "
            f"{place['cores']} cores, {place['gibibytes']} GiB, PostgreSQL {place['postgres']}.")


def row(figure: Figure) -> str:
    alone = figure["arm"] == "itself"
    met = {True: "yes", False: "**no**", None: ""}[figure.get("met")]
    cells = [f"`{figure['name']}`", f"{number(figure['ours'])} {figure['unit']}",
             "" if alone else f"{figure['arm']}: {number(figure['arm_value'])}",
             "" if alone and not figure.get("goal") else number(figure["ratio"]),
             (figure.get("goal") or "").replace(">=", "≥").replace("<=", "≤"), met,
             f"{figure['runs']}, ±{50 * figure['spread']:.0f} %" if figure["runs"] > 1 else "1"]
    return "| " + " | ".join(cells) + " |"


def table(figures: List[Figure]) -> str:
    head = ["| figure | ours | held against | ratio | goal | met | rounds, spread |",
            "|---|---|---|---|---|---|---|"]
    return "\n".join(head + [row(figure) for figure in figures])


def share(figure: Figure) -> float:
    """How far a figure has come to its goal; 1 and more is met."""
    sign, bound = figure["goal"].split()
    return figure["ratio"] / float(bound) if sign == ">=" else float(bound) / figure["ratio"]


def plot(figures: List[Figure]) -> str:
    judged = [figure for figure in figures if figure.get("goal")]
    height = ROW * len(judged) + 40
    goal = LABEL + BAR / 2
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'font-family="sans-serif" font-size="12" role="img" '
             f'aria-label="Figures as parts of their goals">']
    for index, figure in enumerate(judged):
        y, part = ROW * index + 10, share(figure)
        length = min(part, 2) * BAR / 2
        colour = "#2a7f62" if part >= 1 else "#c05a2e"
        lines.append(f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">'
                     f'{html.escape(figure["name"])}</text>')
        lines.append(f'<rect x="{LABEL}" y="{y}" width="{length:.0f}" height="15" '
                     f'fill="{colour}"/>')
        lines.append(f'<text x="{LABEL + length + 6:.0f}" y="{y + 12}">{part:.2f}</text>')
    lines.append(f'<line x1="{goal}" x2="{goal}" y1="4" y2="{height - 24}" stroke="#333" '
                 f'stroke-dasharray="4 3"/>')
    lines.append(f'<text x="{goal}" y="{height - 8}" text-anchor="middle">the goal</text></svg>')
    return "\n".join(lines) + "\n"


def main(results: str, page: str) -> None:
    try:
        measured = json.loads(Path(results).read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"no results in {results} ({error}): run make bench first")
    path = Path(page)
    text = path.read_text()
    if BEGIN not in text or END not in text:
        sys.exit(f"{page} has no marks for figures: {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    picture = path.with_suffix(".svg")
    picture.write_text(plot(measured["figures"]))
    body = "\n\n".join([BEGIN, place_line(measured["place"]), table(measured["figures"]),
                        f"![Figures as parts of their goals]({picture.name})", END])
    path.write_text(before + body + after)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
