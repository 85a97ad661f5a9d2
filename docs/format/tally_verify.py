#!/usr/bin/env python3
"""Checks what Tallystick has recorded, and shares no code with Tallystick.

    tally_verify.py log FILE [--allow-missing checkpoints,witnesses]
    tally_verify.py certificate FILE

`log` reads a dump of one tenant's log, as JSON Lines, and names the events that were altered,
moved, removed, repeated or back-dated, and the parts that are missing without a recorded
destruction of their keys. `certificate` reads the certificate of an erasure and checks that all it
says follows from the events and signatures in it.

This is the second implementation of the format, version 1. It was written from docs/format.md
with Python's standard library alone, so that an auditor can read all of it. It does not decrypt,
because the standard library has no AES-GCM: contents are reported as not opened, and never count
as checked.

Read it from top to bottom; functions stand above those that they call.

    1. The commands: what is asked, what is printed, and with which code the program exits.
    2. The verdict of a log, and the dump that it is about.
    3. The verdict of a certificate, the certificate itself, and the decisions behind it.
    4. Events, and what the clear ones say.
    5. The structures of the format, each with its fields in their order. The commands read leaves,
       parts and approvals, which come first. The others are sealed or not part of a log; they are
       here because check_vectors.py compares each structure with the golden vectors.
    6. What everything rests on: canonical JSON (RFC 8785), LZ4, keys and tags, bytes, Merkle trees
       (RFC 9162), Ed25519 (RFC 8032), P-256 (FIPS 186-5), hashes, and the codes of refusals.

Exit codes: 0 every check ran and passed, 3 the log or certificate is broken, 8 nothing is broken
but a check could not run or nobody has signed, 64 usage or unreadable input.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Dict, Iterable, Iterator, List, NamedTuple, Optional
from typing import Sequence, Tuple

# --- Commands -------------------------------------------------------------------------------

USAGE = """usage: tally_verify.py log FILE [--allow-missing checkpoints,witnesses]
       tally_verify.py certificate FILE"""

EXIT_OK, EXIT_BROKEN, EXIT_INCOMPLETE, EXIT_USAGE = 0, 3, 8, 64

# What a dump cannot show; naming one in --allow-missing accepts that.
NOT_IN_A_DUMP = ("checkpoints", "witnesses")


def main(arguments: List[str]) -> int:
    try:
        if len(arguments) in (2, 4) and arguments[0] == "log":
            return run_log(arguments[1], allowed_missing(arguments[2:]))
        if len(arguments) == 2 and arguments[0] == "certificate":
            return run_certificate(arguments[1])
        raise Usage(USAGE)
    except (Usage, OSError) as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE


def allowed_missing(options: List[str]) -> List[str]:
    if not options:
        return []
    names = options[1].split(",")
    if options[0] != "--allow-missing" or not set(names) <= set(NOT_IN_A_DUMP):
        raise Usage(USAGE)
    return names


def run_log(path: str, allowed: Sequence[str]) -> int:
    verifier = LogVerifier(*read_dump(path))
    verifier.run()
    print_log_checks(verifier.checks)
    for finding in verifier.findings:
        print(f"{finding.name}: {finding.place}: {finding.reason}")
    for note in verifier.notes:
        print(f"note: {note}")
    return conclude_log(path, verifier, allowed)


def print_log_checks(checks: Sequence[LogCheck]) -> None:
    for check in checks:
        ratio = f"{check.score.good}/{check.score.total}"
        line = f"  {check.name:<12}{ratio:>15} {ok_or_broken(check.broken):<6}"
        print(f"{line}   {check.score.note}".rstrip())
    print(f"  {'columns':<12}{'not asked':>15}")
    print(f"  {'contents':<12}{'not opened':>15}          no AES-GCM in the standard library")
    for name in NOT_IN_A_DUMP:
        print(f"  {name:<12}{'not run':>15}")


def conclude_log(path: str, verifier: LogVerifier, allowed: Sequence[str]) -> int:
    """Prints the last line and returns the exit code."""
    missing = [name for name in NOT_IN_A_DUMP if name not in allowed]
    if verifier.is_broken():
        print(f"{path}: BROKEN; {verifier.intact} of {verifier.head.size} events are intact")
        return EXIT_BROKEN
    if missing:
        print(f"check not run: {', '.join(missing)}")
        return EXIT_INCOMPLETE
    print(f"not run (allowed): {', '.join(NOT_IN_A_DUMP)}")
    return EXIT_OK


def run_certificate(path: str) -> int:
    verifier = CertificateVerifier(read_certificate(path))
    checks = verifier.checks()
    for check in checks:
        verdict = ok_or_broken(bool(check.faults))
        print(f"  {check.name:<12}{verdict:<8}{'; '.join(check.faults)}".rstrip())
    for log in ("tenant_log", "ledger_log"):
        excerpt = verifier.body.get(log)
        print(f"{log}: {member(excerpt, 'size')} events, root {member(excerpt, 'root')}")
    print("anchor: not run, compare the roots with a checkpoint that you trust")
    return verifier.exit_code(checks)


def ok_or_broken(broken: bool) -> str:
    return "BROKEN" if broken else "ok"


# --- The verdict of a log -------------------------------------------------------------------

class LogVerifier:
    """Verifies a dump. Each check returns its score and adds to the findings and notes."""

    def __init__(self, head: LogHead, rows: List[Row]):
        self.head = head
        self.rows = rows
        self.placed: Dict[int, Row] = {}
        self.confirmed: Dict[int, bool] = {}
        self.checks: List[LogCheck] = []
        self.findings: List[Finding] = []
        self.notes: List[str] = []
        self.places: Dict[bytes, int] = {}
        self.intact = 0
        self.purged = 0

    def run(self) -> None:
        self._place()
        self._run("sizes", self._check_sizes)
        self._run("hashes", self._check_hashes)
        self._run("links", self._check_links)
        self._run("event ids", self._check_event_ids)
        self._run("bodies", self._check_bodies)
        self._run("decisions", self._check_decisions)

    def is_broken(self) -> bool:
        return any(check.broken for check in self.checks) or bool(self.findings)

    def _run(self, name: str, check: Callable[[], Score]) -> None:
        found_before = len(self.findings)
        score = check()
        incomplete = score.good + score.excused < score.total
        broken = incomplete or len(self.findings) > found_before
        self.checks.append(LogCheck(name, score, broken))

    def _find(self, name: str, positions: Sequence[int], reason: str) -> None:
        if positions:
            self.findings.append(Finding(name, name_positions(positions), reason))

    def _find_range(self, name: str, start: int, end: int, reason: str) -> None:
        if start < end:
            self.findings.append(Finding(name, name_range(start, end), reason))

    def _place(self) -> None:
        """Puts each event where it belongs, whatever order and column the dump gives it.

        An event whose hash another one or the head names belongs where its own leaf says, and
        so does one that is in the dump more than once. For any other there is only the column.
        """
        genuine, doubtful = self._split_rows()
        genuine.sort(key=lambda row: row.leaf.position != row.position)
        for row in genuine:
            self._take_place(row.leaf.position, row)
        for row in doubtful:
            self._take_place(row.position, row)
        self.placed = dict(sorted(self.placed.items()))
        self._compare_order()

    def _split_rows(self) -> Tuple[List[Row], List[Row]]:
        named = {self.head.last_leaf_hash}
        named.update(row.leaf.previous for row in self.rows if row.leaf)
        copies = Counter(row.hash for row in self.rows)
        genuine: List[Row] = []
        doubtful: List[Row] = []
        for row in self.rows:
            known = row.leaf and (row.hash in named or copies[row.hash] > 1)
            (genuine if known else doubtful).append(row)
        return genuine, doubtful

    def _take_place(self, position: int, row: Row) -> None:
        if self.placed.setdefault(position, row) is not row:
            self._find("duplicated event", [position], f"once more in row {row.position}")

    def _compare_order(self) -> None:
        places = {id(row): position for position, row in self.placed.items()}
        order = [places[id(row)] for row in self.rows if id(row) in places]
        swapped = {place for place, expected in zip(order, sorted(order)) if place != expected}
        self._find("swapped", sorted(swapped), "they stand in each other's place")
        moved = [position for position, row in self.placed.items()
                 if row.position != position and position not in swapped]
        self._find("altered column", moved, "stored under another position")

    def _check_sizes(self) -> Score:
        end, size = 0, self.head.size
        for position in self.placed:
            self._find_range("missing event", end, position, "the log goes on after it")
            end = position + 1
        stated = f"the head says {size} events"
        self._find_range("truncated tail", end, size, stated)
        self._find("forked head", [place for place in self.placed if place >= size], stated)
        if not self.rows and not size:
            self._find("missing event", [0], "every log begins with its genesis event")
        return Score(len(self.placed), size)

    def _check_hashes(self) -> Score:
        """Walks from the head down: each event that is confirmed vouches for the one before.

        An altered event still confirms a predecessor whose hash it names, but it cannot
        accuse one: its own `previous` may be what was altered.
        """
        for position in reversed(self.placed):
            row = self.placed[position]
            expected, reliable = self._expected_hash(position)
            self.confirmed[position] = row.leaf is not None and row.hash == expected
            if not self.confirmed[position]:
                self._accuse(position, row, reliable)
        return Score(sum(self.confirmed.values()), len(self.placed))

    def _expected_hash(self, position: int) -> Tuple[Optional[bytes], bool]:
        """The hash that an event should have, and whether what names it is itself proven."""
        successor = self.placed.get(position + 1)
        if successor is not None and successor.leaf is not None:
            return successor.leaf.previous, self.confirmed[position + 1]
        is_last = position == next(reversed(self.placed))
        if is_last and position >= self.head.size - 1:
            return self.head.last_leaf_hash, position == self.head.size - 1
        return None, False

    def _accuse(self, position: int, row: Row, reliable: bool) -> None:
        has_successor = position + 1 in self.placed
        if row.leaf is None:
            self._find("altered leaf", [position], f"not a leaf ({row.refusal})")
        elif not reliable:
            self.notes.append(f"event {position} is not proven: nothing intact names its hash")
        elif not has_successor and self._is_linked(position, row.leaf):
            self._find("altered head", [position], "it names another hash; one of the two was "
                       "altered")
        else:
            witness = f"event {position + 1}" if has_successor else "the head"
            self._find("altered leaf", [position], f"{witness} names another hash")

    def _check_links(self) -> Score:
        leaves = {position: row.leaf for position, row in self.placed.items() if row.leaf}
        proven = {position: leaf for position, leaf in leaves.items() if self.confirmed[position]}
        for position, leaf in proven.items():
            self._check_kind(position, leaf)
        strangers = [place for place, leaf in proven.items() if leaf.tenant != self.head.tenant]
        self._find("altered column", strangers, "their leaves name another tenant")
        self._find("back-dated", back_dated(proven), "not later than the event before")
        good = sum(self._is_linked(position, leaf) for position, leaf in leaves.items())
        return Score(good, len(self.placed))

    def _check_kind(self, position: int, leaf: Leaf) -> None:
        if (leaf.kind == GENESIS) != (position == 0):
            self._find("rewritten history", [position], f"kind {KINDS[leaf.kind]} does not belong")
        elif position == 0 and not self._is_linked(0, leaf):
            self._find("altered column", [0],
                       "the log began under another ledger id, tenant or slot")

    def _is_linked(self, position: int, leaf: Leaf) -> bool:
        if leaf.position != position:
            return False
        if position == 0:
            head = self.head
            return leaf.previous == genesis_previous(head.ledger_id, head.tenant, head.slot)
        predecessor = self.placed.get(position - 1)
        return predecessor is not None and leaf.previous == predecessor.hash

    def _check_event_ids(self) -> Score:
        leaves = {position: row.leaf for position, row in self.placed.items() if row.leaf}
        seen: Dict[bytes, int] = {}
        for position, leaf in leaves.items():
            first = seen.setdefault(leaf.event_id, position)
            if first != position:
                self._find("duplicated event", [first, position], "one event id")
        return Score(len(seen), len(leaves))

    def _check_bodies(self) -> Score:
        listed, purge_events = self._purge_lists()
        verdicts = {position: self._check_body(position, listed) for position in self.placed}
        counts = Counter(verdicts.values())
        self.purged = counts["purged"]
        self.intact = sum(verdict in ("ok", "purged") and self.confirmed[position]
                          for position, verdict in verdicts.items())
        plural = "" if purge_events == 1 else "s"
        note = f"{self.purged} purged ({purge_events} partsPurged event{plural})"
        return Score(counts["ok"], len(self.placed), self.purged, note if self.purged else "")

    def _purge_lists(self) -> Tuple[Dict[Tuple[int, int], int], int]:
        """The last event that lists a part as purged, by (position, index); and how many do."""
        listed: Dict[Tuple[int, int], int] = {}
        events = 0
        for position in self.placed:
            parts = self._purged_parts(position)
            events += parts is not None
            listed.update((part, position) for part in parts or ())
        return listed, events

    def _purged_parts(self, position: int) -> Optional[List[Tuple[int, int]]]:
        """What a partsPurged event lists, if it is proven, its body is intact, and a destruction
        of keys stands behind it. No other event excuses anything."""
        row = self.placed[position]
        if row.leaf is None or row.leaf.kind != PARTS_PURGED or not self.confirmed[position]:
            return None
        try:
            check_event(row.leaf, row.body)
            (part,) = decode_body(row.body, 1)
            content = decode_clear_json(part[1:], PARTS_PURGED)
        except Refused:
            return None
        if not self._were_destructions(content["destroyed"], position):
            return None
        return [(place, index) for place, index in content["parts"]]

    def _were_destructions(self, positions: Sequence[int], before: int) -> bool:
        """Whether these are proven destructions before an event, and at least one."""
        return bool(positions) and all(
            position < before and self._is_destruction(position) for position in positions)

    def _is_destruction(self, position: int) -> bool:
        row = self.placed.get(position)
        return (row is not None and row.leaf is not None and row.leaf.kind == KEYS_DESTROYED
                and self.confirmed[position])

    def _check_body(self, position: int, listed: Dict[Tuple[int, int], int]) -> str:
        row = self.placed[position]
        if row.leaf is None:
            return "unknown"
        try:
            gone = check_event(row.leaf, row.body)
        except Refused as refusal:
            if self.confirmed[position]:
                self._accuse_body(position, row, refusal)
            return "broken"
        self.notes += [f"event {position}: part {index} is listed as purged but there"
                       for index in range(len(row.leaf.part_digest))
                       if (position, index) in listed and index not in gone]
        missing = [index for index in gone if listed.get((position, index), -1) <= position]
        for index in missing:
            self._find("missing body", [position], f"part {index} is gone and no later "
                       "partsPurged event with a destruction behind it lists it")
        return "broken" if missing else "purged" if gone else "ok"

    def _check_decisions(self) -> Score:
        """Whether what the clear events say was done had been decided, as far as one log shows."""
        fold = DecisionFold(self.head.ledger_id, self.head.tenant, own=self.head.slot == 0,
                            seen=self._is_before)
        sound = total = 0
        for position, row in self.placed.items():
            clear = self._clear_json(position, row)
            if clear is not None:
                fault = follow_clear(fold, row.leaf, clear)
                self._find("undecided change", [position] if fault else [], fault or "")
                total, sound = total + 1, sound + (fault is None)
        return Score(sound, total)

    def _clear_json(self, position: int, row: Row) -> Optional[bytes]:
        """The JSON of a clear event that stands where its leaf says, with a body that is its."""
        if row.leaf is None or row.leaf.kind in SEALED_KINDS or row.leaf.position != position:
            return None
        try:
            return None if check_event(row.leaf, row.body) else decode_body(row.body, 1)[0][1:]
        except Refused:
            return None

    def _is_before(self, leaf_hash: bytes, position: int) -> bool:
        """Whether an event of that hash stands before a position."""
        if not self.places:
            self.places = {row.hash: place for place, row in self.placed.items()}
        return self.places.get(leaf_hash, position) < position

    def _accuse_body(self, position: int, row: Row, refusal: Refused) -> None:
        gone = row.leaf.kind not in SEALED_KINDS and row.body == sized(b"")
        self._find("missing body" if gone else "altered body", [position], refusal.message)


def follow_clear(fold: DecisionFold, leaf: Leaf, clear: bytes) -> Optional[str]:
    """Why a clear event does not stand; None when it does."""
    try:
        content = parse_canonical_json(clear)
    except Refused:
        return "what it says is not canonical JSON"
    if not isinstance(content, dict):
        return "what it says is not canonical JSON"
    return fold.add(Fact(leaf.kind, leaf.position, leaf.recorded_at, content))


def back_dated(leaves: Dict[int, Leaf]) -> List[int]:
    """The positions of leaves that are not later than the one before them."""
    pairs = zip(leaves.values(), list(leaves.items())[1:])
    return [position for earlier, (position, leaf) in pairs
            if leaf.recorded_at <= earlier.recorded_at]


def name_range(start: int, end: int) -> str:
    """A gap can be wider than any list."""
    if end - start <= 4:
        return name_positions(range(start, end))
    return f"{end - start} events from {start} to {end - 1}"


def name_positions(positions: Sequence[int]) -> str:
    if len(positions) == 1:
        return f"event {positions[0]}"
    if len(positions) > 4:
        return f"{len(positions)} events from {positions[0]} to {positions[-1]}"
    return "events " + ", ".join(map(str, positions[:-1])) + f" and {positions[-1]}"


class LogCheck(NamedTuple):
    name: str
    score: Score
    broken: bool


class Score(NamedTuple):
    """How many of the things that a check looks at are good, and how many are excused."""

    good: int
    total: int
    excused: int = 0
    note: str = ""


class Finding(NamedTuple):
    """Something broken: a name from the list of verdicts, where, and why it is so."""

    name: str
    place: str
    reason: str


# --- The dump of a log ----------------------------------------------------------------------

# The first line, and all others; the types of members are in TYPES.
DUMP_HEAD = {"ledger_id": "uuid", "tenant": "uuid", "slot": "count", "size": "count",
             "last_leaf_hash": "hash"}
DUMP_ROW = {"position": "count", "leaf": "bytes", "body": "bytes"}


def read_dump(path: str) -> Tuple[LogHead, List[Row]]:
    with open(path, encoding="utf-8") as file:
        try:
            lines = file.read().splitlines()
        except UnicodeDecodeError as error:
            raise Usage(f"{path}: not UTF-8") from error
    return parse_dump(path, lines)


def parse_dump(path: str, lines: List[str]) -> Tuple[LogHead, List[Row]]:
    if not lines:
        raise Usage(f"{path}: empty")
    head = LogHead(**parse_dump_line(f"{path}:1", lines[0], DUMP_HEAD))
    rows = [Row(**parse_dump_line(f"{path}:{number}", line, DUMP_ROW))
            for number, line in enumerate(lines[1:], 2)]
    return head, rows


def parse_dump_line(place: str, line: str, shape: Dict[str, str]) -> Dict[str, Any]:
    """The members of one line, in numbers and bytes."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or set(value) != set(shape):
        raise Usage(f"{place}: not an object with {', '.join(shape)}")
    for name, kind in shape.items():
        if not fits(value[name], kind):
            raise Usage(f"{place}: {name} is malformed")
    return {name: bytes.fromhex(item) if is_text(item) else item for name, item in value.items()}


