"""Puts the public symbols of the modules below Tallystick under its name, for `make docs`.

Tallystick passes their types on, so a reader who imports it finds them there; DocC by itself would
show a module of their own for each, and no link from an article would lead to them.
"""

import json
import pathlib
import sys

MODULES = [
    "Tallystick", "TallyCore", "TallyStore", "TallyReplay", "TallyDecisions", "TallyEvidence",
    "TallyVault", "TallyTesting",
]


def read(folder, name):
    """The symbol graphs of a module: its own, and those of what it adds to other modules."""
    for path in sorted(folder.glob(f"{name}*.symbols.json")):
        stem = path.name.removesuffix(".symbols.json")
        if stem == name or stem.startswith(name + "@"):
            yield json.loads(path.read_text())


def merged(folder):
    """One graph of all public symbols."""
    whole = None
    known = set()
    for name in MODULES:
        for graph in read(folder, name):
            if whole is None:
                whole = {**graph, "symbols": [], "relationships": []}
            for symbol in graph["symbols"]:
                identifier = symbol["identifier"]["precise"]
                if identifier not in known:
                    known.add(identifier)
                    whole["symbols"].append(symbol)
            whole["relationships"] += graph["relationships"]
    if whole is None:
        sys.exit(f"{folder} has no symbol graph of Tallystick: swift package dump-symbol-graph")
    return whole


def main():
    source, target = (pathlib.Path(path) for path in sys.argv[1:3])
    target.mkdir(parents=True, exist_ok=True)
    graph = merged(source)
    (target / "Tallystick.symbols.json").write_text(json.dumps(graph))
    print(f"{len(graph['symbols'])} public symbols")


if __name__ == "__main__":
    main()
