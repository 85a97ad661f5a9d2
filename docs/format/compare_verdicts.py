#!/usr/bin/env python3
"""Compares what another implementation thinks of damaged things with what tally_verify.py thinks.

    python3 docs/format/compare_verdicts.py FILE

FILE has one JSON object a line: something (`of`), its bytes, and the other's verdict (`is`). What
the two differ about is printed, at most 20 of it. `make differential` writes such a file.

Exit codes: 0 they agree, 1 they differ, 64 usage or unreadable input.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Dict, List, Optional

import tally_verify as tally
from tally_verify import Fact, Refused

EXIT_OK, EXIT_DIFFER, EXIT_USAGE = 0, 1, 64

SHOWN = 20


def main(arguments: List[str]) -> int:
    if len(arguments) != 1:
        print("usage: compare_verdicts.py FILE", file=sys.stderr)
        return EXIT_USAGE
    try:
        with open(arguments[0], encoding="utf-8") as file:
            return compare([json.loads(line) for line in file])
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments[0]}: {error!r}", file=sys.stderr)
        return EXIT_USAGE


def compare(opinions: List[Dict[str, Any]]) -> int:
    differing = 0
    for number, opinion in enumerate(opinions, start=1):
        verdict = VERDICTS[opinion["of"]](opinion)
        if verdict == opinion["is"]:
            continue
        differing += 1
        if differing <= SHOWN:
            print(f"line {number}: {opinion['is']!r} there, {verdict!r} here")
    print(f"{len(opinions)} compared, {differing} differ")
    return EXIT_DIFFER if differing else EXIT_OK


def approval(opinion: Dict[str, Any]) -> str:
    try:
        read = tally.decode_approval(bytes.fromhex(opinion["bytes"]))
    except Refused:
        return "refused"
    return "signed" if read.is_signed_by(bytes.fromhex(opinion["key"])) else "not signed"


def certificate(opinion: Dict[str, Any]) -> str:
    try:
        read = tally.Certificate.decode(bytes.fromhex(opinion["bytes"]))
    except Refused:
        return "refused"
    return " ".join(check.name for check in tally.CertificateVerifier(read).checks()
                    if check.faults)


def clear_event(opinion: Dict[str, Any]) -> str:
    try:
        tally.decode_clear_json(bytes.fromhex(opinion["bytes"]), opinion["kind"])
    except Refused:
        return "refused"
    return "fits"


def decisions(opinion: Dict[str, Any]) -> List[Optional[str]]:
    ledger_id, own_tenant, tenant = (
        bytes.fromhex(opinion[name]) for name in ("ledger", "own_tenant", "tenant"))
    own = tally.DecisionFold(ledger_id, own_tenant, True)
    faults = [fault(own, told) for told in opinion["own"]]
    fold = tally.DecisionFold(ledger_id, tenant, False, own.operators)
    return faults + [fault(fold, told) for told in opinion["events"]]


def fault(fold: tally.DecisionFold, told: Dict[str, Any]) -> Optional[str]:
    """Why an event does not stand; None when it does."""
    try:
        content = tally.parse_canonical_json(bytes.fromhex(told["text"]))
    except Refused:
        content = None
    if not isinstance(content, dict):
        return "no text of an event"
    return fold.add(Fact(told["kind"], told["position"], told["recorded_at"], content))


VERDICTS = {"approval": approval, "certificate": certificate, "clear event": clear_event,
            "decisions": decisions}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