class LogHead(NamedTuple):
    """The first line of a dump: what the database says of the log as a whole."""

    ledger_id: bytes
    tenant: bytes
    slot: int
    size: int
    last_leaf_hash: bytes


class Row:
    """One event of a dump, with what could be read of its leaf."""

    def __init__(self, position: int, leaf: bytes, body: bytes):
        self.position = position
        self.body = body
        self.hash = hash_leaf(leaf)
        self.leaf: Optional[Leaf] = None
        self.refusal = ""
        try:
            self.leaf = Leaf.decode(leaf)
        except Refused as refusal:
            self.refusal = str(refusal)


# --- The verdict of a certificate -----------------------------------------------------------

# Of version 1; version 2 says on whose authority it was decided.
CERTIFICATE_MEMBERS = {
    "approvals", "backups_until", "classes", "clones", "destroyed_epoch", "epochs", "erasure",
    "events", "fence_position", "ground", "interim", "keys", "ledger", "ledger_log",
    "ledger_tenant", "origin", "parts", "parts_root", "places", "plan", "residue", "scope",
    "single_operator", "state", "tenant", "tenant_log", "times", "version",
}

# Members of the plan that the certificate repeats, and what they are called there.
REPEATED_IN_CERTIFICATE = {
    "classes": "classes", "ground": "ground", "request": "erasure", "tenant": "tenant"}


class CertificateVerifier:
    """Whether everything that a certificate says follows from the events and signatures in it."""

    def __init__(self, certificate: Certificate):
        self.certificate = certificate
        self.body = certificate.body
        self.excerpt_faults: List[str] = []
        self.tenant_facts = self._facts("tenant_log", "tenant")
        self.ledger_facts = self._facts("ledger_log", "ledger_tenant")
        own = DecisionFold(octets(self.body.get("ledger"), ID_SIZE),
                           octets(self.body.get("ledger_tenant"), ID_SIZE), own=True)
        for fact in sorted(self.ledger_facts, key=lambda fact: fact.position):
            own.add(fact)
        self.operators, self.single = own.operators.known, own.operators.decide_alone
        self.fold = DecisionFold(own.ledger_id, octets(self.body.get("tenant"), ID_SIZE),
                                 own=False, operators=own.operators)
        self.fold_faults = list(self._follow())

    def _follow(self) -> Iterator[str]:
        """Follows the erasure's events; holds that it waited for are not among them."""
        last = None
        for fact in sorted(self.tenant_facts, key=lambda fact: fact.position):
            if fact.position == last:
                yield f"event {last} is there twice"
            last = fact.position
            fault = None if fact.content.get("state") == "onHold" else self.fold.add(fact)
            if fault:
                yield f"event {last} does not stand: {fault}"

    def _facts(self, log: str, tenant: str) -> List[Fact]:
        facts = read_excerpt(self.body.get(log), self.body.get(tenant))
        if facts is None:
            self.excerpt_faults.append(f"{log}: an event is not in the log as it stands here")
        return facts or []

    def checks(self) -> List[CertificateCheck]:
        return [
            CertificateCheck("form", list(self._form())),
            CertificateCheck("events", self.excerpt_faults),
            CertificateCheck("state", list(self._state())),
            CertificateCheck("keys", list(self._keys())),
            CertificateCheck("parts", list(self._parts())),
            CertificateCheck("epochs", list(self._epochs())),
            CertificateCheck("approvals", list(self._approvals())),
            CertificateCheck("signatures", list(self._signatures())),
        ]

    def exit_code(self, checks: Sequence[CertificateCheck]) -> int:
        """An unsigned certificate is not a broken one."""
        signed = bool(self.certificate.signatures)
        if any(check.faults and (signed or check.name != "signatures") for check in checks):
            return EXIT_BROKEN
        return EXIT_OK if signed else EXIT_INCOMPLETE

    def _form(self) -> Iterator[str]:
        version = number(self.body.get("version"))
        if version not in (1, 2):
            yield "it is of another version"
        if set(self.body) != CERTIFICATE_MEMBERS | ({"authority"} if version == 2 else set()):
            yield "its members are not those of a certificate"
        origins = [fact.content.get("origin") for fact in self.ledger_facts
                   if fact.kind == ORIGIN_OPENED]
        if not origins or not is_text(origins[-1]) or origins[-1] != self.body.get("origin"):
            yield "the origin is not that of the ledger's own log"

    def _state(self) -> Iterator[str]:
        steps = sorted(self._own(ERASURE_STEP), key=lambda fact: fact.position)
        state = self.body.get("state")
        yield from self.fold_faults
        if not steps or not is_text(state) or steps[-1].content.get("state") != state:
            yield "the log's last state is another one"
        if self.body.get("interim") is not (state != "final"):
            yield "interim does not fit the state"
        fenced = self._step("fenced")
        if (fenced and fenced.position) != number(self.body.get("fence_position")):
            yield "the fence is at another position"
        yield from self._purge()
        if not self._has_times_of(steps):
            yield "its times are not those of the log"

    def _purge(self) -> Iterator[str]:
        purged = self._step("purged")
        stated = purged.content if purged else {}
        if not same(stated.get("backups_until"), self.body.get("backups_until", "")):
            yield "backups expire at another time"
        if not same(stated.get("places"), self.body.get("places", "")):
            yield "other rows were purged beside the log"

    def _has_times_of(self, steps: Sequence[Fact]) -> bool:
        times = {fact.content["state"]: fact.recorded_at for fact in steps
                 if is_text(fact.content.get("state"))}
        return same(times, self.body.get("times"))

    def _keys(self) -> Iterator[str]:
        recorded = [key for fact in self._own(KEYS_DESTROYED)
                    for key in items(fact.content.get("keys")) if is_text(key)]
        stated = items(self.body.get("keys"))
        if not fits(stated, ["text"]) or sorted(recorded) != sorted(stated):
            yield "the keys are not those that the log says were destroyed"

    def _parts(self) -> Iterator[str]:
        parts = self._purged_parts()
        events = {part[0] for part in parts if is_place(part)}
        if len({str(part) for part in parts}) < len(parts):
            yield "a part is purged twice"
        stated = number(self.body.get("parts")), number(self.body.get("events"))
        if stated != (len(parts), len(events)):
            yield f"the log says that {len(parts)} parts of {len(events)} events were purged"

    def _purged_parts(self) -> List[Any]:
        """What is listed by purges that only the erasure's own destructions stand behind."""
        own = {fact.position for fact in self._own(KEYS_DESTROYED)}
        parts: List[Any] = []
        for fact in self.tenant_facts:
            destroyed = set(filter(is_number, items(fact.content.get("destroyed"))))
            if fact.kind == PARTS_PURGED and destroyed and destroyed <= own:
                parts += items(fact.content.get("parts"))
        return parts

    def _epochs(self) -> Iterator[str]:
        receipts = {canonical_json(fact.content) for fact in self.ledger_facts}
        proved = set()
        for epoch in items(self.body.get("epochs")):
            if isinstance(epoch, dict) and canonical_json(
                    {**epoch, "action": "destroyEpoch"}) in receipts:
                proved.add(number(epoch.get("epoch")))
            else:
                yield "an epoch has no such receipt in the ledger's own log"
        last = number(self.body.get("destroyed_epoch")) or 0
        destroyed = self._step("keysDestroyed")
        if destroyed is None or number(destroyed.content.get("epoch")) != last:
            yield "the keys were destroyed in another epoch"
        if self._step("epochRetired") and not (
                last > 0 and all(epoch in proved for epoch in range(1, last + 1))):
            yield "the epochs are retired, but the receipt of one is missing"

    def _approvals(self) -> Iterator[str]:
        yield from self._plan()
        stated = self.body.get("approvals")
        approvals = [decode_approval(bytes.fromhex(item))
                     for item in items(stated) if is_approval(item)]
        if not isinstance(stated, list) or len(approvals) < len(stated):
            yield "an approval is not in the format"
        request = self.fold.requests.get(octets(self.body.get("erasure"), ID_SIZE) or b"")
        if not all(request and approval in request.approvals for approval in approvals):
            yield "no event of the log carries an approval"
        for approval in approvals:
            yield from self._faults_of(approval)
        if self.body.get("single_operator") is not self.single:
            yield "the number of operators who decide is another one"
        authority = request.authority if request else OPERATORS
        if not same(self.body.get("authority", OPERATORS), authority):
            yield "it was decided on another authority"
        if authority == OWNER or not self.single:
            yield from self._quorum(approvals, authority)

    def _plan(self) -> Iterator[str]:
        """What was requested, and signed, is what the certificate says was done."""
        data = octets(self.body.get("plan")) or b""
        try:
            plan = parse_canonical_json(data)
        except Refused:
            plan = None
        if not self._repeats(plan):
            yield "the plan says something else than the certificate"
            return
        requested = self._step("requested")
        if requested is None or requested.content.get("plan") != sha256(data).hex():
            yield "the log's request is for another plan"

    def _repeats(self, plan: Any) -> bool:
        scope = "tenant" if same(member(plan, "action"), TENANT_ERASURE) else "subject"
        if not isinstance(plan, dict) or self.body.get("scope") != scope:
            return False
        for name, repeated in REPEATED_IN_CERTIFICATE.items():
            if not same(plan.get(name), self.body.get(repeated)):
                return False
        return True

    def _faults_of(self, approval: Approval) -> Iterator[str]:
        signer = self.operators.get(approval.approver)
        owner = self.fold.owners.known.get(approval.approver)
        if not any(key and approval.is_signed_by(key.public_key) for key in (signer, owner)):
            yield "a signature is not that of an operator whom the log names"
        elif not (signer and signer.was_one_at(approval.approved_at)
                  or owner and owner.may(approval.action, approval.approved_at)):
            yield "a signer was no operator at that time"
        plan = octets(self.body.get("plan"))
        about = {"erasure": approval.request, "tenant": approval.tenant,
                 "ledger": approval.ledger_id}
        if (any(self.body.get(name) != value.hex() for name, value in about.items())
                or plan is None or approval.plan != sha256(plan)
                or approval.action not in (SUBJECT_ERASURE, TENANT_ERASURE)):
            yield "an approval is for another request, plan, tenant or ledger"

    def _quorum(self, approvals: Sequence[Approval], authority: str) -> Iterator[str]:
        asked = any(approval.is_own() for approval in approvals)
        signers = {approval.approver for approval in approvals}
        people = {self.operators[signer].person for signer in signers if signer in self.operators}
        if not asked or authority == OPERATORS and len(people) < 2:
            yield "not two operators stand behind it"
        if authority == OWNER and len(signers) < self.fold.owners.quorum:
            yield "too few owners stand behind it"
        fenced = self._step("fenced")
        if fenced and not any(approval.counts_at(fenced.recorded_at) for approval in approvals
                              if authority == OWNER or not approval.is_own()):
            yield "no approval counted when the keys were fenced"

    def _signatures(self) -> Iterator[str]:
        if not self.certificate.signatures:
            yield "nobody has signed it"
        elif not self._is_signed_by_operators():
            yield "a signature is not that of an operator whom the log names"

    def _is_signed_by_operators(self) -> bool:
        message = self.certificate.message()
        for signer, signature in self.certificate.signatures:
            known = self.operators.get(signer)
            if (known is None or key_algorithm(known.public_key) != FILE_ED25519
                    or not ed25519_verifies(known.public_key, message, signature)):
                return False
        return True

    def _step(self, state: str) -> Optional[Fact]:
        """The event with which the erasure reached a state."""
        steps = (fact for fact in self._own(ERASURE_STEP) if fact.content.get("state") == state)
        return next(steps, None)

    def _own(self, kind: int) -> List[Fact]:
        """The erasure's own events of a kind."""
        erasure = self.body.get("erasure")
        return [fact for fact in self.tenant_facts if is_text(erasure)
                and fact.kind == kind and fact.content.get("erasure") == erasure]


class CertificateCheck(NamedTuple):
    name: str
    faults: List[str]


# --- A certificate and its excerpts of logs -------------------------------------------------

MAX_CERTIFICATE = 16_777_216


def read_certificate(path: str) -> Certificate:
    with open(path, "rb") as file:
        data = file.read(MAX_CERTIFICATE + 1)
    try:
        if len(data) > MAX_CERTIFICATE:
            raise Refused("length", "larger than 16 MiB")
        return Certificate.decode(data)
    except Refused as refusal:
        raise Usage(f"{path}: {refusal}") from refusal


class Certificate(NamedTuple):
    """A certificate's body and the signatures under it, each with its operator's id."""

    body: Dict[str, Any]
    signatures: List[Tuple[bytes, bytes]]

    @classmethod
    def decode(cls, data: bytes) -> Certificate:
        """From canonical JSON; one line break at the end is not part of it."""
        value = parse_canonical_json(data[:-1] if data.endswith(b"\n") else data)
        if not fits(value, {"certificate": "object",
                            "signatures": [{"operator": "uuid", "signature": "hex"}]}):
            raise Refused("text", "not the JSON of a certificate")
        return cls(value["certificate"], [
            (bytes.fromhex(item["operator"]), bytes.fromhex(item["signature"]))
            for item in value["signatures"]])

    def message(self) -> bytes:
        """The bytes that are signed."""
        return LABEL_CERTIFICATE + canonical_json(self.body)


def read_excerpt(value: Any, tenant: Any) -> Optional[List[Fact]]:
    """The events of an excerpt, or None if one of them is not proved to be in the log."""
    if not fits(value, {"events": "list", "root": "hash", "size": "n", "tenant": "uuid"}):
        return None
    if value["tenant"] != tenant:
        return None
    root = bytes.fromhex(value["root"])
    facts = [read_fact(event, tenant, value["size"], root) for event in value["events"]]
    return None if None in facts else facts


def read_fact(event: Any, tenant: str, tree_size: int, root: bytes) -> Optional[Fact]:
    if not fits(event, {"leaf": "hex", "part": "hex", "path": ["hash"]}):
        return None
    encoded, part = bytes.fromhex(event["leaf"]), bytes.fromhex(event["part"])
    try:
        leaf = Leaf.decode(encoded)
        content = parse_canonical_json(part[1:])
    except Refused:
        return None
    path = [bytes.fromhex(item) for item in event["path"]]
    if not (is_included(hash_leaf(encoded), leaf.position, tree_size, path, root)
            and leaf.tenant.hex() == tenant and is_clear_part_of(leaf, part)
            and isinstance(content, dict)):
        return None
    return Fact(leaf.kind, leaf.position, leaf.recorded_at, content)


def is_clear_part_of(leaf: Leaf, part: bytes) -> bool:
    return (leaf.kind not in SEALED_KINDS and part[0] == CLEAR_SUITE
            and leaf.part_digest == (sha256(part),))


class Fact(NamedTuple):
    """A clear event that is proved to be in a log."""

    kind: int
    position: int
    recorded_at: int
    content: Dict[str, Any]

    def id(self, name: str) -> bytes:
        """A member that is the id of a decision, an operator or the like."""
        value = octets(self.content.get(name), ID_SIZE)
        require(value is not None, "it does not say what it is about")
        return value


# --- What was decided -----------------------------------------------------------------------

# How a signature must stand to the event that carries it, in microseconds: how old it may be, how
# far its signer's clock may be ahead, and how long it may count.
OLDEST, AHEAD, VALIDITY = 86_400_000_000, 2_000_000, 7 * 86_400_000_000
# How long what one owner, or the operators, decided about a tenant can be refused before it is
# done.
OBJECTION = 72 * 3_600_000_000

# On whose word a request is carried out, and what owners may decide.
OPERATORS, OWNER = "operators", "owner"
OWNER_ACTIONS = (3, 4, 11)

# From which states an erasure can come to each.
ERASURE_ORDER = {
    "approved": ("requested",), "onHold": ("approved",),
    "refused": ("requested", "approved", "onHold"), "fenced": ("approved", "onHold"),
    "keysDestroyed": ("fenced",), "purged": ("keysDestroyed",), "epochRetired": ("purged",),
    "final": ("epochRetired",),
}


class DecisionFold:
    """Follows the clear events of one log, in their order: who may decide, what was asked for and
    signed, and what has been done about it. The database takes signatures without checking them.

    The log of a tenant does not name the operators: without `operators`, those of the ledger's own
    log, signatures are read and not judged.
    """

    def __init__(self, ledger_id: Optional[bytes], tenant: Optional[bytes], own: bool,
                 operators: Optional[Operators] = None,
                 seen: Callable[[bytes, int], bool] = lambda head, position: True):
        self.ledger_id, self.tenant, self.own, self.seen = ledger_id, tenant, own, seen
        self.operators = Operators() if own else operators
        self.owners = Owners()
        self.requests: Dict[bytes, Request] = {}
        self.erasures: Dict[bytes, Erasure] = {}
        self.holds: Dict[bytes, bool] = {}
        self.restores: Dict[bytes, bool] = {}
        self.destroyed_keys: set = set()
        self.destructions: Dict[int, bytes] = {}
        self.epochs: set = set()
        self.restriction: Optional[int] = None
        self.erased = False
        self.has_origin = False

    def add(self, fact: Fact) -> Optional[str]:
        """Why an event does not stand, and counts for nothing; None when it does."""
        try:
            self._follow(fact)
        except Undecided as fault:
            return str(fault)
        return None

    def _follow(self, fact: Fact) -> None:
        shape = clear_shape(fact.kind, fact.content)
        if shape is None or not fits(fact.content, shape) or not is_sorted_purge(fact):
            raise Undecided("its members are not those of its kind")
        follow = {
            KEYS_DESTROYED: self._destroy, RESTORE_BEGAN: self._begin, RESTORE_ENDED: self._end,
            FROZEN: self._restrict, THAWED: self._restrict, PARTS_PURGED: self._purge,
            HELD: self._hold, RELEASED: self._release, ERASURE_STEP: self._step,
            READMITTED: self._readmit, TENANT_ERASED: self._erase_tenant,
            ORIGIN_OPENED: self._open_origin, OPERATOR_ACTION: self._act,
        }.get(fact.kind)
        if follow:
            follow(fact)

    def _act(self, fact: Fact) -> None:
        action = fact.content["action"]
        if action == "request":
            self._request(fact, fact.id("target"))
        elif action == "approve":
            self._approve(fact, fact.id("target"))
        elif action == "refuse":
            self._refuse(fact, fact.id("target"))
        elif action == "addOwner":
            self._add_owner(fact)
        elif action == "endOwner":
            self._end_owner(fact)
        elif action in ("addOperator", "endOperator", "destroyEpoch", "removeProjection"):
            require(self.own, "what concerns the whole ledger, in a tenant's log")
            self._act_for_all(fact, action)

    def _act_for_all(self, fact: Fact, action: str) -> None:
        if action == "addOperator":
            self._add_operator(fact)
        elif action == "endOperator":
            self._end_operator(fact)
        elif action == "destroyEpoch":
            epoch = fact.content["epoch"]
            require(epoch > 0 and epoch not in self.epochs,
                    "the receipt of an epoch that cannot be, or that has one")
            self.epochs.add(epoch)

    def _open_origin(self, fact: Fact) -> None:
        """One person decides alone from the first event on for good, or never does."""
        require(self.own, "what concerns the whole ledger, in a tenant's log")
        require(not self.has_origin, "an origin is opened a second time")
        self.has_origin = True
        self.operators.decide_alone = fact.content.get("single_operator") is True

    def _restrict(self, fact: Fact) -> None:
        require(not self.own and not self.erased,
                "the ledger's own log, or that of an erased tenant, is restricted")
        level = fact.content.get("level")
        require(level != self.restriction and level in (None, 1, 2),
                "a restriction that is so already, or of no known level")
        self.restriction = level

    # Requests and the signatures under them.

    def _request(self, fact: Fact, request: bytes) -> None:
        require(request not in self.requests, "a request of an id that another one has")
        plan = bytes.fromhex(fact.content["plan"])
        not_before = fact.content.get("not_before")
        approval = self._approval(fact, request, plan, not_before)
        require(approval is None or approval.is_own(), "whoever asks has not signed the request")
        self._require_kind(fact, approval)
        known = Request(plan, approval.requester if approval else bytes(ID_SIZE),
                        approval.action if approval else None,
                        self._authority(approval, fact.recorded_at), not_before, fact.recorded_at)
        self._require_wait(known, fact)
        known.approvals += [approval] if approval else []
        self.requests[request] = known

    def _require_kind(self, fact: Fact, approval: Optional[Approval]) -> None:
        """Erasures are asked for by steps of erasures, all else by actions."""
        if approval is not None:
            erasure = approval.action in (SUBJECT_ERASURE, TENANT_ERASURE)
            require(erasure == (fact.kind == ERASURE_STEP)
                    and self.own == (approval.action == OPERATOR_CHANGE)
                    and approval.action != REFUSAL,
                    "a request that another kind of event, or log, asks for")

    def _require_wait(self, known: Request, fact: Fact) -> None:
        """What an owner alone decides about a whole tenant waits, and nothing else does."""
        waits = known.authority == OWNER and known.action == TENANT_ERASURE
        require(waits == (known.not_before is not None)
                and (not waits or known.not_before >= fact.recorded_at + OBJECTION),
                "an erasure that does not wait for who may refuse it")

    def _authority(self, approval: Optional[Approval], time: int) -> str:
        """Whoever the tenant's data belongs to decides as that."""
        is_owner = approval is not None and self.owners.may(
            approval.approver, approval.action, time)
        return OWNER if is_owner else OPERATORS

    def _approve(self, fact: Fact, request: bytes) -> None:
        known = self.requests.get(request)
        require(known is not None, "an approval of a request that nobody made")
        require(known.open, "an approval of a request that was ended")
        needs_none = fact.kind == ERASURE_STEP and self._stand_behind(known, fact.recorded_at)
        if fact.content["approvals"] or not needs_none:
            self._sign(fact, request, known)

    def _sign(self, fact: Fact, request: bytes, known: Request) -> None:
        approval = self._approval(fact, request, known.plan, known.not_before)
        if approval is not None:
            require(approval.requester == known.requester and approval.action == known.action
                    and self._is_of(known.authority, approval, fact.recorded_at)
                    and not self._is_same_person(approval.approver, known)
                    and approval not in known.approvals,
                    "whoever asked has approved, or another request is meant")
            known.approvals.append(approval)

    def _is_same_person(self, signer: bytes, known: Request) -> bool:
        if known.authority == OWNER or self.operators is None:
            return signer == known.requester
        return self.operators.person(signer) == self.operators.person(known.requester)

    def _refuse(self, fact: Fact, request: bytes) -> None:
        """That of an owner, owners alone refuse, and sign that."""
        known = self.requests.get(request)
        require(known is not None and known.open
                and (request in self.erasures) == (fact.kind == ERASURE_STEP),
                "a request is refused that nobody made, or that is ended")
        if fact.content.get("approvals"):
            approval = self._approval(fact, request, known.plan, None)
            require(approval.action == REFUSAL and approval.is_own()
                    and self._may_refuse(approval, known, fact.recorded_at),
                    "a refusal that another thing was signed for, or by another")
        else:
            require(known.authority == OPERATORS,
                    "an owner's request is refused by nobody's signature")
        known.open = False

    def _may_refuse(self, approval: Approval, known: Request, time: int) -> bool:
        """Operators refuse what operators ask for; owners what they could decide themselves, and
        those who decide about owners whatever any owner could."""
        if known.authority == OPERATORS and self._is_of(OPERATORS, approval, time):
            return True
        return (known.action in (None, *OWNER_ACTIONS)
                and any(self.owners.could_sign(approval, action, time)
                        for action in (known.action, OWNER_CHANGE) if action is not None))

    def _approval(self, fact: Fact, request: bytes, plan: bytes,
                  not_before: Optional[int]) -> Optional[Approval]:
        """The signature that an event carries; None where nobody has to sign."""
        if not fact.content["approvals"]:
            require(self.operators is None or self.operators.decide_alone, "nobody has signed it")
            return None
        approval = decode_approval(bytes.fromhex(fact.content["approvals"][0]))
        require((approval.ledger_id, approval.tenant, approval.request, approval.plan)
                == (self.ledger_id, self.tenant, request, plan)
                and (fact.kind == ERASURE_STEP
                     or octets(fact.content.get("operator")) == approval.approver),
                "a signature for another request, plan, tenant or ledger")
        self._require_sound(approval, fact, not_before)
        return approval

    def _require_sound(self, approval: Approval, fact: Fact, not_before: Optional[int]) -> None:
        require((self._is_of(OPERATORS, approval, fact.recorded_at)
                 or self._is_of(OWNER, approval, fact.recorded_at))
                and self._is_genuine(approval),
                "a signature that is not that of an operator of that time")
        require(approval.approved_at <= fact.recorded_at + AHEAD
                and approval.approved_at + OLDEST >= fact.recorded_at,
                "a signature of another time than its event")
        start = max(approval.approved_at, not_before or 0)
        require(approval.expires_at > fact.recorded_at
                and approval.expires_at <= start + VALIDITY,
                "a signature that has run out, or never does")
        require(self.seen(approval.head, fact.position), "a signature that has seen another log")

    def _is_genuine(self, approval: Approval) -> bool:
        """Whether the signer's key has made it; an id has one key, whoever it decides as."""
        operators = self.operators.known if self.operators else {}
        signer = operators.get(approval.approver) or self.owners.known.get(approval.approver)
        return approval.is_signed_by(signer.public_key) if signer else self.operators is None

    def _is_of(self, authority: str, approval: Approval, time: int) -> bool:
        """Whether its signer was an operator, or owner, when it was given and then. An owner
        signs what owners decide; whoever decides about anything can refuse."""
        if authority == OPERATORS:
            return self.operators is None or self.operators.could_sign(approval, time)
        actions = OWNER_ACTIONS if approval.action == REFUSAL else (approval.action,)
        return any(self.owners.could_sign(approval, action, time) for action in actions)

    def _carry_out(self, request: bytes, fact: Fact, actions: Sequence[int],
                   plan: Optional[Dict[str, Any]] = None) -> None:
        """Takes the request that an event carries out; it can be carried out once."""
        known = self.requests.get(request)
        require(known is not None and known.open, "no sound request stands behind it")
        stated = None if plan is None else sha256(canonical_json({
            **plan, "action": actions[0], "request": request.hex(),
            "tenant": (self.tenant or b"").hex()}))
        require(known.action in (None, *actions) and stated in (None, known.plan),
                "its request was about something else")
        require(self._stand_behind(known, fact.recorded_at),
                "no other operator's signature counted at that time")
        require((known.not_before or 0) <= fact.recorded_at,
                "it is carried out before its time has come")
        known.open = False

    def _stand_behind(self, known: Request, time: int) -> bool:
        """Whether enough people stand behind a request at a time."""
        signers = {approval.approver for approval in known.approvals if approval.expires_at > time}
        if known.authority == OWNER:
            deciding = [signer for signer in signers if self.owners.may(signer, known.action, time)]
            return len(deciding) >= self.owners.quorum
        if self.operators is None or self.operators.decide_alone:
            return True
        return self.operators.is_one(known.requester, time) and any(
            self.operators.is_one(signer, time) and not self._is_same_person(signer, known)
            for signer in signers)

    # Owners.

    def _add_owner(self, fact: Fact) -> None:
        """The first ones come with the tenant, more by an owner's decision. A lost one is replaced
        by operators, who wait for somebody's objection."""
        key, target = bytes.fromhex(fact.content["public_key"]), fact.id("target")
        require(not self.own and is_signer_key(key) and operator_id(key) == target
                and target not in self.owners.known,
                "an owner of another id, twice, or with no public key")
        actions = fact.content["actions"]
        require(actions and set(actions) <= set(OWNER_ACTIONS),
                "an owner of what owners do not decide")
        request = fact.id("request")
        if not (request == bytes(ID_SIZE) and fact.position == len(self.owners.known) + 1):
            self._require_delay(request, fact)
            self._carry_out(request, fact, [OWNER_CHANGE],
                            {"actions": actions, "public_key": key.hex()})
        self._set_quorum(fact)
        self.owners.known[target] = Owner(key, tuple(actions), fact.recorded_at)

    def _set_quorum(self, fact: Fact) -> None:
        if "quorum" in fact.content:
            require(fact.position == 1 and fact.content["quorum"] in (1, 2),
                    "another number of owners than the first event said")
            self.owners.quorum = fact.content["quorum"]

    def _require_delay(self, request: bytes, fact: Fact) -> None:
        known = self.requests.get(request)
        require(known is None or known.authority == OWNER
                or fact.recorded_at >= known.requested_at + OBJECTION,
                "an owner is replaced before anybody could refuse it")

    def _end_owner(self, fact: Fact) -> None:
        target, request = fact.id("target"), fact.id("request")
        owner, known = self.owners.known.get(target), self.requests.get(request)
        require(owner is not None and owner.ended is None, "the end of somebody who is no owner")
        require(known is not None and known.authority == OWNER,
                "the end of an owner whom no owner has ended")
        self._carry_out(request, fact, [OWNER_CHANGE], {"owner": target.hex()})
        self.owners.known[target] = owner._replace(ended=fact.recorded_at)

    # Operators.

    def _add_operator(self, fact: Fact) -> None:
        key, target = bytes.fromhex(fact.content["public_key"]), fact.id("target")
        require(is_signer_key(key) and operator_id(key) == target
                and target not in self.operators.known,
                "an operator of another id, twice, or with no public key")
        named = {"person": fact.content["person"]} if "person" in fact.content else {}
        person = fact.id("person") if named else target
        require(not named or self.operators.person(person) == person,
                "another key of a person who has no first one")
        request = fact.id("request")
        if not (self.operators.are_founding() and request == bytes(ID_SIZE)):
            self._carry_out(request, fact, [OPERATOR_CHANGE], {"public_key": key.hex(), **named})
        self.operators.known[target] = Operator(key, person, fact.recorded_at)

    def _end_operator(self, fact: Fact) -> None:
        target = fact.id("target")
        known = self.operators.known.get(target)
        require(known is not None and known.ended is None,
                "the end of somebody who is no operator")
        self._carry_out(fact.id("request"), fact, [OPERATOR_CHANGE], {"operator": target.hex()})
        self.operators.known[target] = known._replace(ended=fact.recorded_at)

    # Erasures, holds and readmissions.

    def _step(self, fact: Fact) -> None:
        erasure, state = fact.id("erasure"), fact.content["state"]
        if state == "requested":
            self._request(fact, erasure)
            self.erasures[erasure] = Erasure()
            return
        known = self.erasures.get(erasure)
        require(known is not None and known.state in ERASURE_ORDER[state]
                and (state != "purged" or known.keys == known.fenced),
                f"an erasure becomes {state} that cannot")
        self._take_step(fact, erasure, known, state)
        known.state = state

    def _take_step(self, fact: Fact, erasure: bytes, known: Erasure, state: str) -> None:
        content = fact.content
        if state == "approved":
            self._approve(fact, erasure)
        elif state == "refused":
            self._refuse(fact, erasure)
        elif state == "onHold":
            require(self.holds.get(fact.id("hold"), False),
                    "an erasure waits for a hold that is not in force")
        elif state == "fenced":
            self._carry_out(erasure, fact, [SUBJECT_ERASURE, TENANT_ERASURE])
            known.fenced = content["keys"]
        elif state == "keysDestroyed":
            known.epoch = content["epoch"]
        elif state == "purged":
            require(content["parts"] == known.parts,
                    "another number of parts is purged than the log lists")
            known.backups_until = content["backups_until"]
        elif state == "epochRetired":
            require(content["epoch"] == known.epoch,
                    "another epoch is retired than that of the destruction")
        elif state == "final":
            require(known.backups_until <= fact.recorded_at,
                    "an erasure is final before its backups have expired")

    def _destroy(self, fact: Fact) -> None:
        """The keys of an erasure go once, in events behind the one that says so."""
        known = self.erasures.get(fact.id("erasure"))
        require(known is not None and known.state == "keysDestroyed" and known.parts == 0,
                "keys were destroyed of an erasure that nobody decided")
        keys = fact.content["keys"]
        require(keys and len(set(keys)) == len(keys) and self.destroyed_keys.isdisjoint(keys)
                and known.keys + len(keys) <= known.fenced,
                "keys were destroyed twice, or more than were fenced")
        self.destroyed_keys.update(keys)
        known.keys += len(keys)
        self.destructions[fact.position] = fact.id("erasure")

    def _purge(self, fact: Fact) -> None:
        behind = {self.destructions.get(position) for position in fact.content["destroyed"]}
        known = self.erasures.get(next(iter(behind), None) or b"") if len(behind) == 1 else None
        require(known is not None and known.state == "keysDestroyed" and fact.content["parts"],
                "parts were purged that no destruction stands behind")
        known.parts += len(fact.content["parts"])

    def _erase_tenant(self, fact: Fact) -> None:
        erasure = fact.id("erasure")
        known = self.erasures.get(erasure)
        require(not self.own and not self.erased and known is not None
                and known.state == "fenced"
                and self.requests[erasure].action in (None, TENANT_ERASURE),
                "a tenant is erased that nobody decided to erase")
        self.erased = True

    def _hold(self, fact: Fact) -> None:
        self._carry_out(fact.id("hold"), fact, [HOLD])
        self.holds[fact.id("hold")] = True

    def _release(self, fact: Fact) -> None:
        hold = fact.id("hold")
        require(self.holds.get(hold, False), "a hold is released that is not in force")
        self._carry_out(fact.id("request"), fact, [RELEASE], {"hold": hold.hex()})
        self.holds[hold] = False

    def _readmit(self, fact: Fact) -> None:
        erasure = fact.id("erasure")
        known = self.erasures.get(erasure)
        require(known is not None and known.state in ("purged", "epochRetired", "final"),
                "somebody is let in again who was not erased")
        self._carry_out(fact.id("request"), fact, [READMISSION], {"erasure": erasure.hex()})

    # Restores.

    def _begin(self, fact: Fact) -> None:
        restore = fact.id("restore")
        known = self.requests.get(restore)
        require(known is not None and fact.content["plan"] == known.plan.hex(),
                "no sound request stands behind it, or it was about another plan")
        require(not any(self.restores.values()), "a restore begins while another one goes on")
        require(0 < fact.content["cut"] <= fact.position,
                "a restore to a moment that the log has not had")
        self._carry_out(restore, fact, [RESTORE, UNDO])
        self.restores[restore] = True

    def _end(self, fact: Fact) -> None:
        restore = fact.id("restore")
        require(self.restores.get(restore, False), "a restore ends that does not go on")
        self.restores[restore] = False


def require(holds: Any, evidence: str) -> None:
    if not holds:
        raise Undecided(evidence)


class Undecided(Exception):
    """Why an event does not stand."""


def is_sorted_purge(fact: Fact) -> bool:
    if fact.kind != PARTS_PURGED:
        return True
    destroyed, parts = fact.content["destroyed"], fact.content["parts"]
    return len(parts) <= MAX_PURGED_PARTS and is_ascending(destroyed) and is_ascending(parts)


@dataclass
class Request:
    """A decision request. Its id is spent for good, whatever becomes of it."""

    plan: bytes
    requester: bytes
    action: Optional[int]
    authority: str
    not_before: Optional[int]
    requested_at: int
    open: bool = True
    approvals: List[Approval] = dataclasses.field(default_factory=list)


@dataclass
class Erasure:
    state: str = "requested"
    fenced: int = 0
    keys: int = 0
    parts: int = 0
    epoch: Optional[int] = None
    backups_until: int = 2**64


class Operators:
    """Who may decide, and for how long each could sign."""

    def __init__(self) -> None:
        self.decide_alone = False
        self.known: Dict[bytes, Operator] = {}

    def are_founding(self) -> bool:
        """Whether the next one needs nobody's approval: two people have to be there before."""
        return self.decide_alone or len({known.person for known in self.known.values()}) < 2

    def could_sign(self, approval: Approval, time: int) -> bool:
        """Whether the signer was an operator when signing and when it was recorded."""
        signer = self.known.get(approval.approver)
        return (signer is not None and signer.was_one_at(approval.approved_at)
                and signer.was_one_at(time))

    def person(self, operator: bytes) -> Optional[bytes]:
        """The human being whose key somebody signs with, by that person's first key."""
        known = self.known.get(operator)
        return known and known.person

    def is_one(self, operator: bytes, time: int) -> bool:
        known = self.known.get(operator)
        return known is not None and known.was_one_at(time)


class Operator(NamedTuple):
    public_key: bytes
    person: bytes
    added: int
    ended: Optional[int] = None

    def was_one_at(self, time: int) -> bool:
        return self.added <= time < (self.ended or 2**64)


class Owners:
    """Those to whom a tenant's data belongs: they decide about its erasure without any operator."""

    def __init__(self) -> None:
        self.quorum = 1
        self.known: Dict[bytes, Owner] = {}

    def may(self, owner: bytes, action: Optional[int], time: int) -> bool:
        known = self.known.get(owner)
        return known is not None and known.may(action, time)

    def could_sign(self, approval: Approval, action: int, time: int) -> bool:
        """Whether the signer could decide so when signing and when it was recorded."""
        known = self.known.get(approval.approver)
        return (known is not None and known.may(action, approval.approved_at)
                and known.may(action, time))


class Owner(NamedTuple):
    public_key: bytes
    actions: Tuple[int, ...]
    added: int
    ended: Optional[int] = None

    def may(self, action: Optional[int], time: int) -> bool:
        return action in self.actions and self.added <= time < (self.ended or 2**64)


# --- Events ---------------------------------------------------------------------------------

def check_event(leaf: Leaf, body: bytes) -> List[int]:
    """Checks a body against its leaf; returns the indices of the purged parts.

    Whether a purge was recorded is for the whole log to say, not for one event.
    """
    parts = decode_body(body, len(leaf.part_digest))
    if leaf.kind not in SEALED_KINDS and len(parts) != 1:
        raise Refused("count", f"an event of kind {leaf.kind} has exactly one part")
    for index, part in enumerate(parts):
        check_part(leaf, index, part)
    return [index for index, part in enumerate(parts) if not part]


def check_part(leaf: Leaf, index: int, part: bytes) -> None:
    if part:
        if sha256(part) != leaf.part_digest[index]:
            raise Refused("digest", f"part {index} is not the one the leaf names")
        decode_suite(part, leaf.kind)
    elif leaf.kind not in SEALED_KINDS:
        raise Refused("length", "a clear part is never purged")


def encode_body(parts: Iterable[bytes]) -> bytes:
    """`event.body`: each part behind its length; a purged part is a length of zero."""
    return b"".join(sized(part) for part in parts)


def decode_body(body: bytes, part_count: int) -> List[bytes]:
    """The parts as stored, without judging them; purged ones are empty."""
    reader = Reader(body)
    parts = [reader.take(reader.uint(4)) for _ in range(part_count)]
    reader.end()
    return parts


def decode_part(data: bytes, kind: int) -> Part:
    """A part whose clear JSON has the members of its kind."""
    part = decode_suite(data, kind)
    if isinstance(part, ClearPart):
        decode_clear_json(part.canonical_json, kind)
    return part


def decode_suite(data: bytes, kind: int) -> Part:
    """A ClearPart or SealedPart, as the kind of its event demands."""
    suite = Reader(data).uint(1)
    if suite not in (CLEAR_SUITE, SEALED_SUITE):
        raise Refused("suite", f"suite {suite} is unknown")
    if suite != (SEALED_SUITE if kind in SEALED_KINDS else CLEAR_SUITE):
        raise Refused("suite", f"suite {suite} in an event of kind {kind}")
    return (SealedPart if suite == SEALED_SUITE else ClearPart).decode(data)


# --- What clear events say ------------------------------------------------------------------

# The members of each kind, as the tables in docs/format.md have them: the name of a type in TYPES,
# [the shape of all items] or {member: shape}. A member whose name ends in "?" may be missing.
CLEAR_SHAPES: Dict[int, Dict[str, Any]] = {
    0: {"name": "hash", "region": "text", "slot": "slot",
        "source?": {"cut": "n", "leaf_hash": "hash", "tenant": "uuid"}},
    2: {"erasure": "uuid", "keys": ["hash"]},
    3: {"approvals": ["hex"], "cut": "n", "leaf_hash": "hash", "plan": "hash", "restore": "uuid"},
    5: {"level": "n", "request": "uuid"},
    6: {"request": "uuid"},
    7: {"destroyed": ["n"], "parts": ["place"]},
    8: {"hold": "uuid", "review_at": "n"},
    9: {"hold": "uuid", "request": "uuid"},
    12: {"erasure": "uuid", "request": "uuid"},
    13: {"erasure": "uuid"},
    14: {"origin": "text", "previous": "hash", "single_operator?": "true"},
}

# Kind 4, by its `state`; one that was aborted has no roots.
RESTORE_STATES: Dict[str, Dict[str, Any]] = {
    "applied": {"roots": "base64"}, "mismatched": {"roots": "base64"},
    "aborted": {"roots": "empty"},
}

# Kind 11, by its `state`.
ERASURE_STATES: Dict[str, Dict[str, Any]] = {
    "requested": {"approvals": "approvals", "ground": "reference", "not_before?": "n",
                  "plan": "hash"},
    "approved": {"approvals": "approvals"},
    "refused": {"approvals?": "approved", "ground": "reference"},
    "onHold": {"hold": "uuid"},
    "fenced": {"keys": "n"},
    "keysDestroyed": {"epoch": "n"},
    "purged": {"backups_until": "n", "parts": "n",
               "places": {"projections": "counts", "requests": "n"}},
    "epochRetired": {"epoch": "n"},
    "final": {},
}

# Kind 15, by its `action`.
OPERATOR_ACTIONS: Dict[str, Dict[str, Any]] = {
    "skip": {"operator": "uuid", "projection": "text", "reason": "reference", "target": "uuid"},
    "unskip": {"operator": "uuid", "projection": "text", "reason": "reference", "target": "uuid"},
    "request": {"approvals": "approvals", "operator": "uuid", "plan": "hash", "target": "uuid"},
    "approve": {"approvals": "approvals", "operator": "uuid", "target": "uuid"},
    "refuse": {"approvals?": "approved", "operator?": "uuid", "reason": "reference",
               "target": "uuid"},
    "addOperator": {"operator": "uuid", "person?": "uuid", "public_key": "key", "request": "uuid",
                    "target": "uuid"},
    "endOperator": {"operator": "uuid", "request": "uuid", "target": "uuid"},
    "addOwner": {"actions": "rising", "public_key": "key", "quorum?": "n", "request": "uuid",
                 "target": "uuid"},
    "endOwner": {"request": "uuid", "target": "uuid"},
    "removeProjection": {"projection": "text"},
    "destroyEpoch": {"assurance": "text", "destroyed_at": "n", "epoch": "n", "provider": "text"},
}

MAX_PURGED_PARTS = 10_000


def decode_clear_json(data: bytes, kind: int) -> Dict[str, Any]:
    """Canonical JSON whose members are exactly those that the kind of its event defines."""
    value = parse_canonical_json(data)
    shape = clear_shape(kind, value)
    if shape is None or not fits(value, shape):
        raise Refused("kind", f"the fields are not those of kind {kind}")
    if kind == PARTS_PURGED:
        check_purged(value["destroyed"], value["parts"])
    return value


def clear_shape(kind: int, value: Any) -> Optional[Dict[str, Any]]:
    if kind == RESTORE_ENDED:
        return variant(value, "state", RESTORE_STATES, applied="n", conflicts="n", restore="uuid")
    if kind == ERASURE_STEP:
        return variant(value, "state", ERASURE_STATES, erasure="uuid")
    if kind == OPERATOR_ACTION:
        return variant(value, "action", OPERATOR_ACTIONS)
    return CLEAR_SHAPES.get(kind)


def variant(value: Any, name: str, variants: Dict[str, Dict[str, Any]],
            **others: str) -> Optional[Dict[str, Any]]:
    """The shape of an object whose member of that name says which other members there are."""
    chosen = member(value, name)
    if not is_text(chosen) or chosen not in variants:
        return None
    return {name: "text", **others, **variants[chosen]}


def check_purged(destroyed: Sequence[int], parts: Sequence[List[int]]) -> None:
    if len(parts) > MAX_PURGED_PARTS:
        raise Refused("count", f"more than {MAX_PURGED_PARTS} parts in one event")
    if not (is_ascending(destroyed) and is_ascending(parts)):
        raise Refused("order", "positions are repeated or not sorted")


# --- The shapes of JSON values --------------------------------------------------------------

def same(left: Any, right: Any) -> bool:
    """Equal as JSON; in Python alone, true would equal 1."""
    return canonical_json(left) == canonical_json(right)


def octets(value: Any, size: Optional[int] = None) -> Optional[bytes]:
    """The bytes of lower-case hex, if there are as many as wanted."""
    data = bytes.fromhex(value) if is_hex(value) else None
    return data if data is not None and size in (None, len(data)) else None


def number(value: Any) -> Optional[int]:
    return value if is_number(value) else None


def items(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def fits(value: Any, shape: Any) -> bool:
    """Whether a value has a shape, written as in CLEAR_SHAPES."""
    if isinstance(shape, str):
        return TYPES[shape](value)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    return isinstance(value, dict) and has_members(value, shape)


def has_members(value: Dict[str, Any], shape: Dict[str, Any]) -> bool:
    required = {name for name in shape if not name.endswith("?")}
    known = {name.rstrip("?"): expected for name, expected in shape.items()}
    return required <= set(value) <= set(known) and all(
        fits(item, known[name]) for name, item in value.items())


def is_approval(value: Any) -> bool:
    """A whole approval; whose signature it is needs the register of operators."""
    if not is_hex(value):
        return False
    try:
        return bool(decode_approval(bytes.fromhex(value)))
    except Refused:
        return False


def is_base64(value: Any) -> bool:
    try:
        decoded = base64.b64decode(value, validate=True) if is_text(value) else b""
    except ValueError:
        return False
    return bool(decoded) and base64.b64encode(decoded).decode("ascii") == value


def is_reference(value: Any) -> bool:
    """Names a reason or a ticket, and never a person."""
    return is_text(value) and re.fullmatch(r"[A-Za-z0-9._:/#-]{1,64}", value) is not None


def is_hex(value: Any) -> bool:
    """Whole bytes in lower-case hex, at least one."""
    return is_text(value) and re.fullmatch(r"(?:[0-9a-f]{2})+", value, re.ASCII) is not None


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_place(value: Any) -> bool:
    """[position, index] of a part."""
    return (isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
            and value[1] < MAX_PARTS)


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


TYPES: Dict[str, Callable[[Any], bool]] = {
    "n": is_number,
    "count": lambda value: is_number(value) and value <= MAX_SAFE_INTEGER,
    "slot": lambda value: is_number(value) and value < 2**32,
    "true": lambda value: value is True,
    "text": is_text,
    "reference": is_reference,
    "base64": is_base64,
    "empty": lambda value: value == "",
    "hex": is_hex,
    "uuid": lambda value: is_hex(value) and len(value) == 2 * ID_SIZE,
    "hash": lambda value: is_hex(value) and len(value) == 2 * HASH_SIZE,
    "bytes": lambda value: value == "" or is_hex(value),
    "place": is_place,
    # The signature that an event is about; none where one person decides alone.
    "approvals": lambda value: fits(value, ["approval"]) and len(value) <= 1,
    "approved": lambda value: fits(value, ["approval"]) and len(value) == 1,
    "approval": is_approval,
    "rising": lambda value: fits(value, ["n"]) and is_ascending(value),
    "key": lambda value: is_hex(value) and is_key_form(bytes.fromhex(value)),
    "counts": lambda value: isinstance(value, dict) and all(map(is_number, value.values())),
    "list": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


# --- How structures are laid out ------------------------------------------------------------

HASH_SIZE = 32
KEY_SIZE = 32
ID_SIZE = 16
TAG_SIZE = 16
NONCE_SIZE = 12
GCM_TAG_SIZE = 16
PUBLIC_KEY_SIZE = 32
SIGNATURE_SIZE = 64
APPROVAL_MESSAGE_SIZE = 183
PAD_BLOCK = 32
MAX_DATA = 16_777_216
MAX_PARTS = 32
MAX_DOCUMENT_PARTS = 65_535

# Closed table of labels that separate one use of a hash or a key from every other.
LABEL_PART = b"tallystick part v1"
LABEL_WRAP = b"tallystick wrap v1"
LABEL_TWK = b"tallystick twk v1"
LABEL_DOCUMENT_PART = b"tallystick document part v1"
LABEL_TENANT_NAME = b"tallystick tenant name v1"
LABEL_REQUEST_SUBJECT = b"tallystick request subject v1"
LABEL_WORD = b"tallystick word v1"
LABEL_GENESIS = b"tallystick genesis v1"
LABEL_KEY_ID = b"tallystick key id v1"
LABEL_APPROVAL = b"tallystick approval v1"
LABEL_PASSKEY_APPROVAL = b"tallystick approval v2"
LABEL_CERTIFICATE = b"tallystick certificate v1"
LABEL_WRAPPED_KEY = b"TLYW"
LABEL_WRAPPED_TWK = b"TLYT"


class Structure:
    """A structure of docs/format.md: a label and a version, if it has them, and then its fields,
    each of which was declared with one of the functions below."""

    LABEL: ClassVar[bytes] = b""
    VERSION: ClassVar[int] = 0
    VERSION_SIZE: ClassVar[int] = 0

    def encode(self) -> bytes:
        self.check()
        fields = dataclasses.fields(self)
        return self.LABEL + uint(self.VERSION, self.VERSION_SIZE) + b"".join(
            field.metadata["write"](getattr(self, field.name)) for field in fields)

    @classmethod
    def decode(cls, data: bytes) -> Any:
        reader = Reader(data)
        version = cls.read_start(reader)
        structure = version(**{field.name: field.metadata["read"](reader)
                               for field in dataclasses.fields(version)})
        cls.read_end(reader)
        structure.check()
        return structure

    @classmethod
    def read_start(cls, reader: Reader) -> type:
        """Reads what stands before the fields; returns the class that they belong to."""
        reader.label(cls.LABEL)
        reader.version(cls.VERSION_SIZE, [cls.VERSION])
        return cls

    @classmethod
    def read_end(cls, reader: Reader) -> None:
        reader.end()

    def check(self) -> None:
        """Refuses what no field by itself can tell."""


def uint_field(size: int) -> Any:
    return stored(lambda value: uint(value, size), lambda reader: reader.uint(size))


def fixed_field(size: int) -> Any:
    return stored(lambda value: fixed(value, size), lambda reader: reader.take(size))


def opaque_field(low: int, high: int) -> Any:
    return stored(lambda value: opaque(value, low, high), lambda reader: reader.opaque(low, high))


def text_field(low: int, high: int) -> Any:
    return stored(lambda value: text(value, low, high), lambda reader: reader.text(low, high))


def digests_field(count_size: int, low: int, high: int) -> Any:
    """`low` to `high` digests of parts behind their number."""
    def write(digests: Sequence[bytes]) -> bytes:
        check_count(len(digests), low, high)
        return counted(digests, count_size)

    def read(reader: Reader) -> Tuple[bytes, ...]:
        count = reader.uint(count_size)
        check_count(count, low, high)
        return tuple(reader.take(HASH_SIZE) for _ in range(count))

    return stored(write, read)


def rest_field() -> Any:
    """Bytes up to the end of the structure."""
    return stored(bytes, lambda reader: reader.rest())


def stored(write: Callable[[Any], bytes], read: Callable[[Reader], Any]) -> Any:
    return dataclasses.field(metadata={"write": write, "read": read})


# --- Leaves and parts -----------------------------------------------------------------------

KINDS = {
    0: "genesis", 1: "recorded", 2: "keysDestroyed", 3: "restoreBegan", 4: "restoreEnded",
    5: "frozen", 6: "thawed", 7: "partsPurged", 8: "held", 9: "released", 10: "imported",
    11: "erasureStep", 12: "readmitted", 13: "tenantErased", 14: "originOpened",
    15: "operatorAction",
}
GENESIS, KEYS_DESTROYED, RESTORE_BEGAN, RESTORE_ENDED, FROZEN, THAWED = 0, 2, 3, 4, 5, 6
PARTS_PURGED, HELD, RELEASED, ERASURE_STEP, READMITTED, TENANT_ERASED = 7, 8, 9, 11, 12, 13
ORIGIN_OPENED, OPERATOR_ACTION = 14, 15
SEALED_KINDS = (1, 10)
CLEAR_SUITE, SEALED_SUITE = range(2)


class TreeEntry(Structure):
    """A structure that is an entry of a Merkle tree."""

    VERSION = 1
    VERSION_SIZE = 2

    def hash(self) -> bytes:
        return hash_leaf(self.encode())


@dataclass(frozen=True)
class Leaf(TreeEntry):
    """What is hashed for one event; its hash is chain link and tree leaf in one value."""

    kind: int = uint_field(1)
    tenant: bytes = fixed_field(ID_SIZE)
    position: int = uint_field(8)
    recorded_at: int = uint_field(8)
    event_id: bytes = fixed_field(ID_SIZE)
    previous: bytes = fixed_field(HASH_SIZE)
    part_digest: Tuple[bytes, ...] = digests_field(1, 1, MAX_PARTS)

    def check(self) -> None:
        if self.kind not in KINDS:
            raise Refused("kind", f"kind {self.kind} is unknown")


def genesis_previous(ledger_id: bytes, tenant: bytes, slot: int) -> bytes:
    """`previous` of the leaf at position 0: no log can be passed off as another tenant's."""
    return sha256(genesis_message(ledger_id, tenant, slot))


def genesis_message(ledger_id: bytes, tenant: bytes, slot: int) -> bytes:
    return of_tenant(LABEL_GENESIS, ledger_id, tenant) + uint(slot, 4)


class Part(Structure):
    """One part of an event's body or of a document; it begins with its suite."""

    SUITE: ClassVar[int]

    def encode(self) -> bytes:
        return uint(self.SUITE, 1) + super().encode()

    @classmethod
    def read_start(cls, reader: Reader) -> type:
        suite = reader.uint(1)
        if suite != cls.SUITE:
            raise Refused("suite", f"suite {suite} where {cls.SUITE} belongs")
        return cls


@dataclass(frozen=True)
class ClearPart(Part):
    """Canonical JSON in the clear: ids, counts and hashes, never personal data."""

    SUITE = CLEAR_SUITE

    canonical_json: bytes = rest_field()


@dataclass(frozen=True)
class SealedPart(Part):
    """AES-256-GCM under the key that `key_id` names."""

    SUITE = SEALED_SUITE

    key_id: bytes = fixed_field(HASH_SIZE)
    nonce: bytes = fixed_field(NONCE_SIZE)
    ciphertext_and_tag: bytes = rest_field()

    def check(self) -> None:
        size = len(self.ciphertext_and_tag)
        if size < PAD_BLOCK + GCM_TAG_SIZE:
            raise Refused("truncated", "shorter than one padded block and a tag")
        if (size - GCM_TAG_SIZE) % PAD_BLOCK:
            raise Refused("length", "the plaintext is not a multiple of 32 bytes")

    def require_key(self, key: bytes) -> None:
        """What a reader does before it decrypts: AES-GCM alone does not commit to its key."""
        if key_id(key) != self.key_id:
            raise Refused("key_mismatch", "the key's id is not the one the part names")


def part_aad(ledger_id: bytes, tenant: bytes, event_id: bytes, kind: int, index: int,
             part_count: int, sealing_key_id: bytes) -> bytes:
    """Ties a sealed part to its place; holds nothing that is only known at commit."""
    return b"".join((
        of_tenant(LABEL_PART, ledger_id, tenant), fixed(event_id, ID_SIZE), uint(kind, 1),
        uint(index, 1), uint(part_count, 1), uint(SEALED_SUITE, 1),
        fixed(sealing_key_id, HASH_SIZE)))


# --- Approvals ------------------------------------------------------------------------------

ACTIONS = {
    1: "restore", 2: "undo", 3: "subject erasure", 4: "tenant erasure", 5: "hold", 6: "release",
    7: "readmission", 8: "skip", 9: "operator change", 10: "declaration", 11: "owner change",
    12: "refusal",
}
RESTORE, UNDO, SUBJECT_ERASURE, TENANT_ERASURE = 1, 2, 3, 4
HOLD, RELEASE, READMISSION, OPERATOR_CHANGE, OWNER_CHANGE, REFUSAL = 5, 6, 7, 9, 11, 12


def decode_approval(data: bytes) -> Approval:
    """An approval of either version, by its label."""
    label = Reader(data).take(len(LABEL_APPROVAL))
    return (PasskeyApproval if label == LABEL_PASSKEY_APPROVAL else FileKeyApproval).decode(data)


@dataclass(frozen=True)
class Approval(Structure):
    """What somebody signs under a request: 183 bytes, the same in both versions but for the label.
    """

    action: int = uint_field(1)
    ledger_id: bytes = fixed_field(ID_SIZE)
    tenant: bytes = fixed_field(ID_SIZE)
    request: bytes = fixed_field(ID_SIZE)
    plan: bytes = fixed_field(HASH_SIZE)
    head: bytes = fixed_field(HASH_SIZE)
    requester: bytes = fixed_field(ID_SIZE)
    approver: bytes = fixed_field(ID_SIZE)
    approved_at: int = uint_field(8)
    expires_at: int = uint_field(8)

    def check(self) -> None:
        if self.action not in ACTIONS:
            raise Refused("kind", f"action {self.action} is unknown")

    def message(self) -> bytes:
        """What is decided: the bytes before those that sign it."""
        return self.encode()[:APPROVAL_MESSAGE_SIZE]

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether that key is the approver's and the signature is that key's."""
        return operator_id(public_key) == self.approver and self.is_sound(public_key)

    def is_sound(self, public_key: bytes) -> bool:
        raise NotImplementedError

    def is_own(self) -> bool:
        """Whether it is the requester's own."""
        return self.approver == self.requester

    def counts_at(self, time: int) -> bool:
        """Whether it is neither of the future nor expired."""
        return self.approved_at <= time < self.expires_at


@dataclass(frozen=True)
class FileKeyApproval(Approval):
    """Version 1: Ed25519 over the message, by a key in a file."""

    LABEL = LABEL_APPROVAL

    signature: bytes = fixed_field(SIGNATURE_SIZE)

    def is_sound(self, public_key: bytes) -> bool:
        return ed25519_verifies(public_key, self.message(), self.signature)


@dataclass(frozen=True)
class PasskeyApproval(Approval):
    """Version 2: a passkey's answer to the message's hash (W3C Web Authentication, section 7.2)."""

    LABEL = LABEL_PASSKEY_APPROVAL

    algorithm: int = uint_field(1)
    authenticator_data: bytes = opaque_field(37, 255)
    client_data: bytes = opaque_field(1, 1024)
    signature: bytes = opaque_field(64, 80)

    def check(self) -> None:
        super().check()
        if self.algorithm not in (WEBAUTHN_ES256, WEBAUTHN_ED25519):
            raise Refused("kind", f"algorithm {self.algorithm} is unknown")

    def is_sound(self, public_key: bytes) -> bool:
        if key_algorithm(public_key) != self.algorithm:
            return False
        relying_party, key = public_key[1:1 + HASH_SIZE], public_key[1 + HASH_SIZE:]
        if not (is_of_verified_user(self.authenticator_data, relying_party)
                and answers(self.client_data, sha256(self.message()), relying_party)):
            return False
        signed = self.authenticator_data + sha256(self.client_data)
        verifies = p256_verifies if self.algorithm == WEBAUTHN_ES256 else ed25519_verifies
        return verifies(key, signed, self.signature)


def is_of_verified_user(authenticator_data: bytes, relying_party: bytes) -> bool:
    """For that site; user present and verified, no attested credential; more bytes only where
    extensions are announced. The counter is ignored, since synced passkeys keep none."""
    flags = authenticator_data[HASH_SIZE]
    return (authenticator_data[:HASH_SIZE] == relying_party and flags & 0x45 == 0x05
            and bool(flags & 0x80) == (len(authenticator_data) > 37))


def answers(client_data: bytes, challenge: bytes, relying_party: bytes) -> bool:
    """Whether a page of the site itself, in no frame of another one, asked for a signature over a
    challenge. Browsers may add members."""
    try:
        members = parse_json_object(client_data)
    except Refused:
        return False
    expected = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode("ascii")
    return (members.get("type") == "webauthn.get" and members.get("challenge") == expected
            and members.get("crossOrigin", False) is False and "topOrigin" not in members
            and is_origin_of(members.get("origin"), relying_party))


def is_origin_of(origin: Any, relying_party: bytes) -> bool:
    """An https origin, of http only that of this machine, whose host is the site's or below it."""
    match = is_text(origin) and re.fullmatch(
        r"(?:https://([a-z0-9.-]+)|http://(localhost))(?::[0-9]{1,5})?", origin, re.ASCII)
    if not match:
        return False
    labels = (match[1] or match[2]).split(".")
    return any(sha256(".".join(labels[start:]).encode()) == relying_party
               for start in range(len(labels)))


# How a key signs; a passkey's public key begins with this number and its relying party's hash.
FILE_ED25519, WEBAUTHN_ES256, WEBAUTHN_ED25519 = 1, 2, 3


def key_algorithm(public_key: bytes) -> Optional[int]:
    """How a public key signs, by its form; None for bytes that have none of the forms."""
    if len(public_key) == PUBLIC_KEY_SIZE:
        return FILE_ED25519
    if len(public_key) == 98 and public_key[0] == 2 and public_key[1 + HASH_SIZE] == 4:
        return WEBAUTHN_ES256
    if len(public_key) == 65 and public_key[0] == 3:
        return WEBAUTHN_ED25519
    return None


def is_key_form(public_key: bytes) -> bool:
    return key_algorithm(public_key) is not None


def is_signer_key(public_key: bytes) -> bool:
    """Whether anybody could sign under it."""
    algorithm = key_algorithm(public_key)
    if algorithm == WEBAUTHN_ES256:
        return decode_p256(public_key[1 + HASH_SIZE:]) is not None
    return algorithm is not None and is_public_key(public_key[-PUBLIC_KEY_SIZE:])


def operator_id(public_key: bytes) -> bytes:
    """The id of whoever signs with a key."""
    if not is_key_form(public_key):
        raise Refused("length", "no public key of somebody who decides")
    return sha256(public_key)[:ID_SIZE]


# --- Event ids ------------------------------------------------------------------------------

UUID_7 = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-"
                    rb"[0-9a-fA-F]{12}")
CROCKFORD = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID = re.compile(rb"[0-7][" + CROCKFORD + CROCKFORD[10:].lower() + rb"]{25}")


def event_id(index_key: bytes, request: str, ordinal: int) -> bytes:
    """The id of an event that a request with a caller's id stores, at its place from 0."""
    mac = hmac_sha256(fixed(index_key, KEY_SIZE), event_id_message(request, ordinal))
    time = request_time(request.encode("utf-8"))
    return mac[:ID_SIZE] if time is None else time + mac[:ID_SIZE - len(time)]


def event_id_message(request: str, ordinal: int) -> bytes:
    name = request.encode("utf-8")
    if not 1 <= len(name) <= 255:
        raise Refused("length", f"a request id of {len(name)} bytes")
    return b"event\x00" + uint(len(name), 4) + name + uint(ordinal, 4)


def request_time(request: bytes) -> Optional[bytes]:
    """The 48 bits of milliseconds that a UUID of version 7 or a ULID begins with."""
    if UUID_7.fullmatch(request):
        return bytes.fromhex((request[:8] + request[9:13]).decode())
    if ULID.fullmatch(request):
        time = 0
        for digit in request[:10].upper():
            time = time << 5 | CROCKFORD.index(digit)
        return uint(time, 6)
    return None


def check_opened(envelope: Envelope, personals: Sequence[Personal]) -> None:
    """What can be said of an event's parts only together, once they are open."""
    if len(personals) > MAX_PARTS - 1:
        raise Refused("count", f"{len(personals)} personal parts, at most {MAX_PARTS - 1}")
    if envelope.operation == REVERT and personals:
        raise Refused("count", "a revert has no personal parts")
    if not is_ascending([personal.sort_key() for personal in personals]):
        raise Refused("order", "personal parts are not sorted by subject and retention class")


# --- Envelopes and personal sections --------------------------------------------------------

NOTE, PUT, PATCH, DELETE, REVERT = range(5)
IDENTITY, LZ4 = range(2)


class Plaintext(Structure):
    """What is sealed. Zeros pad it to a multiple of 32 bytes; `encode` leaves them out."""

    @classmethod
    def read_end(cls, reader: Reader) -> None:
        reader.padding()


class Content(Plaintext):
    """A plaintext that carries data of a caller, as JSON text."""

    VERSION = 1
    VERSION_SIZE = 1

    encoding: int
    data_size: int
    data: bytes

    def check(self) -> None:
        self.content()

    def content(self) -> bytes:
        """The data as the caller submitted it."""
        content = decode_data(self.encoding, self.data_size, self.data)
        decode_text(content)
        return content


@dataclass(frozen=True)
class Envelope(Content):
    """The plaintext of part 0 of a recorded or imported event."""

    operation: int = uint_field(1)
    encoding: int = uint_field(1)
    stream: str = text_field(1, 1024)
    type: str = text_field(1, 255)
    actor: str = text_field(0, 255)
    on_behalf_of: str = text_field(0, 255)
    occurred_at: int = uint_field(8)
    correlation: str = text_field(0, 64)
    causation: str = text_field(0, 64)
    data_size: int = uint_field(4)
    data: bytes = opaque_field(0, MAX_DATA)

    @classmethod
    def read_start(cls, reader: Reader) -> type:
        return ENVELOPES[reader.version(cls.VERSION_SIZE, list(ENVELOPES))]

    def content(self) -> bytes:
        """JSON text, or the eight bytes of a revert."""
        if self.operation not in range(NOTE, REVERT + 1):
            raise Refused("operation", f"operation {self.operation} is unknown")
        return self._reverted_version() if self.operation == REVERT else super().content()

    def _reverted_version(self) -> bytes:
        if self.encoding == LZ4:
            raise Refused("encoding", "a revert is never compressed")
        content = decode_data(self.encoding, self.data_size, self.data)
        if len(content) != 8:
            raise Refused("data_size", "a revert carries exactly eight bytes")
        return content


# 0001-01-01T00:00:00Z.
EARLIEST_TIME = -62_135_596_800_000_000


def early_time_field() -> Any:
    """A time up to 1970-01-01T00:00:00Z, counted back from the microsecond after it."""
    def early(time: int) -> int:
        if not EARLIEST_TIME <= time <= 0:
            raise Refused("version", "a time that version 2 does not express")
        return time

    return stored(lambda time: uint(1 - early(time), 8),
                  lambda reader: early(1 - reader.uint(8)))


@dataclass(frozen=True)
class EnvelopeV2(Envelope):
    """An envelope whose time version 1 does not express."""

    VERSION = 2

    occurred_at: int = early_time_field()


ENVELOPES = {cls.VERSION: cls for cls in (Envelope, EnvelopeV2)}


@dataclass(frozen=True)
class Personal(Content):
    """The plaintext of parts 1 to n: one person's data in one retention class."""

    encoding: int = uint_field(1)
    subject: str = text_field(1, 255)
    retention_class: str = text_field(0, 63)
    data_size: int = uint_field(4)
    data: bytes = opaque_field(0, MAX_DATA)

    def sort_key(self) -> Tuple[bytes, bytes]:
        return self.subject.encode("utf-8"), self.retention_class.encode("utf-8")


# --- Wrapped keys ---------------------------------------------------------------------------

KEY_KINDS = {1: "data", 2: "subject", 3: "index", 4: "export"}


@dataclass(frozen=True)
class WrappedKey(Structure):
    """A 256-bit key sealed under its tenant's wrapping key."""

    LABEL = LABEL_WRAPPED_KEY
    VERSION = 1
    VERSION_SIZE = 1

    kind: int = uint_field(1)
    parent_key_id: bytes = fixed_field(HASH_SIZE)
    key_id: bytes = fixed_field(HASH_SIZE)
    nonce: bytes = fixed_field(NONCE_SIZE)
    ciphertext_and_tag: bytes = fixed_field(KEY_SIZE + GCM_TAG_SIZE)

    def check(self) -> None:
        if self.kind not in KEY_KINDS:
            raise Refused("kind", f"key kind {self.kind} is unknown")

    def aad(self, ledger_id: bytes, tenant: bytes, subject_tag: bytes,
            retention_class: str) -> bytes:
        """`subject_tag` is 16 zero bytes and `retention_class` empty where there is none."""
        return b"".join((
            of_tenant(LABEL_WRAP, ledger_id, tenant), uint(self.kind, 1),
            fixed(self.parent_key_id, HASH_SIZE), fixed(self.key_id, HASH_SIZE),
            fixed(subject_tag, TAG_SIZE), text(retention_class, 0, 63)))


@dataclass(frozen=True)
class WrappedTWK(Structure):
    """A tenant's wrapping key as the provider of the epoch's key-encryption key returned it."""

    LABEL = LABEL_WRAPPED_TWK
    VERSION = 1
    VERSION_SIZE = 1

    epoch: int = uint_field(8)
    twk_id: bytes = fixed_field(HASH_SIZE)
    blob: bytes = opaque_field(1, 1024)

    def context(self, ledger_id: bytes, tenant: bytes) -> bytes:
        return b"".join((of_tenant(LABEL_TWK, ledger_id, tenant), uint(self.epoch, 8),
                         fixed(self.twk_id, HASH_SIZE)))


@dataclass(frozen=True)
class FileKEKBlob(Structure):
    """What FileKEKProvider puts into `blob`: AES-256-GCM with the context as associated data."""

    nonce: bytes = fixed_field(NONCE_SIZE)
    ciphertext_and_tag: bytes = fixed_field(KEY_SIZE + GCM_TAG_SIZE)


# --- Key journals ---------------------------------------------------------------------------

JOURNAL_TYPES: Dict[int, type] = {1: WrappedKey, 2: WrappedTWK}


def decode_journal(data: bytes) -> Tuple[List[JournalRecord], int]:
    """The records of a journal file, and how many bytes of a torn last record were ignored.

    Torn is a record that the file ends in, or a last one whose digest does not match: neither
    was acknowledged to anybody. The same damage further in is refused.
    """
    reader = Reader(data)
    records: List[JournalRecord] = []
    while reader.remaining():
        start = reader.at
        record = read_record(reader)
        if record is None:
            return records, len(data) - start
        records.append(record)
    return records, 0


def read_record(reader: Reader) -> Optional[JournalRecord]:
    """The next record, or None if it is the last one and torn."""
    try:
        record = sized(reader.take(reader.uint(4)))
    except Refused:
        return None
    try:
        return JournalRecord.decode(record)
    except Refused as refusal:
        if refusal.code == "digest" and not reader.remaining():
            return None
        raise


@dataclass(frozen=True)
class JournalRecord(Structure):
    """One record of a key epoch's journal; `wrapped` is a WrappedKey or a WrappedTWK."""

    type: int = uint_field(1)
    tenant: bytes = fixed_field(ID_SIZE)
    subject_tag: bytes = fixed_field(TAG_SIZE)
    retention_class: str = text_field(0, 63)
    generation: int = uint_field(4)
    created_at: int = uint_field(8)
    wrapped: bytes = rest_field()

    def content(self) -> bytes:
        """From `type` through `wrapped`: what the record's digest covers."""
        return super().encode()

    def encode(self) -> bytes:
        return sized(self.content() + sha256(self.content()))

    @classmethod
    def decode(cls, data: bytes) -> JournalRecord:
        """One whole record, its length included."""
        reader = Reader(data)
        record = reader.take(reader.uint(4))
        reader.end()
        if len(record) < HASH_SIZE:
            raise Refused("length", "no room for the digest")
        content, digest = record[:-HASH_SIZE], record[-HASH_SIZE:]
        if sha256(content) != digest:
            raise Refused("digest", "the record does not match its digest")
        return super().decode(content)

    def check(self) -> None:
        if self.type not in JOURNAL_TYPES:
            raise Refused("kind", f"journal type {self.type} is unknown")
        JOURNAL_TYPES[self.type].decode(self.wrapped)


# --- Documents ------------------------------------------------------------------------------

def encode_document(parts: Sequence[SealedPart]) -> bytes:
    """`document.body`: the number of parts, then each behind its length."""
    check_count(len(parts), 1, MAX_DOCUMENT_PARTS)
    return uint(len(parts), 4) + b"".join(sized(part.encode()) for part in parts)


def decode_document(body: bytes) -> List[SealedPart]:
    reader = Reader(body)
    count = reader.uint(4)
    check_count(count, 1, MAX_DOCUMENT_PARTS)
    parts = [SealedPart.decode(reader.take(reader.uint(4))) for _ in range(count)]
    reader.end()
    return parts


@dataclass(frozen=True)
class DocumentPart(Content):
    """The plaintext of part 0 of a stored document."""

    encoding: int = uint_field(1)
    stream: str = text_field(1, 1024)
    data_size: int = uint_field(4)
    data: bytes = opaque_field(0, MAX_DATA)
    erased_parts: int = uint_field(4)
    part_digest: Tuple[bytes, ...] = digests_field(4, 0, 2**32 - 1)


def document_part_aad(ledger_id: bytes, tenant: bytes, stream_tag: bytes, version: int,
                      index: int, count: int, sealing_key_id: bytes) -> bytes:
    """That of a snapshot goes on with snapshot_binding."""
    return b"".join((
        of_tenant(LABEL_DOCUMENT_PART, ledger_id, tenant), fixed(stream_tag, TAG_SIZE),
        uint(version, 8), uint(index, 2), uint(count, 2), fixed(sealing_key_id, HASH_SIZE)))


def snapshot_binding(fold: int, position: int, leaf_hash: bytes) -> bytes:
    return uint(fold, 2) + uint(position, 8) + fixed(leaf_hash, HASH_SIZE)


def state_root_leaf(index_key: bytes, message: bytes) -> bytes:
    """A document's digest, its leaf in the tenant's state root. Keyed: it confirms no guess."""
    return hmac_sha256(fixed(index_key, KEY_SIZE), message)


def state_root_message(stream_tag: bytes, canonical_data: bytes,
                       part_digests: Sequence[bytes]) -> bytes:
    return b"".join((b"document\x00", fixed(stream_tag, TAG_SIZE), sized(canonical_data),
                     counted(part_digests, 4)))


# --- Words and tenant names -----------------------------------------------------------------

# What a word of a tenant's dictionary is, and the label of its blind tag.
WORD_LABELS = {1: "type", 2: "collection"}


@dataclass(frozen=True)
class Word(Plaintext):
    """The plaintext of `word_sealed`."""

    VERSION = 1
    VERSION_SIZE = 1

    label: int = uint_field(1)
    word: str = text_field(0, 1024)

    def check(self) -> None:
        if self.label not in WORD_LABELS:
            raise Refused("kind", f"label {self.label} is unknown")


def word_aad(ledger_id: bytes, tenant: bytes, tag: bytes, sealing_key_id: bytes) -> bytes:
    return (of_tenant(LABEL_WORD, ledger_id, tenant) + fixed(tag, TAG_SIZE)
            + fixed(sealing_key_id, HASH_SIZE))


@dataclass(frozen=True)
class TenantName(Plaintext):
    """The plaintext of `name_sealed`."""

    name: str = text_field(1, 255)


def tenant_name_aad(ledger_id: bytes, tenant: bytes, sealing_key_id: bytes) -> bytes:
    return of_tenant(LABEL_TENANT_NAME, ledger_id, tenant) + fixed(sealing_key_id, HASH_SIZE)


def tenant_name_digest(name_tag: bytes, name_sealed: bytes) -> bytes:
    """`name` of a genesis event: binds the tenant's row to the tenant's chain."""
    return sha256(fixed(name_tag, TAG_SIZE), name_sealed)


@dataclass(frozen=True)
class RequestSubject(Plaintext):
    """The plaintext of a decision request's `subject_sealed`: whom it is about."""

    name: str = text_field(1, 255)


def request_subject_aad(ledger_id: bytes, tenant: bytes, request: bytes,
                        sealing_key_id: bytes) -> bytes:
    return (of_tenant(LABEL_REQUEST_SUBJECT, ledger_id, tenant) + fixed(request, ID_SIZE)
            + fixed(sealing_key_id, HASH_SIZE))


# --- Heads and rounds -----------------------------------------------------------------------

HEAD_STATES = {0: "active", 1: "frozen", 2: "erased"}


@dataclass(frozen=True)
class TenantHead(TreeEntry):
    """The state of one tenant's log, an entry of the round map."""

    slot: int = uint_field(4)
    state: int = uint_field(1)
    tenant: bytes = fixed_field(ID_SIZE)
    size: int = uint_field(8)
    root: bytes = fixed_field(HASH_SIZE)
    last_leaf_hash: bytes = fixed_field(HASH_SIZE)
    recorded_at: int = uint_field(8)

    def check(self) -> None:
        if self.state not in HEAD_STATES:
            raise Refused("kind", f"state {self.state} is unknown")


@dataclass(frozen=True)
class RoundRecord(TreeEntry):
    """One publication of all heads, an entry of the rounds log."""

    round: int = uint_field(8)
    recorded_at: int = uint_field(8)
    slots: int = uint_field(4)
    map_root: bytes = fixed_field(HASH_SIZE)
    previous: bytes = fixed_field(HASH_SIZE)

    def check(self) -> None:
        if self.round and any(self.previous):
            raise Refused("digest", "only round 0 may name a predecessor's checkpoint")


# --- Canonical JSON -------------------------------------------------------------------------

MAX_SAFE_INTEGER = 2**53 - 1
MAX_JSON_DEPTH = 128


def parse_canonical_json(data: bytes) -> Any:
    """Accepts only the one form that writing the same value again gives."""
    try:
        value = json.loads(decode_text(data), object_pairs_hook=parse_object,
                           parse_float=refuse_number, parse_constant=refuse_number,
                           parse_int=parse_integer)
        canonical = canonical_json(value)
    except (ValueError, RecursionError) as error:
        raise Refused("text", "not JSON") from error
    if canonical != data:
        raise Refused("text", "JSON, but not in canonical form")
    check_strings(value, MAX_JSON_DEPTH)
    return value


MAX_NUMBER = 1024


def parse_json_object(data: bytes) -> Dict[str, Any]:
    """An object in any form of JSON (RFC 8259), with each key once."""
    try:
        value = json.loads(decode_text(data), object_pairs_hook=unique_members,
                           parse_float=bounded_number, parse_int=bounded_number,
                           parse_constant=refuse_number)
    except (ValueError, RecursionError) as error:
        raise Refused("text", "not JSON") from error
    if not isinstance(value, dict):
        raise Refused("text", "no JSON object")
    check_strings(value, MAX_JSON_DEPTH)
    return value


def unique_members(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise Refused("order", "a key is repeated")
    for key, _ in pairs:
        check_strings(key, 0)
    return dict(pairs)


def bounded_number(digits: str) -> float:
    if len(digits) > MAX_NUMBER:
        raise Refused("text", "a number is too long")
    return float(digits)


def check_strings(value: Any, depth: int) -> None:
    """PostgreSQL has no text with U+0000, half a character is none, and no reader goes deeper than
    this."""
    if isinstance(value, str) and any("\ud800" <= unit <= "\udfff" for unit in value):
        raise Refused("text", "half of a surrogate pair")
    if isinstance(value, str) and "\0" in value:
        raise Refused("text", "a string with U+0000")
    if isinstance(value, (list, dict)):
        if depth == 0:
            raise Refused("text", "nested too deep")
        for inner in value.values() if isinstance(value, dict) else value:
            check_strings(inner, depth - 1)


def parse_object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    keys = [key for key, _ in pairs]
    if not all(key.isascii() for key in keys):
        raise Refused("text", "a key is not ASCII")
    if not is_ascending(keys):
        raise Refused("order", "keys are repeated or not sorted")
    return dict(pairs)


def parse_integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_SAFE_INTEGER:
        raise Refused("text", "an integer is not below 2^53")
    return int(digits)


def refuse_number(_: str) -> None:
    raise Refused("text", "only integers are numbers here")


def is_ascending(values: Sequence[Any]) -> bool:
    return all(left < right for left, right in zip(values, values[1:]))


def canonical_json(value: Any) -> bytes:
    """RFC 8785 for values with ASCII keys and integers only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True,
                      separators=(",", ":")).encode("utf-8")


# --- LZ4 blocks -----------------------------------------------------------------------------

LZ4_MIN_MATCH = 4
LZ4_LAST_LITERALS = 5
LZ4_MATCH_START_LIMIT = 12


def decode_data(encoding: int, data_size: int, data: bytes) -> bytes:
    """The content of a `data` field, checked against its `data_size`."""
    if encoding not in (IDENTITY, LZ4):
        raise Refused("encoding", f"encoding {encoding} is unknown")
    if data_size > MAX_DATA:
        raise Refused("data_size", f"data_size {data_size} is over {MAX_DATA}")
    if encoding == LZ4:
        return lz4_decode(data, data_size)
    if data_size != len(data):
        raise Refused("data_size", f"data_size {data_size}, but {len(data)} bytes of data")
    return data


def lz4_decode(block: bytes, data_size: int) -> bytes:
    """Decodes one LZ4 block that must yield exactly `data_size` bytes.

    Holds at most `data_size` bytes. The block format's end rules are enforced: the last
    sequence is literals only, the last five bytes are literals, and the last match starts at
    least twelve bytes before the end. No data is one zero byte.
    """
    if data_size == 0 and block != b"\x00":
        raise Refused("encoding", "not the LZ4 block of no data")
    try:
        output = lz4_sequences(Reader(block), data_size)
    except Refused as error:
        raise Refused("encoding", f"not an LZ4 block: {error.message}") from error
    if len(output) != data_size:
        raise Refused("data_size", f"decodes to {len(output)} bytes, not {data_size}")
    return bytes(output)


def lz4_sequences(reader: Reader, data_size: int) -> bytearray:
    """Each sequence is a token, literals and a match; the last one ends with its literals."""
    output = bytearray()
    while True:
        token = reader.uint(1)
        output += reader.take(lz4_length(reader, token >> 4, data_size - len(output)))
        if not reader.remaining():
            return output
        lz4_match(reader, token & 15, output, data_size)


def lz4_match(reader: Reader, nibble: int, output: bytearray, data_size: int) -> None:
    """Copies from what was already written; source and target may overlap."""
    offset = int.from_bytes(reader.take(2), "little")
    if not 1 <= offset <= len(output):
        raise Refused("length", "offset outside the output")
    if len(output) > data_size - LZ4_MATCH_START_LIMIT:
        raise Refused("length", "a match starts within the last 12 bytes")
    limit = data_size - LZ4_LAST_LITERALS - len(output)
    length = LZ4_MIN_MATCH + lz4_length(reader, nibble, limit - LZ4_MIN_MATCH)
    start = len(output) - offset
    source = output[start:start + length]
    output += (source * -(-length // len(source)))[:length]


def lz4_length(reader: Reader, nibble: int, limit: int) -> int:
    """A length that starts in a token's nibble and goes on in bytes while they are 255."""
    length, step = nibble, 255 if nibble == 15 else 0
    while step == 255 and length <= limit:
        step = reader.uint(1)
        length += step
    if length > limit:
        raise Refused("length", "output runs past data_size")
    return length


# --- Keys and tags --------------------------------------------------------------------------

TAG_LABELS = ("stream", "type", "actor", "subject", "collection", "tenant")


def key_id(key: bytes) -> bytes:
    """The public name of a 256-bit key; it commits to the key and does not reveal it.

    HKDF-SHA-256 (RFC 5869) without salt, which stands for zeros; the output is its first block.
    """
    pseudorandom_key = hmac_sha256(bytes(HASH_SIZE), fixed(key, KEY_SIZE))
    return hmac_sha256(pseudorandom_key, LABEL_KEY_ID + b"\x01")


def blind_tag(index_key: bytes, label: str, value: bytes) -> bytes:
    """A keyed 16-byte stand-in for a name, so that equal names can be found but not read."""
    return hmac_sha256(fixed(index_key, KEY_SIZE), tag_message(label, value))[:TAG_SIZE]


def tag_message(label: str, value: bytes) -> bytes:
    if label not in TAG_LABELS:
        raise Refused("kind", f"no tag label {label!r}")
    return label.encode("ascii") + b"\x00" + value


# --- Bytes in, bytes out --------------------------------------------------------------------

class Reader:
    """Walks over bytes from outside; every step is bounded and refuses to run past the end."""

    def __init__(self, data: bytes):
        self.data = bytes(data)
        self.at = 0

    def remaining(self) -> int:
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        if size > self.remaining():
            raise Refused("truncated", f"{size} bytes wanted at {self.at}, {self.remaining()} left")
        self.at += size
        return self.data[self.at - size:self.at]

    def rest(self) -> bytes:
        return self.take(self.remaining())

    def uint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def opaque(self, low: int, high: int) -> bytes:
        size = self.uint(prefix_size(high))
        if not low <= size <= high:
            raise Refused("length", f"length {size}, allowed are {low} to {high}")
        return self.take(size)

    def text(self, low: int, high: int) -> str:
        return decode_text(self.opaque(low, high))

    def label(self, label: bytes) -> None:
        if self.take(len(label)) != label:
            raise Refused("version", f"does not begin with {label.decode()}")

    def version(self, size: int, known: Sequence[int]) -> int:
        found = self.uint(size)
        if found not in known:
            raise Refused("version", f"version {found} is unknown")
        return found

    def end(self) -> None:
        if self.remaining():
            raise Refused("trailing", f"{self.remaining()} bytes too many")

    def padding(self) -> None:
        """The rest must be the zero bytes that lead to the next multiple of 32, and no more."""
        if self.remaining() != -self.at % PAD_BLOCK or any(self.rest()):
            raise Refused("padding", "the plaintext is not padded with zeros to a multiple of 32")


def of_tenant(label: bytes, ledger_id: bytes, tenant: bytes) -> bytes:
    """What ties a hash or a sealed text to one use, one ledger and one tenant."""
    return label + fixed(ledger_id, ID_SIZE) + fixed(tenant, ID_SIZE)


def decode_text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("text", "not UTF-8") from error


def text(value: str, low: int, high: int) -> bytes:
    """UTF-8 text of `low` to `high` bytes behind its length prefix."""
    try:
        return opaque(value.encode("utf-8"), low, high)
    except UnicodeEncodeError as error:
        raise Refused("text", "not Unicode text") from error


def opaque(value: bytes, low: int, high: int) -> bytes:
    """A byte string of `low` to `high` bytes behind its length prefix."""
    if not low <= len(value) <= high:
        raise Refused("length", f"{len(value)} bytes, allowed are {low} to {high}")
    return uint(len(value), prefix_size(high)) + value


def prefix_size(maximum: int) -> int:
    """Bytes of a length prefix: one up to 255, two up to 65,535, four beyond."""
    return 1 if maximum <= 0xFF else 2 if maximum <= 0xFFFF else 4


def check_count(count: int, low: int, high: int) -> None:
    if not low <= count <= high:
        raise Refused("count", f"{count} parts, allowed are {low} to {high}")


def counted(digests: Sequence[bytes], count_size: int) -> bytes:
    """Digests behind their number."""
    return uint(len(digests), count_size) + b"".join(
        fixed(digest, HASH_SIZE) for digest in digests)


def sized(data: bytes) -> bytes:
    """Bytes behind a four-byte length."""
    return uint(len(data), 4) + data


def fixed(value: bytes, size: int) -> bytes:
    """A byte string without a prefix, of exactly `size` bytes."""
    if len(value) != size:
        raise Refused("length", f"{len(value)} bytes where {size} belong")
    return value


def uint(value: int, size: int) -> bytes:
    """An unsigned big-endian integer of `size` bytes."""
    if not 0 <= value < 1 << (8 * size):
        raise Refused("count", f"{value} does not fit {size} bytes")
    return value.to_bytes(size, "big")


def pad(plaintext: bytes) -> bytes:
    """Appends 0 to 31 zero bytes, up to a multiple of 32."""
    return plaintext + bytes(-len(plaintext) % PAD_BLOCK)


# --- Merkle trees ---------------------------------------------------------------------------

def is_included(leaf_hash: bytes, index: int, tree_size: int, path: Sequence[bytes],
                root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2: whether the inclusion path leads from a leaf hash to the root.

    `index` and `last` are fn and sn there: where the node and the last node of its level are.
    """
    if not 0 <= index < tree_size:
        return False
    node, last = leaf_hash, tree_size - 1
    for sibling in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = hash_children(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = hash_children(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


def inclusion_path(index: int, leaf_hashes: Sequence[bytes]) -> List[bytes]:
    """RFC 9162, section 2.1.3.1: the siblings of a leaf up to the root, lowest first."""
    if len(leaf_hashes) <= 1:
        return []
    split = 1 << ((len(leaf_hashes) - 1).bit_length() - 1)
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if index < split:
        return inclusion_path(index, left) + [tree_root(right)]
    return inclusion_path(index - split, right) + [tree_root(left)]


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.1: the Merkle tree hash over leaf hashes; empty is SHA-256("").

    Keeps the roots of full subtrees, largest first, as an append-only tree would.
    """
    if not leaf_hashes:
        return sha256()
    stack: List[bytes] = []
    for index, current in enumerate(leaf_hashes):
        while index & 1:
            current = hash_children(stack.pop(), current)
            index >>= 1
        stack.append(current)
    root = stack.pop()
    while stack:
        root = hash_children(stack.pop(), root)
    return root


def hash_leaf(entry: bytes) -> bytes:
    return sha256(b"\x00", entry)


def hash_children(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


# --- Ed25519 --------------------------------------------------------------------------------

# RFC 8032, section 5.1: p, L and d. The curve is -x^2 + y^2 = 1 + d x^2 y^2 over the field of p.
PRIME = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)


def ed25519_verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Section 5.1.7, without the cofactor: R must be exactly S times the base less k times A."""
    if len(public_key) != PUBLIC_KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    a = decode_point(public_key)
    if a is None or s >= GROUP_ORDER:
        return False
    digest = hashlib.sha512(r + public_key + message).digest()
    k = int.from_bytes(digest, "little") % GROUP_ORDER
    return BASE_POINT.times(s).plus(a.times(GROUP_ORDER - k)).encode() == r


def is_public_key(data: bytes) -> bool:
    """A point in the canonical form, whose order is not one of the small ones."""
    point = decode_point(data)
    return point is not None and point.times(8).encode() != NEUTRAL.encode()


def decode_point(data: bytes) -> Optional[Point]:
    """Section 5.1.3; None for bytes that stand for no point."""
    value = int.from_bytes(data, "little")
    odd, y = value >> 255, value & (1 << 255) - 1
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if x * x % PRIME != square or (x == 0 and odd):
        return None
    x = x if x & 1 == odd else PRIME - x
    return Point(x, y, 1, x * y % PRIME)


class Point(NamedTuple):
    """A point (x/z, y/z) with t = x y / z, so that adding needs no division."""

    x: int
    y: int
    z: int
    t: int

    def plus(self, other: Point) -> Point:
        """Section 5.1.4."""
        a = (self.y - self.x) * (other.y - other.x)
        b = (self.y + self.x) * (other.y + other.x)
        c, d = 2 * CURVE_D * self.t * other.t, 2 * self.z * other.z
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)

    def times(self, scalar: int) -> Point:
        """By doubling and adding; nothing here is secret, so its time may tell the scalar."""
        total, power = NEUTRAL, self
        while scalar:
            if scalar & 1:
                total = total.plus(power)
            power, scalar = power.plus(power), scalar >> 1
        return total

    def encode(self) -> bytes:
        """Section 5.1.2."""
        inverse = pow(self.z, -1, PRIME)
        x, y = self.x * inverse % PRIME, self.y * inverse % PRIME
        return (y | (x & 1) << 255).to_bytes(PUBLIC_KEY_SIZE, "little")


NEUTRAL = Point(0, 1, 1, 0)
BASE_POINT = decode_point(bytes.fromhex("58" + 31 * "66"))


# --- P-256 ----------------------------------------------------------------------------------

# SEC 2, section 2.4.2: the curve is y^2 = x^3 - 3 x + b over the field of this prime.
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b


def p256_verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """FIPS 186-5, section 6.4.2, with SHA-256 and a signature in strict DER."""
    point, scalars = decode_p256(public_key), decode_der(signature)
    if point is None or scalars is None:
        return False
    r, s = scalars
    inverse = pow(s, -1, P256_ORDER)
    digest = int.from_bytes(sha256(message), "big")
    total = P256_BASE.times(digest * inverse % P256_ORDER).plus(
        point.times(r * inverse % P256_ORDER))
    return total.z != 0 and total.affine_x() % P256_ORDER == r


def decode_p256(data: bytes) -> Optional[P256Point]:
    """An uncompressed point (SEC 1, section 2.3.4); None for bytes that are none."""
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if len(data) != 65 or data[0] != 4 or max(x, y) >= P256_PRIME:
        return None
    if (y * y - x * x * x + 3 * x - P256_B) % P256_PRIME:
        return None
    return P256Point(x, y, 1)


def decode_der(signature: bytes) -> Optional[Tuple[int, int]]:
    """r and s of a DER sequence (X.690) without a byte too many; None for anything else."""
    if len(signature) < 2 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        return None
    first, rest = decode_scalar(signature[2:])
    second, rest = decode_scalar(rest)
    return None if first is None or second is None or rest else (first, second)


def decode_scalar(data: bytes) -> Tuple[Optional[int], bytes]:
    """A positive integer below the group's order, and the bytes behind it."""
    if len(data) < 2 or data[0] != 2 or not 1 <= data[1] <= len(data) - 2:
        return None, b""
    scalar, rest = data[2:2 + data[1]], data[2 + data[1]:]
    padded = len(scalar) > 1 and scalar[0] == 0 and scalar[1] < 0x80
    value = int.from_bytes(scalar, "big")
    if scalar[0] >= 0x80 or padded or not 0 < value < P256_ORDER:
        return None, b""
    return value, rest


class P256Point(NamedTuple):
    """A point (x/z^2, y/z^3), so that adding needs no division; z is zero at infinity."""

    x: int
    y: int
    z: int

    def doubled(self) -> P256Point:
        square = self.y * self.y
        slope = 3 * (self.x - self.z * self.z) * (self.x + self.z * self.z)
        shared = 4 * self.x * square
        x = slope * slope - 2 * shared
        y = slope * (shared - x) - 8 * square * square
        return P256Point(x % P256_PRIME, y % P256_PRIME, 2 * self.y * self.z % P256_PRIME)

    def plus(self, other: P256Point) -> P256Point:
        if not self.z or not other.z:
            return other if not self.z else self
        own, others = self.z * self.z, other.z * other.z
        u, s = self.x * others % P256_PRIME, self.y * others * other.z % P256_PRIME
        h = (other.x * own - u) % P256_PRIME
        r = (other.y * own * self.z - s) % P256_PRIME
        if not h:
            return P256Point(1, 1, 0) if r else self.doubled()
        cube = h * h * h
        x = r * r - cube - 2 * u * h * h
        y = r * (u * h * h - x) - s * cube
        return P256Point(x % P256_PRIME, y % P256_PRIME, h * self.z * other.z % P256_PRIME)

    def times(self, scalar: int) -> P256Point:
        """By doubling and adding; nothing here is secret, so its time may tell the scalar."""
        total = P256Point(1, 1, 0)
        for bit in bin(scalar)[2:]:
            total = total.doubled()
            if bit == "1":
                total = total.plus(self)
        return total

    def affine_x(self) -> int:
        return self.x * pow(self.z * self.z, -1, P256_PRIME) % P256_PRIME


P256_BASE = decode_p256(bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"))


# --- Hashes ---------------------------------------------------------------------------------

def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


# --- Refusals -------------------------------------------------------------------------------

CODES = {
    "truncated": "the bytes end before the structure does",
    "trailing": "bytes follow where the structure ends",
    "version": "unknown version, the wrong label in front of it, or one that this content must not "
               "have",
    "kind": "unknown kind, action, journal type or state, or JSON that does not fit its kind",
    "suite": "unknown suite, or one that this kind of event does not use",
    "operation": "unknown operation",
    "encoding": "unknown encoding, one not allowed here, or an LZ4 block that does not decode",
    "padding": "padding that is not zero, not needed, or missing",
    "length": "a length outside its declared bounds",
    "text": "text that is not UTF-8, or JSON that is not canonical",
    "count": "a number of items, or a number, outside its range",
    "order": "items that are not in strictly ascending order",
    "data_size": "data_size is not the size of the decoded data, or is too large",
    "key_mismatch": "the key at hand is not the key that the part names",
    "digest": "a digest does not match the bytes it stands for",
}


class Refused(Exception):
    """Malformed input. Readers refuse everything that is not exactly one valid encoding, with one
    of CODES as the reason; the message never repeats payload bytes."""

    def __init__(self, code: str, message: str):
        assert code in CODES, code
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Usage(Exception):
    """The command was called wrongly, or its input cannot be read as what it should be."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
