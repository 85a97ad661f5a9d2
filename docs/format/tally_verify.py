#!/usr/bin/env python3
"""Second, independent implementation of the Tallystick format, version 1.

Written from docs/format.md with Python's standard library alone, so that an auditor can read
all of it in one sitting. It encodes and strictly decodes every structure and recomputes every
digest, key id, tag, associated data and tree root. It cannot open sealed parts: the standard
library has no AES-GCM. Where a check needs the plaintext it says so instead of passing.

    tally_verify.py vectors DIR      recompute every golden vector in DIR
    tally_verify.py log FILE         verify the JSON Lines dump of one tenant's log
        [--allow-missing checkpoints,witnesses]
    tally_verify.py certificate FILE verify the certificate of an erasure

Exit codes: 0 every check ran and passed, 1 a vector failed, 3 the log or certificate is broken,
8 nothing is broken but a check could not run or nobody has signed, 64 usage or unreadable input.

Readers refuse everything that is not exactly one valid encoding. Each refusal carries one of
the codes in CODES; the malformed vectors name the code they expect.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Dict, Iterable, List, NamedTuple, Optional
from typing import Sequence, Tuple

USAGE = """usage: tally_verify.py vectors DIR
       tally_verify.py log FILE [--allow-missing checkpoints,witnesses]
       tally_verify.py certificate FILE"""

EXIT_OK, EXIT_FAILED, EXIT_BROKEN, EXIT_INCOMPLETE, EXIT_USAGE = 0, 1, 3, 8, 64

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
    """Malformed input. `code` is a key of CODES; the message never repeats payload bytes."""

    def __init__(self, code: str, message: str):
        assert code in CODES, code
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Usage(Exception):
    """The command was called wrongly, or its input cannot be read as what it should be."""


# --- Constants ------------------------------------------------------------------------------

HASH_SIZE = 32
KEY_SIZE = 32
ID_SIZE = 16
TAG_SIZE = 16
NONCE_SIZE = 12
GCM_TAG_SIZE = 16
PAD_BLOCK = 32
MAX_DATA = 16_777_216
MAX_PARTS = 32
MAX_PURGED_PARTS = 10_000
MAX_DOCUMENT_PARTS = 65_535
MAX_SAFE_INTEGER = 2**53 - 1

NOTE, PUT, PATCH, DELETE, REVERT = range(5)
IDENTITY, LZ4 = range(2)
CLEAR_SUITE, SEALED_SUITE = range(2)
KEY_KINDS = {1: "data", 2: "subject", 3: "index", 4: "export"}
HEAD_STATES = {0: "active", 1: "frozen", 2: "erased"}
TAG_LABELS = ("stream", "type", "actor", "subject", "collection", "tenant")

KINDS = {
    0: "genesis", 1: "recorded", 2: "keysDestroyed", 3: "restoreBegan", 4: "restoreEnded",
    5: "frozen", 6: "thawed", 7: "partsPurged", 8: "held", 9: "released", 10: "imported",
    11: "erasureStep", 12: "readmitted", 13: "tenantErased", 14: "originOpened",
    15: "operatorAction",
}
GENESIS, KEYS_DESTROYED, PARTS_PURGED, ERASURE_STEP, ORIGIN_OPENED, OPERATOR_ACTION = (
    0, 2, 7, 11, 14, 15)
SEALED_KINDS = (1, 10)

# Closed table of labels that separate one use of a hash or a key from every other.
LABEL_PART = b"tallystick part v1"
LABEL_WRAP = b"tallystick wrap v1"
LABEL_TWK = b"tallystick twk v1"
LABEL_DOCUMENT_PART = b"tallystick document part v1"
LABEL_TENANT_NAME = b"tallystick tenant name v1"
LABEL_WORD = b"tallystick word v1"
LABEL_GENESIS = b"tallystick genesis v1"
LABEL_KEY_ID = b"tallystick key id v1"
LABEL_APPROVAL = b"tallystick approval v1"
LABEL_CERTIFICATE = b"tallystick certificate v1"
MAGIC_WRAPPED_KEY = b"TLYW"
MAGIC_WRAPPED_TWK = b"TLYT"


# --- Bytes in, bytes out --------------------------------------------------------------------

def prefix_width(maximum: int) -> int:
    """Bytes of a length prefix: one up to 255, two up to 65,535, four beyond."""
    return 1 if maximum <= 0xFF else 2 if maximum <= 0xFFFF else 4


def uint(value: int, width: int) -> bytes:
    """An unsigned big-endian integer of `width` bytes."""
    if not 0 <= value < 1 << (8 * width):
        raise Refused("count", f"{value} does not fit {width} bytes")
    return value.to_bytes(width, "big")


def fixed(value: bytes, size: int) -> bytes:
    """A byte string without a prefix, of exactly `size` bytes."""
    if len(value) != size:
        raise Refused("length", f"{len(value)} bytes where {size} belong")
    return value


def opaque(value: bytes, low: int, high: int) -> bytes:
    """A byte string of `low` to `high` bytes behind its length prefix."""
    if not low <= len(value) <= high:
        raise Refused("length", f"{len(value)} bytes, allowed are {low} to {high}")
    return uint(len(value), prefix_width(high)) + value


def text(value: str, low: int, high: int) -> bytes:
    """UTF-8 text of `low` to `high` bytes behind its length prefix."""
    try:
        return opaque(value.encode("utf-8"), low, high)
    except UnicodeEncodeError as error:
        raise Refused("text", "not Unicode text") from error


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

    def uint(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def opaque(self, low: int, high: int) -> bytes:
        size = self.uint(prefix_width(high))
        if not low <= size <= high:
            raise Refused("length", f"length {size}, allowed are {low} to {high}")
        return self.take(size)

    def text(self, low: int, high: int) -> str:
        return decode_text(self.opaque(low, high))

    def version(self, width: int, magic: bytes = b"", known: Sequence[int] = (1,)) -> int:
        if self.take(len(magic)) != magic:
            raise Refused("version", f"does not begin with {magic.decode()}")
        found = self.uint(width)
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


def decode_text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("text", "not UTF-8") from error


def pad(plaintext: bytes) -> bytes:
    """Appends 0 to 31 zero bytes, up to a multiple of 32."""
    return plaintext + bytes(-len(plaintext) % PAD_BLOCK)


def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


# --- Keys, tags and trees -------------------------------------------------------------------

def hkdf_sha256(ikm: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869: extract, then expand. An empty salt stands for 32 zero bytes."""
    pseudo_random_key = hmac_sha256(salt or bytes(HASH_SIZE), ikm)
    output = block = b""
    counter = 1
    while len(output) < size:
        block = hmac_sha256(pseudo_random_key, block + info + uint(counter, 1))
        output += block
        counter += 1
    return output[:size]


def key_id(key: bytes) -> bytes:
    """The public name of a 256-bit key; it commits to the key and does not reveal it."""
    return hkdf_sha256(fixed(key, KEY_SIZE), b"", LABEL_KEY_ID, HASH_SIZE)


def tag_message(label: str, value: bytes) -> bytes:
    if label not in TAG_LABELS:
        raise Refused("kind", f"no tag label {label!r}")
    return label.encode("ascii") + b"\x00" + value


def blind_tag(index_key: bytes, label: str, value: bytes) -> bytes:
    """A keyed 16-byte stand-in for a name, so that equal names can be found but not read."""
    return hmac_sha256(fixed(index_key, KEY_SIZE), tag_message(label, value))[:TAG_SIZE]


def tree_leaf_hash(entry: bytes) -> bytes:
    """RFC 9162, section 2.1.1: the hash of one entry of a tree."""
    return sha256(b"\x00", entry)


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.1: the Merkle tree hash over leaf hashes; empty is SHA-256("").

    Keeps the roots of full subtrees, largest first, as an append-only tree would.
    """
    if not leaf_hashes:
        return sha256()
    stack: List[bytes] = []
    for index, current in enumerate(leaf_hashes):
        while index & 1:
            current = sha256(b"\x01", stack.pop(), current)
            index >>= 1
        stack.append(current)
    root = stack.pop()
    while stack:
        root = sha256(b"\x01", stack.pop(), root)
    return root


def inclusion_path(index: int, leaf_hashes: Sequence[bytes]) -> List[bytes]:
    """RFC 9162, section 2.1.3.1: the siblings of a leaf up to the root, lowest first."""
    if len(leaf_hashes) <= 1:
        return []
    split = 1 << ((len(leaf_hashes) - 1).bit_length() - 1)
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if index < split:
        return inclusion_path(index, left) + [tree_root(right)]
    return inclusion_path(index - split, right) + [tree_root(left)]


def is_included(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes],
                root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2: whether the path leads from that leaf to that root.

    `index` and `last` are the places of the node at hand and of the last node, level by level.
    """
    if not 0 <= index < size:
        return False
    last, node = size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = sha256(b"\x01", sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01", node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


def genesis_message(ledger_id: bytes, tenant: bytes, slot: int) -> bytes:
    return LABEL_GENESIS + fixed(ledger_id, ID_SIZE) + fixed(tenant, ID_SIZE) + uint(slot, 4)


def genesis_previous(ledger_id: bytes, tenant: bytes, slot: int) -> bytes:
    """`previous` of the leaf at position 0: no log can be passed off as another tenant's."""
    return sha256(genesis_message(ledger_id, tenant, slot))


# --- Ed25519 --------------------------------------------------------------------------------

# The curve -x^2 + y^2 = 1 + d x^2 y^2 over the field of FIELD elements (RFC 8032, section 5.1).
FIELD = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)
PUBLIC_KEY_SIZE, SIGNATURE_SIZE = 32, 64


class Point(NamedTuple):
    """A point (x/z, y/z) with t = x y / z, so that adding needs no division."""

    x: int
    y: int
    z: int
    t: int

    def plus(self, other: Point) -> Point:
        below = (self.y - self.x) * (other.y - other.x)
        above = (self.y + self.x) * (other.y + other.x)
        twisted, scale = 2 * CURVE_D * self.t * other.t, 2 * self.z * other.z
        e, f, g, h = above - below, scale - twisted, scale + twisted, above + below
        return Point(e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD)

    def times(self, scalar: int) -> Point:
        """By doubling and adding; nothing here is secret, so its time may tell the scalar."""
        total, power = NEUTRAL, self
        while scalar:
            if scalar & 1:
                total = total.plus(power)
            power, scalar = power.plus(power), scalar >> 1
        return total

    def encode(self) -> bytes:
        inverse = pow(self.z, -1, FIELD)
        x, y = self.x * inverse % FIELD, self.y * inverse % FIELD
        return (y | (x & 1) << 255).to_bytes(PUBLIC_KEY_SIZE, "little")


NEUTRAL = Point(0, 1, 1, 0)


def decode_point(data: bytes) -> Optional[Point]:
    """Section 5.1.3; None for bytes that stand for no point."""
    value = int.from_bytes(data, "little")
    odd, y = value >> 255, value & (1 << 255) - 1
    if y >= FIELD:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if x * x % FIELD != square:
        x = x * ROOT_OF_MINUS_ONE % FIELD
    if x * x % FIELD != square or (x == 0 and odd):
        return None
    x = x if x & 1 == odd else FIELD - x
    return Point(x, y, 1, x * y % FIELD)


def _base_point() -> Point:
    y = 4 * pow(5, -1, FIELD) % FIELD
    point = decode_point(y.to_bytes(PUBLIC_KEY_SIZE, "little"))
    assert point is not None
    return point


BASE_POINT = _base_point()


def ed25519_verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Section 5.1.7, without the cofactor: R must be exactly S times the base less k times A."""
    if len(public_key) != PUBLIC_KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    key = decode_point(public_key)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= GROUP_ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    k = int.from_bytes(digest, "little") % GROUP_ORDER
    return BASE_POINT.times(s).plus(key.times(GROUP_ORDER - k)).encode() == signature[:32]


# --- LZ4 blocks -----------------------------------------------------------------------------

LZ4_MIN_MATCH = 4
LZ4_LAST_LITERALS = 5
LZ4_MATCH_START_LIMIT = 12


def lz4_decode(block: bytes, data_size: int) -> bytes:
    """Decodes one LZ4 block that must yield exactly `data_size` bytes.

    Holds at most `data_size` bytes. The block format's end rules are enforced: the last
    sequence is literals only, the last five bytes are literals, and the last match starts at
    least twelve bytes before the end. No data is one zero byte.
    """
    if data_size == 0 and block != b"\x00":
        raise Refused("encoding", "not the LZ4 block of no data")
    reader, output = Reader(block), bytearray()
    try:
        while True:
            token = reader.uint(1)
            output += reader.take(_lz4_length(reader, token >> 4, data_size - len(output)))
            if not reader.remaining():
                break
            _lz4_match(reader, token & 15, output, data_size)
    except Refused as error:
        raise Refused("encoding", f"not an LZ4 block: {error.message}") from error
    if len(output) != data_size:
        raise Refused("data_size", f"decodes to {len(output)} bytes, not {data_size}")
    return bytes(output)


def _lz4_length(reader: Reader, nibble: int, limit: int) -> int:
    """A length that starts in a token's nibble and goes on in bytes while they are 255."""
    length = nibble
    more = nibble == 15
    while more:
        step = reader.uint(1)
        length += step
        more = step == 255
        if length > limit:
            break
    if length > limit:
        raise Refused("length", "output runs past data_size")
    return length


def _lz4_match(reader: Reader, nibble: int, output: bytearray, data_size: int) -> None:
    """Copies from what was already written; source and target may overlap."""
    offset = int.from_bytes(reader.take(2), "little")
    if not 1 <= offset <= len(output):
        raise Refused("length", "offset outside the output")
    if len(output) > data_size - LZ4_MATCH_START_LIMIT:
        raise Refused("length", "a match starts within the last 12 bytes")
    limit = data_size - LZ4_LAST_LITERALS - len(output)
    length = LZ4_MIN_MATCH + _lz4_length(reader, nibble, limit - LZ4_MIN_MATCH)
    start = len(output) - offset
    source = output[start:start + length]
    output += (source * -(-length // len(source)))[:length]


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


# --- Leaf -----------------------------------------------------------------------------------

@dataclass(frozen=True)
class Leaf:
    """What is hashed for one event: 84 bytes and 32 more for each part."""

    VERSION: ClassVar[int] = 1
    COUNT: ClassVar[str] = "part_count"

    kind: int
    tenant: bytes
    position: int
    recorded_at: int
    event_id: bytes
    previous: bytes
    part_digest: Tuple[bytes, ...]

    def encode(self) -> bytes:
        self._check()
        return b"".join((
            uint(self.VERSION, 2), uint(self.kind, 1), fixed(self.tenant, ID_SIZE),
            uint(self.position, 8), uint(self.recorded_at, 8), fixed(self.event_id, ID_SIZE),
            fixed(self.previous, HASH_SIZE), uint(len(self.part_digest), 1),
            *(fixed(digest, HASH_SIZE) for digest in self.part_digest)))

    @classmethod
    def decode(cls, data: bytes) -> Leaf:
        reader = Reader(data)
        reader.version(2)
        leaf = cls(
            kind=reader.uint(1), tenant=reader.take(ID_SIZE), position=reader.uint(8),
            recorded_at=reader.uint(8), event_id=reader.take(ID_SIZE),
            previous=reader.take(HASH_SIZE), part_digest=_read_part_digests(reader))
        reader.end()
        leaf._check()
        return leaf

    def _check(self) -> None:
        if self.kind not in KINDS:
            raise Refused("kind", f"kind {self.kind} is unknown")
        if not 1 <= len(self.part_digest) <= MAX_PARTS:
            raise Refused("count", f"{len(self.part_digest)} parts, allowed are 1 to {MAX_PARTS}")

    def hash(self) -> bytes:
        """Chain link and tree leaf in one value."""
        return tree_leaf_hash(self.encode())


def _read_part_digests(reader: Reader) -> Tuple[bytes, ...]:
    count = reader.uint(1)
    if not 1 <= count <= MAX_PARTS:
        raise Refused("count", f"{count} parts, allowed are 1 to {MAX_PARTS}")
    return tuple(reader.take(HASH_SIZE) for _ in range(count))


# --- Parts ----------------------------------------------------------------------------------

@dataclass(frozen=True)
class ClearPart:
    """Suite 0: canonical JSON in the clear. Holds ids, counts and hashes, never personal data."""

    SUITE: ClassVar[int] = CLEAR_SUITE

    canonical_json: bytes

    def encode(self) -> bytes:
        return uint(self.SUITE, 1) + self.canonical_json


@dataclass(frozen=True)
class SealedPart:
    """Suite 1: AES-256-GCM under the key that `key_id` names."""

    SUITE: ClassVar[int] = SEALED_SUITE

    key_id: bytes
    nonce: bytes
    ciphertext_and_tag: bytes

    def encode(self) -> bytes:
        self._check()
        return (uint(self.SUITE, 1) + fixed(self.key_id, HASH_SIZE)
                + fixed(self.nonce, NONCE_SIZE) + self.ciphertext_and_tag)

    @classmethod
    def decode(cls, data: bytes) -> SealedPart:
        reader = Reader(data)
        suite = reader.uint(1)
        if suite != cls.SUITE:
            raise Refused("suite", f"suite {suite} where a sealed part belongs")
        part = cls(reader.take(HASH_SIZE), reader.take(NONCE_SIZE), reader.rest())
        part._check()
        return part

    def _check(self) -> None:
        size = len(self.ciphertext_and_tag)
        if size < PAD_BLOCK + GCM_TAG_SIZE:
            raise Refused("truncated", "shorter than one padded block and a tag")
        if (size - GCM_TAG_SIZE) % PAD_BLOCK:
            raise Refused("length", "the plaintext is not a multiple of 32 bytes")

    def require_key(self, key: bytes) -> None:
        """What a reader does before it decrypts: AES-GCM alone does not commit to its key."""
        if key_id(key) != self.key_id:
            raise Refused("key_mismatch", "the key's id is not the one the part names")


def decode_part(data: bytes, kind: int) -> Any:
    """A ClearPart or SealedPart, as the kind of its event demands."""
    suite = Reader(data).uint(1)
    if suite not in (CLEAR_SUITE, SEALED_SUITE):
        raise Refused("suite", f"suite {suite} is unknown")
    if suite != (SEALED_SUITE if kind in SEALED_KINDS else CLEAR_SUITE):
        raise Refused("suite", f"suite {suite} in an event of kind {kind}")
    if suite == SEALED_SUITE:
        return SealedPart.decode(data)
    decode_clear_json(data[1:], kind)
    return ClearPart(data[1:])


def part_aad(ledger_id: bytes, tenant: bytes, event_id: bytes, kind: int, index: int,
             part_count: int, sealing_key_id: bytes) -> bytes:
    """Ties a sealed part to its place; holds nothing that is only known at commit."""
    return b"".join((
        LABEL_PART, fixed(ledger_id, ID_SIZE), fixed(tenant, ID_SIZE), fixed(event_id, ID_SIZE),
        uint(kind, 1), uint(index, 1), uint(part_count, 1), uint(SEALED_SUITE, 1),
        fixed(sealing_key_id, HASH_SIZE)))


# --- Envelope and Personal ------------------------------------------------------------------

@dataclass(frozen=True)
class Envelope:
    """The plaintext of part 0 of a recorded or imported event."""

    VERSION: ClassVar[int] = 1

    operation: int
    encoding: int
    stream: str
    type: str
    actor: str
    on_behalf_of: str
    occurred_at: int
    correlation: str
    causation: str
    data_size: int
    data: bytes

    def encode(self) -> bytes:
        """Without padding."""
        self.content()
        return b"".join((
            uint(self.VERSION, 1), uint(self.operation, 1), uint(self.encoding, 1),
            text(self.stream, 1, 1024), text(self.type, 1, 255), text(self.actor, 0, 255),
            text(self.on_behalf_of, 0, 255), uint(self.time_field(), 8),
            text(self.correlation, 0, 64), text(self.causation, 0, 64),
            uint(self.data_size, 4), opaque(self.data, 0, MAX_DATA)))

    @classmethod
    def decode(cls, plaintext: bytes) -> Envelope:
        """From the padded plaintext; of version 2 it is an EnvelopeV2."""
        reader = Reader(plaintext)
        version = ENVELOPES[reader.version(1, known=tuple(ENVELOPES))]
        envelope = version(
            operation=reader.uint(1), encoding=reader.uint(1), stream=reader.text(1, 1024),
            type=reader.text(1, 255), actor=reader.text(0, 255), on_behalf_of=reader.text(0, 255),
            occurred_at=version.time(reader.uint(8)), correlation=reader.text(0, 64),
            causation=reader.text(0, 64), data_size=reader.uint(4),
            data=reader.opaque(0, MAX_DATA))
        reader.padding()
        envelope.content()
        return envelope

    def time_field(self) -> int:
        return self.occurred_at

    @staticmethod
    def time(field: int) -> int:
        return field

    def content(self) -> bytes:
        """The data as the caller submitted it: JSON text, or eight bytes for a revert."""
        if self.operation not in range(NOTE, REVERT + 1):
            raise Refused("operation", f"operation {self.operation} is unknown")
        if self.operation == REVERT and self.encoding == LZ4:
            raise Refused("encoding", "a revert is never compressed")
        content = decode_data(self.encoding, self.data_size, self.data)
        if self.operation == REVERT and len(content) != 8:
            raise Refused("data_size", "a revert carries exactly eight bytes")
        if self.operation != REVERT:
            decode_text(content)
        return content

    def plain(self) -> Envelope:
        """The same envelope with encoding 0, as request digests want it."""
        return dataclasses.replace(self, encoding=IDENTITY, data=self.content())


class EnvelopeV2(Envelope):
    """An envelope whose time is 1970-01-01T00:00:00Z or earlier, and counted back."""

    VERSION: ClassVar[int] = 2
    EARLIEST: ClassVar[int] = -62_135_596_800_000_000
    """0001-01-01T00:00:00Z."""

    def time_field(self) -> int:
        if not self.EARLIEST <= self.occurred_at <= 0:
            raise Refused("version", "a time that version 2 does not express")
        return 1 - self.occurred_at

    @staticmethod
    def time(field: int) -> int:
        if not 1 <= field <= 1 - EnvelopeV2.EARLIEST:
            raise Refused("version", "a time that version 2 does not express")
        return 1 - field


ENVELOPES = {cls.VERSION: cls for cls in (Envelope, EnvelopeV2)}


@dataclass(frozen=True)
class Personal:
    """The plaintext of parts 1 to n: one person's data in one retention class."""

    VERSION: ClassVar[int] = 1

    encoding: int
    subject: str
    retention_class: str
    data_size: int
    data: bytes

    def encode(self) -> bytes:
        """Without padding."""
        self.content()
        return b"".join((
            uint(self.VERSION, 1), uint(self.encoding, 1), text(self.subject, 1, 255),
            text(self.retention_class, 0, 63), uint(self.data_size, 4),
            opaque(self.data, 0, MAX_DATA)))

    @classmethod
    def decode(cls, plaintext: bytes) -> Personal:
        """From the padded plaintext."""
        reader = Reader(plaintext)
        reader.version(1)
        personal = cls(
            encoding=reader.uint(1), subject=reader.text(1, 255),
            retention_class=reader.text(0, 63), data_size=reader.uint(4),
            data=reader.opaque(0, MAX_DATA))
        reader.padding()
        personal.content()
        return personal

    def content(self) -> bytes:
        content = decode_data(self.encoding, self.data_size, self.data)
        decode_text(content)
        return content

    def plain(self) -> Personal:
        return dataclasses.replace(self, encoding=IDENTITY, data=self.content())

    def sort_key(self) -> Tuple[bytes, bytes]:
        return self.subject.encode("utf-8"), self.retention_class.encode("utf-8")


def check_opened(envelope: Envelope, personals: Sequence[Personal]) -> None:
    """What can be said of an event's parts only together, once they are open."""
    if len(personals) > MAX_PARTS - 1:
        raise Refused("count", f"{len(personals)} personal parts, at most {MAX_PARTS - 1}")
    if envelope.operation == REVERT and personals:
        raise Refused("count", "a revert has no personal parts")
    keys = [personal.sort_key() for personal in personals]
    if any(left >= right for left, right in zip(keys, keys[1:])):
        raise Refused("order", "personal parts are not sorted by subject and retention class")


# --- Request digest and event body ----------------------------------------------------------

class RequestEvent(NamedTuple):
    """One event of an append request: expected is -1 any, 0 none, else the stream's version."""

    expected: int
    envelope: Envelope
    personals: Tuple[Personal, ...]


def request_message(events: Sequence[RequestEvent]) -> bytes:
    """What a request digest is computed over; compression and padding never enter it."""
    pieces = [b"request\x00", uint(len(events), 4)]
    for event in events:
        check_opened(event.envelope, event.personals)
        if not -1 <= event.expected < 2**63:
            raise Refused("count", f"expected version {event.expected}")
        pieces.append(event.expected.to_bytes(8, "big", signed=True))
        pieces.append(sized(event.envelope.plain().encode()))
        pieces.append(uint(len(event.personals), 1))
        pieces.extend(sized(personal.plain().encode()) for personal in event.personals)
    return b"".join(pieces)


def request_digest(index_key: bytes, events: Sequence[RequestEvent]) -> bytes:
    """32 bytes by which a retry is told from a different request under the same id."""
    return hmac_sha256(fixed(index_key, KEY_SIZE), request_message(events))


def sized(data: bytes) -> bytes:
    """Bytes behind a four-byte length."""
    return uint(len(data), 4) + data


def encode_body(parts: Iterable[bytes]) -> bytes:
    """`event.body`: each part behind its length; a purged part is a length of zero."""
    return b"".join(sized(part) for part in parts)


def decode_body(body: bytes, part_count: int) -> List[bytes]:
    """The parts as stored, without judging them; purged ones are empty."""
    reader = Reader(body)
    parts = [reader.take(reader.uint(4)) for _ in range(part_count)]
    reader.end()
    return parts


def check_event(leaf: Leaf, body: bytes) -> List[int]:
    """Checks a body against its leaf; returns the indices of the purged parts.

    Whether a purge was recorded is for the whole log to say, not for one event.
    """
    parts = decode_body(body, len(leaf.part_digest))
    if leaf.kind not in SEALED_KINDS and len(parts) != 1:
        raise Refused("count", f"an event of kind {leaf.kind} has exactly one part")
    for index, (part, digest) in enumerate(zip(parts, leaf.part_digest)):
        if part and sha256(part) != digest:
            raise Refused("digest", f"part {index} is not the one the leaf names")
        if part:
            decode_part(part, leaf.kind)
        elif leaf.kind not in SEALED_KINDS:
            raise Refused("length", "a clear part is never purged")
    return [index for index, part in enumerate(parts) if not part]


# --- Wrapped keys ---------------------------------------------------------------------------

@dataclass(frozen=True)
class WrappedKey:
    """A 256-bit key sealed under its tenant's wrapping key: always 130 bytes."""

    VERSION: ClassVar[int] = 1

    kind: int
    parent_key_id: bytes
    key_id: bytes
    nonce: bytes
    ciphertext_and_tag: bytes

    def encode(self) -> bytes:
        self._check()
        return b"".join((
            MAGIC_WRAPPED_KEY, uint(self.VERSION, 1), uint(self.kind, 1),
            fixed(self.parent_key_id, HASH_SIZE), fixed(self.key_id, HASH_SIZE),
            fixed(self.nonce, NONCE_SIZE),
            fixed(self.ciphertext_and_tag, KEY_SIZE + GCM_TAG_SIZE)))

    @classmethod
    def decode(cls, data: bytes) -> WrappedKey:
        reader = Reader(data)
        reader.version(1, MAGIC_WRAPPED_KEY)
        wrapped = cls(
            kind=reader.uint(1), parent_key_id=reader.take(HASH_SIZE),
            key_id=reader.take(HASH_SIZE), nonce=reader.take(NONCE_SIZE),
            ciphertext_and_tag=reader.take(KEY_SIZE + GCM_TAG_SIZE))
        reader.end()
        wrapped._check()
        return wrapped

    def _check(self) -> None:
        if self.kind not in KEY_KINDS:
            raise Refused("kind", f"key kind {self.kind} is unknown")

    def aad(self, ledger_id: bytes, tenant: bytes, subject_tag: bytes,
            retention_class: str) -> bytes:
        """`subject_tag` is 16 zero bytes and `retention_class` empty where there is none."""
        return b"".join((
            LABEL_WRAP, fixed(ledger_id, ID_SIZE), fixed(tenant, ID_SIZE), uint(self.kind, 1),
            fixed(self.parent_key_id, HASH_SIZE), fixed(self.key_id, HASH_SIZE),
            fixed(subject_tag, TAG_SIZE), text(retention_class, 0, 63)))


@dataclass(frozen=True)
class WrappedTWK:
    """A tenant's wrapping key as the provider of the epoch's key-encryption key returned it."""

    VERSION: ClassVar[int] = 1

    epoch: int
    twk_id: bytes
    blob: bytes

    def encode(self) -> bytes:
        return b"".join((
            MAGIC_WRAPPED_TWK, uint(self.VERSION, 1), uint(self.epoch, 8),
            fixed(self.twk_id, HASH_SIZE), opaque(self.blob, 1, 1024)))

    @classmethod
    def decode(cls, data: bytes) -> WrappedTWK:
        reader = Reader(data)
        reader.version(1, MAGIC_WRAPPED_TWK)
        wrapped = cls(epoch=reader.uint(8), twk_id=reader.take(HASH_SIZE),
                      blob=reader.opaque(1, 1024))
        reader.end()
        return wrapped

    def context(self, ledger_id: bytes, tenant: bytes) -> bytes:
        return b"".join((
            LABEL_TWK, fixed(ledger_id, ID_SIZE), fixed(tenant, ID_SIZE), uint(self.epoch, 8),
            fixed(self.twk_id, HASH_SIZE)))


@dataclass(frozen=True)
class FileKEKBlob:
    """What FileKEKProvider puts into `blob`: AES-256-GCM with the context as associated data."""

    nonce: bytes
    ciphertext_and_tag: bytes

    def encode(self) -> bytes:
        return (fixed(self.nonce, NONCE_SIZE)
                + fixed(self.ciphertext_and_tag, KEY_SIZE + GCM_TAG_SIZE))

    @classmethod
    def decode(cls, data: bytes) -> FileKEKBlob:
        reader = Reader(data)
        blob = cls(reader.take(NONCE_SIZE), reader.take(KEY_SIZE + GCM_TAG_SIZE))
        reader.end()
        return blob


# --- Heads and rounds -----------------------------------------------------------------------

@dataclass(frozen=True)
class TenantHead:
    """The state of one tenant's log: 103 bytes, an entry of the round map."""

    VERSION: ClassVar[int] = 1

    slot: int
    state: int
    tenant: bytes
    size: int
    root: bytes
    last_leaf_hash: bytes
    recorded_at: int

    def encode(self) -> bytes:
        self._check()
        return b"".join((
            uint(self.VERSION, 2), uint(self.slot, 4), uint(self.state, 1),
            fixed(self.tenant, ID_SIZE), uint(self.size, 8), fixed(self.root, HASH_SIZE),
            fixed(self.last_leaf_hash, HASH_SIZE), uint(self.recorded_at, 8)))

    @classmethod
    def decode(cls, data: bytes) -> TenantHead:
        reader = Reader(data)
        reader.version(2)
        head = cls(
            slot=reader.uint(4), state=reader.uint(1), tenant=reader.take(ID_SIZE),
            size=reader.uint(8), root=reader.take(HASH_SIZE),
            last_leaf_hash=reader.take(HASH_SIZE), recorded_at=reader.uint(8))
        reader.end()
        head._check()
        return head

    def _check(self) -> None:
        if self.state not in HEAD_STATES:
            raise Refused("kind", f"state {self.state} is unknown")

    def hash(self) -> bytes:
        return tree_leaf_hash(self.encode())


@dataclass(frozen=True)
class RoundRecord:
    """One publication of all heads: 86 bytes, an entry of the rounds log."""

    VERSION: ClassVar[int] = 1

    round: int
    recorded_at: int
    slots: int
    map_root: bytes
    previous: bytes

    def encode(self) -> bytes:
        self._check()
        return b"".join((
            uint(self.VERSION, 2), uint(self.round, 8), uint(self.recorded_at, 8),
            uint(self.slots, 4), fixed(self.map_root, HASH_SIZE),
            fixed(self.previous, HASH_SIZE)))

    @classmethod
    def decode(cls, data: bytes) -> RoundRecord:
        reader = Reader(data)
        reader.version(2)
        record = cls(
            round=reader.uint(8), recorded_at=reader.uint(8), slots=reader.uint(4),
            map_root=reader.take(HASH_SIZE), previous=reader.take(HASH_SIZE))
        reader.end()
        record._check()
        return record

    def _check(self) -> None:
        if self.round and any(self.previous):
            raise Refused("digest", "only round 0 may name a predecessor's checkpoint")

    def hash(self) -> bytes:
        return tree_leaf_hash(self.encode())


# --- Documents and tenant names -------------------------------------------------------------

@dataclass(frozen=True)
class DocumentPart:
    """The plaintext of part 0 of a stored document."""

    VERSION: ClassVar[int] = 1
    COUNT: ClassVar[str] = "m"

    encoding: int
    stream: str
    data_size: int
    data: bytes
    erased_parts: int
    part_digest: Tuple[bytes, ...]

    def encode(self) -> bytes:
        """Without padding."""
        self.content()
        return b"".join((
            uint(self.VERSION, 1), uint(self.encoding, 1), text(self.stream, 1, 1024),
            uint(self.data_size, 4), opaque(self.data, 0, MAX_DATA), uint(self.erased_parts, 4),
            uint(len(self.part_digest), 4),
            *(fixed(digest, HASH_SIZE) for digest in self.part_digest)))

    @classmethod
    def decode(cls, plaintext: bytes) -> DocumentPart:
        """From the padded plaintext."""
        reader = Reader(plaintext)
        reader.version(1)
        encoding, stream, data_size = reader.uint(1), reader.text(1, 1024), reader.uint(4)
        data, erased_parts = reader.opaque(0, MAX_DATA), reader.uint(4)
        digests = Reader(reader.take(HASH_SIZE * reader.uint(4)))
        reader.padding()
        document = cls(encoding, stream, data_size, data, erased_parts, tuple(
            digests.take(HASH_SIZE) for _ in range(digests.remaining() // HASH_SIZE)))
        document.content()
        return document

    def content(self) -> bytes:
        content = decode_data(self.encoding, self.data_size, self.data)
        decode_text(content)
        return content


def encode_document(parts: Sequence[SealedPart]) -> bytes:
    """`document.body`: the number of parts, then each behind its length."""
    if not 1 <= len(parts) <= MAX_DOCUMENT_PARTS:
        raise Refused("count", f"{len(parts)} parts in a document")
    return uint(len(parts), 4) + b"".join(sized(part.encode()) for part in parts)


def decode_document(body: bytes) -> List[SealedPart]:
    reader = Reader(body)
    count = reader.uint(4)
    if not 1 <= count <= MAX_DOCUMENT_PARTS:
        raise Refused("count", f"{count} parts in a document")
    parts = [SealedPart.decode(reader.take(reader.uint(4))) for _ in range(count)]
    reader.end()
    return parts


def document_part_aad(ledger_id: bytes, tenant: bytes, stream_tag: bytes, version: int,
                      index: int, count: int, sealing_key_id: bytes) -> bytes:
    """For a snapshot snapshot_binding comes behind it."""
    return b"".join((
        LABEL_DOCUMENT_PART, fixed(ledger_id, ID_SIZE), fixed(tenant, ID_SIZE),
        fixed(stream_tag, TAG_SIZE), uint(version, 8), uint(index, 2), uint(count, 2),
        fixed(sealing_key_id, HASH_SIZE)))


def snapshot_binding(fold: int, position: int, leaf_hash: bytes) -> bytes:
    return uint(fold, 2) + uint(position, 8) + fixed(leaf_hash, HASH_SIZE)


def state_root_message(stream_tag: bytes, canonical_data: bytes,
                       part_digests: Sequence[bytes]) -> bytes:
    return b"".join((
        b"document\x00", fixed(stream_tag, TAG_SIZE), sized(canonical_data),
        uint(len(part_digests), 4), *(fixed(digest, HASH_SIZE) for digest in part_digests)))


def state_root_leaf(index_key: bytes, message: bytes) -> bytes:
    """A document's digest, its leaf in the tenant's state root. Keyed: it confirms no guess."""
    return hmac_sha256(fixed(index_key, KEY_SIZE), message)


# What a word of a tenant's dictionary is, and the label of its blind tag.
WORD_LABELS = {1: "type", 2: "collection"}


def encode_tenant_name(name: str) -> bytes:
    """The plaintext of `name_sealed`, without padding."""
    return text(name, 1, 255)


def decode_tenant_name(plaintext: bytes) -> str:
    """From the padded plaintext."""
    reader = Reader(plaintext)
    name = reader.text(1, 255)
    reader.padding()
    return name


def tenant_name_aad(ledger_id: bytes, tenant: bytes, sealing_key_id: bytes) -> bytes:
    return (LABEL_TENANT_NAME + fixed(ledger_id, ID_SIZE) + fixed(tenant, ID_SIZE)
            + fixed(sealing_key_id, HASH_SIZE))


def encode_word(label: int, word: str) -> bytes:
    """The plaintext of `word_sealed`, without padding."""
    if label not in WORD_LABELS:
        raise Refused("kind", f"label {label} is unknown")
    return uint(1, 1) + uint(label, 1) + text(word, 0, 1024)


def decode_word(plaintext: bytes) -> Tuple[int, str]:
    """From the padded plaintext: the label and the word."""
    reader = Reader(plaintext)
    reader.version(1)
    label = reader.uint(1)
    if label not in WORD_LABELS:
        raise Refused("kind", f"label {label} is unknown")
    word = reader.text(0, 1024)
    reader.padding()
    return label, word


def word_aad(ledger_id: bytes, tenant: bytes, tag: bytes, sealing_key_id: bytes) -> bytes:
    return (LABEL_WORD + fixed(ledger_id, ID_SIZE) + fixed(tenant, ID_SIZE)
            + fixed(tag, TAG_SIZE) + fixed(sealing_key_id, HASH_SIZE))


def tenant_name_digest(name_tag: bytes, name_sealed: bytes) -> bytes:
    """`name` of a genesis event: binds the tenant's row to the tenant's chain."""
    return sha256(fixed(name_tag, TAG_SIZE), name_sealed)


# --- Key journal ----------------------------------------------------------------------------

JOURNAL_KEY, JOURNAL_TWK = 1, 2


@dataclass(frozen=True)
class JournalRecord:
    """One record of a key epoch's journal; `wrapped` is a WrappedKey or a WrappedTWK."""

    type: int
    tenant: bytes
    subject_tag: bytes
    retention_class: str
    generation: int
    created_at: int
    wrapped: bytes

    def content(self) -> bytes:
        """From `type` through `wrapped`: what the record's digest covers."""
        self._check()
        return b"".join((
            uint(self.type, 1), fixed(self.tenant, ID_SIZE), fixed(self.subject_tag, TAG_SIZE),
            text(self.retention_class, 0, 63), uint(self.generation, 4),
            uint(self.created_at, 8), self.wrapped))

    def encode(self) -> bytes:
        return sized(self.content() + sha256(self.content()))

    @classmethod
    def decode(cls, data: bytes) -> JournalRecord:
        """One whole record, its length included."""
        reader = Reader(data)
        rest = reader.take(reader.uint(4))
        reader.end()
        if len(rest) < HASH_SIZE:
            raise Refused("length", "no room for the digest")
        content, digest = rest[:-HASH_SIZE], rest[-HASH_SIZE:]
        if sha256(content) != digest:
            raise Refused("digest", "the record does not match its digest")
        return cls._from_content(Reader(content))

    @classmethod
    def _from_content(cls, reader: Reader) -> JournalRecord:
        record = cls(
            type=reader.uint(1), tenant=reader.take(ID_SIZE), subject_tag=reader.take(TAG_SIZE),
            retention_class=reader.text(0, 63), generation=reader.uint(4),
            created_at=reader.uint(8), wrapped=reader.rest())
        record._check()
        return record

    def _check(self) -> None:
        if self.type == JOURNAL_KEY:
            WrappedKey.decode(self.wrapped)
        elif self.type == JOURNAL_TWK:
            WrappedTWK.decode(self.wrapped)
        else:
            raise Refused("kind", f"journal type {self.type} is unknown")


def decode_journal(data: bytes) -> Tuple[List[JournalRecord], int]:
    """The records of a journal file, and how many bytes of a torn last record were ignored.

    Torn is a record that the file ends in, or a last one whose digest does not match: neither
    was acknowledged to anybody. The same damage further in is refused.
    """
    reader, records = Reader(data), []
    while reader.remaining():
        start = reader.at
        try:
            size = reader.uint(4)
            reader.take(size)
        except Refused:
            return records, len(data) - start
        try:
            records.append(JournalRecord.decode(data[start:reader.at]))
        except Refused as error:
            if error.code == "digest" and not reader.remaining():
                return records, len(data) - start
            raise
    return records, 0


# --- Approvals ------------------------------------------------------------------------------

ACTIONS = {
    1: "restore", 2: "undo", 3: "subject erasure", 4: "tenant erasure", 5: "hold", 6: "release",
    7: "readmission", 8: "skip", 9: "operator change",
}
SUBJECT_ERASURE, TENANT_ERASURE, OPERATOR_CHANGE = 3, 4, 9
APPROVAL_SIZE = 247


@dataclass(frozen=True)
class Approval:
    """What an operator signs under a request: always 247 bytes with the signature."""

    action: int
    ledger_id: bytes
    tenant: bytes
    request: bytes
    plan: bytes
    head: bytes
    requester: bytes
    approver: bytes
    approved_at: int
    expires_at: int
    signature: bytes

    def message(self) -> bytes:
        """The 183 bytes that are signed."""
        self._check()
        return b"".join((
            LABEL_APPROVAL, uint(self.action, 1), fixed(self.ledger_id, ID_SIZE),
            fixed(self.tenant, ID_SIZE), fixed(self.request, ID_SIZE),
            fixed(self.plan, HASH_SIZE), fixed(self.head, HASH_SIZE),
            fixed(self.requester, ID_SIZE), fixed(self.approver, ID_SIZE),
            uint(self.approved_at, 8), uint(self.expires_at, 8)))

    def encode(self) -> bytes:
        return self.message() + fixed(self.signature, SIGNATURE_SIZE)

    @classmethod
    def decode(cls, data: bytes) -> Approval:
        reader = Reader(data)
        if reader.take(len(LABEL_APPROVAL)) != LABEL_APPROVAL:
            raise Refused("version", "does not begin with the label of an approval")
        approval = cls(
            action=reader.uint(1), ledger_id=reader.take(ID_SIZE), tenant=reader.take(ID_SIZE),
            request=reader.take(ID_SIZE), plan=reader.take(HASH_SIZE),
            head=reader.take(HASH_SIZE), requester=reader.take(ID_SIZE),
            approver=reader.take(ID_SIZE), approved_at=reader.uint(8),
            expires_at=reader.uint(8), signature=reader.take(SIGNATURE_SIZE))
        reader.end()
        approval._check()
        return approval

    def _check(self) -> None:
        if self.action not in ACTIONS:
            raise Refused("kind", f"action {self.action} is unknown")

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether that key is the approver's and the signature is that key's."""
        return (operator_id(public_key) == self.approver
                and ed25519_verifies(public_key, self.message(), self.signature))


def operator_id(public_key: bytes) -> bytes:
    return sha256(fixed(public_key, PUBLIC_KEY_SIZE))[:ID_SIZE]


# --- Clear JSON -----------------------------------------------------------------------------

def encode_clear_json(value: Any) -> bytes:
    """RFC 8785 for values with ASCII keys and integers only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True,
                      separators=(",", ":")).encode("utf-8")


def decode_clear_json(data: bytes, kind: int) -> Dict[str, Any]:
    """Canonical JSON whose fields are exactly those that the kind of its event defines."""
    value = parse_canonical_json(data)
    if kind not in CLEAR_CHECKS or not CLEAR_CHECKS[kind](value):
        raise Refused("kind", f"the fields are not those of kind {kind}")
    if kind == PARTS_PURGED:
        _check_purged(value)
    return value


def parse_canonical_json(data: bytes) -> Any:
    """Accepts only the one form that writing the same value again gives."""
    try:
        value = json.loads(decode_text(data), object_pairs_hook=_json_object,
                           parse_float=_refuse_number, parse_constant=_refuse_number,
                           parse_int=_json_integer)
        canonical = encode_clear_json(value)
    except (ValueError, RecursionError) as error:
        raise Refused("text", "not JSON") from error
    if canonical != data:
        raise Refused("text", "JSON, but not in canonical form")
    return value


def _json_object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    keys = [key for key, _ in pairs]
    if not all(key.isascii() for key in keys):
        raise Refused("text", "a key is not ASCII")
    if any(left >= right for left, right in zip(keys, keys[1:])):
        raise Refused("order", "keys are repeated or not sorted")
    return dict(pairs)


def _json_integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_SAFE_INTEGER:
        raise Refused("text", "an integer is not below 2^53")
    return int(digits)


def _refuse_number(_: str) -> None:
    raise Refused("text", "only integers are numbers here")


Check = Callable[[Any], bool]


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_hex(value: Any) -> bool:
    """An id: whole bytes in lower-case hex, at least one."""
    return is_text(value) and re.fullmatch(r"(?:[0-9a-f]{2})+", value, re.ASCII) is not None


def is_hash(value: Any) -> bool:
    return is_hex(value) and len(value) == 2 * HASH_SIZE


def is_uuid(value: Any) -> bool:
    return is_hex(value) and len(value) == 2 * ID_SIZE


def is_approval(value: Any) -> bool:
    """A whole approval; whose signature it is needs the register of operators."""
    if not is_hex(value):
        return False
    try:
        return bool(Approval.decode(bytes.fromhex(value)))
    except Refused:
        return False


def is_reference(value: Any) -> bool:
    """Names a reason or a ticket, and never a person."""
    return is_text(value) and re.fullmatch(r"[A-Za-z0-9._:/#-]{1,64}", value) is not None


def is_base64(value: Any) -> bool:
    try:
        raw = base64.b64decode(value, validate=True) if is_text(value) else b""
    except ValueError:
        return False
    return bool(raw) and base64.b64encode(raw).decode("ascii") == value


def list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def is_place(value: Any) -> bool:
    """[position, index] of a part."""
    return list_of(is_number)(value) and len(value) == 2 and value[1] < MAX_PARTS


def is_slot(value: Any) -> bool:
    return is_number(value) and value < 2**32


def record_of(optional: Optional[Dict[str, Check]] = None, **required: Check) -> Check:
    """An object with exactly the required fields, and any of the optional ones."""
    known = {**required, **(optional or {})}
    return lambda value: (isinstance(value, dict)
                          and set(required) <= set(value) <= set(known)
                          and all(known[key](item) for key, item in value.items()))


def variant_of(name: str, variants: Dict[str, Dict[str, Check]]) -> Check:
    """An object whose member of that name says which other members there are."""
    checks = {variant: record_of(**{name: is_text}, **members)
              for variant, members in variants.items()}
    return lambda value: (isinstance(value, dict) and is_text(value.get(name))
                          and value[name] in checks and checks[value[name]](value))


# None where one person decides alone; the signature that the event is about otherwise.
one_approval: Check = lambda value: list_of(is_approval)(value) and len(value) <= 1

counts_of_names: Check = lambda value: (
    isinstance(value, dict) and all(map(is_number, value.values())))

ERASURE_STATES: Dict[str, Dict[str, Check]] = {
    "requested": dict(approvals=one_approval, ground=is_reference, plan=is_hash),
    "approved": dict(approvals=one_approval),
    "refused": dict(ground=is_reference),
    "onHold": dict(hold=is_uuid),
    "fenced": dict(keys=is_number),
    "keysDestroyed": dict(epoch=is_number),
    "purged": dict(backups_until=is_number, parts=is_number,
                   places=record_of(projections=counts_of_names, requests=is_number)),
    "epochRetired": dict(epoch=is_number),
    "final": dict(),
}

OPERATOR_ACTIONS: Dict[str, Dict[str, Check]] = {
    "skip": dict(operator=is_hex, projection=is_text, reason=is_reference, target=is_hex),
    "unskip": dict(operator=is_hex, projection=is_text, reason=is_reference, target=is_hex),
    "request": dict(approvals=one_approval, operator=is_uuid, plan=is_hash, target=is_uuid),
    "approve": dict(approvals=one_approval, operator=is_uuid, target=is_uuid),
    "refuse": dict(reason=is_reference, target=is_uuid),
    "addOperator": dict(operator=is_uuid, public_key=is_hash, request=is_uuid, target=is_uuid),
    "endOperator": dict(operator=is_uuid, request=is_uuid, target=is_uuid),
    "removeProjection": dict(projection=is_text),
    "destroyEpoch": dict(assurance=is_text, destroyed_at=is_number, epoch=is_number,
                         provider=is_text),
}

CLEAR_CHECKS: Dict[int, Check] = {
    0: record_of({"source": record_of(cut=is_number, leaf_hash=is_hash, tenant=is_uuid)},
                 name=is_hash, region=is_text, slot=is_slot),
    2: record_of(erasure=is_hex, keys=list_of(is_hash)),
    3: record_of(approvals=list_of(is_hex), cut=is_number, leaf_hash=is_hash, plan=is_hash,
                 restore=is_hex),
    4: record_of(applied=is_number, conflicts=is_number, restore=is_hex, roots=is_base64,
                 state=is_text),
    5: record_of(level=is_number, request=is_hex),
    6: record_of(request=is_hex),
    7: record_of(destroyed=list_of(is_number), parts=list_of(is_place)),
    8: record_of(hold=is_hex, review_at=is_number),
    9: record_of(hold=is_hex, request=is_uuid),
    11: variant_of("state", {state: dict(members, erasure=is_hex)
                             for state, members in ERASURE_STATES.items()}),
    12: record_of(erasure=is_hex, request=is_uuid),
    13: record_of(erasure=is_hex),
    14: record_of({"single_operator": lambda value: value is True},
                  origin=is_text, previous=is_hash),
    15: variant_of("action", OPERATOR_ACTIONS),
}


def _check_purged(value: Dict[str, Any]) -> None:
    if len(value["parts"]) > MAX_PURGED_PARTS:
        raise Refused("count", f"more than {MAX_PURGED_PARTS} parts in one event")
    for items in (value["destroyed"], value["parts"]):
        if any(left >= right for left, right in zip(items, items[1:])):
            raise Refused("order", "positions are repeated or not sorted")


# --- Certificates ---------------------------------------------------------------------------

MAX_CERTIFICATE = 16_777_216

CERTIFICATE_MEMBERS = {
    "approvals", "backups_until", "classes", "clones", "destroyed_epoch", "epochs", "erasure",
    "events", "fence_position", "ground", "interim", "keys", "ledger", "ledger_log",
    "ledger_tenant", "origin", "parts", "parts_root", "places", "plan", "residue", "scope",
    "single_operator", "state", "tenant", "tenant_log", "times", "version",
}


class Fact(NamedTuple):
    """A clear event that is proved to be in a log."""

    kind: int
    position: int
    recorded_at: int
    content: Dict[str, Any]


class NamedCheck(NamedTuple):
    name: str
    faults: List[str]


class Operator(NamedTuple):
    public_key: bytes
    added: int
    ended: Optional[int] = None

    def was_one_at(self, time: int) -> bool:
        return self.added <= time < (self.ended or 2**64)


class Request(NamedTuple):
    plan: bytes
    requester: bytes
    approved_until: int = 0


class OperatorAudit:
    """Follows the ledger's own log: whoever was added or ended without a request that two operators
    have signed counts for nothing. The database takes signatures without checking them."""

    def __init__(self, ledger_id: Optional[bytes], tenant: Optional[bytes], facts: List[Fact]):
        self.ledger_id, self.tenant = ledger_id, tenant
        self.single = False
        self.operators: Dict[bytes, Operator] = {}
        self.requests: Dict[bytes, Request] = {}
        for fact in sorted(facts, key=lambda fact: fact.position):
            self._follow(fact)

    def _follow(self, fact: Fact) -> None:
        content, target = fact.content, octets(fact.content.get("target"), ID_SIZE)
        action = content.get("action") if fact.kind == OPERATOR_ACTION else None
        if fact.kind == ORIGIN_OPENED:
            self.single = content.get("single_operator") is True
        elif action == "request":
            self._open(target, content)
        elif action == "approve":
            self._approve(target, content)
        elif action == "refuse":
            self.requests.pop(target or b"", None)
        elif action == "addOperator":
            self._add(target, fact)
        elif action == "endOperator" and target in self.operators and self._was_decided(
                fact, {"operator": target.hex()}):
            self.operators[target] = self.operators[target]._replace(ended=fact.recorded_at)

    def _open(self, request: Optional[bytes], content: Dict[str, Any]) -> None:
        plan = octets(content.get("plan"), HASH_SIZE)
        if request is None or request in self.requests or plan is None:
            return
        sound, approval = self._signature(content, request, plan)
        if sound and (approval is None or approval.approver == approval.requester):
            self.requests[request] = Request(plan, approval.requester if approval else bytes(ID_SIZE))

    def _approve(self, target: Optional[bytes], content: Dict[str, Any]) -> None:
        request = self.requests.get(target or b"")
        if request is None:
            return
        sound, approval = self._signature(content, target, request.plan)
        if sound and approval and approval.approver != approval.requester == request.requester:
            self.requests[target] = request._replace(
                approved_until=max(request.approved_until, approval.expires_at))

    def _signature(self, content: Dict[str, Any], request: bytes,
                   plan: bytes) -> Tuple[bool, Optional[Approval]]:
        """Whether the signature is sound, and which; where one person decides alone there may be none."""
        stated = content.get("approvals")
        if stated == []:
            return self.single, None
        if not isinstance(stated, list) or len(stated) > 1 or not is_approval(stated[0]):
            return False, None
        approval = Approval.decode(bytes.fromhex(stated[0]))
        signer = self.operators.get(approval.approver)
        return (approval.action == OPERATOR_CHANGE and approval.ledger_id == self.ledger_id
                and approval.tenant == self.tenant and approval.request == request
                and approval.plan == plan and approval.approver.hex() == content.get("operator")
                and signer is not None and signer.was_one_at(approval.approved_at)
                and approval.is_signed_by(signer.public_key)), approval

    def _add(self, target: Optional[bytes], fact: Fact) -> None:
        key = octets(fact.content.get("public_key"), PUBLIC_KEY_SIZE)
        if key is None or operator_id(key) != target or target in self.operators:
            return
        founding = ((self.single or len(self.operators) < 2)
                    and fact.content.get("request") == bytes(ID_SIZE).hex())
        if founding or self._was_decided(fact, {"public_key": key.hex()}):
            self.operators[target] = Operator(key, fact.recorded_at)

    def _was_decided(self, fact: Fact, change: Dict[str, Any]) -> bool:
        """Whether two have signed just this change; a request is carried out once."""
        request = octets(fact.content.get("request"), ID_SIZE)
        known = self.requests.get(request or b"")
        if known is None or self.tenant is None:
            return False
        plan = encode_clear_json({**change, "action": OPERATOR_CHANGE, "request": request.hex(),
                                  "tenant": self.tenant.hex()})
        decided = known.plan == sha256(plan) and (
            self.single or known.approved_until > fact.recorded_at)
        if decided:
            del self.requests[request]
        return decided


def same(left: Any, right: Any) -> bool:
    """Equal as JSON; in Python alone, true would equal 1."""
    return encode_clear_json(left) == encode_clear_json(right)


def number(value: Any) -> Optional[int]:
    return value if is_number(value) else None


def octets(value: Any, size: Optional[int] = None) -> Optional[bytes]:
    """The bytes of lower-case hex, if there are as many as wanted."""
    data = bytes.fromhex(value) if is_hex(value) else None
    return data if data is not None and size in (None, len(data)) else None


def items(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


class Certificate(NamedTuple):
    """A certificate's body and the signatures under it."""

    body: Dict[str, Any]
    signatures: List[Tuple[bytes, bytes]]

    @classmethod
    def decode(cls, data: bytes) -> Certificate:
        """From canonical JSON; one line break at the end is not part of it."""
        value = parse_canonical_json(data[:-1] if data.endswith(b"\n") else data)
        if not (isinstance(value, dict) and set(value) == {"certificate", "signatures"}
                and isinstance(value["certificate"], dict)
                and list_of(record_of(operator=is_uuid, signature=is_hex))(value["signatures"])):
            raise Refused("text", "not the JSON of a certificate")
        return cls(value["certificate"], [
            (bytes.fromhex(item["operator"]), bytes.fromhex(item["signature"]))
            for item in value["signatures"]])

    def message(self) -> bytes:
        """The bytes that are signed."""
        return LABEL_CERTIFICATE + encode_clear_json(self.body)


def read_excerpt(value: Any, tenant: Any) -> Optional[List[Fact]]:
    """The events of an excerpt, or None if one of them is not proved to be in the log."""
    if not (isinstance(value, dict) and set(value) == {"events", "root", "size", "tenant"}):
        return None
    owner, root = octets(value["tenant"], ID_SIZE), octets(value["root"], HASH_SIZE)
    if (owner is None or root is None or not is_number(value["size"])
            or not isinstance(value["events"], list) or tenant != value["tenant"]):
        return None
    facts = [read_fact(event, owner, value["size"], root) for event in value["events"]]
    return None if None in facts else facts


def read_fact(event: Any, tenant: bytes, size: int, root: bytes) -> Optional[Fact]:
    if not record_of(leaf=is_hex, part=is_hex, path=list_of(is_hash))(event):
        return None
    encoded, part = raw(event, "leaf", "part")
    try:
        leaf = Leaf.decode(encoded)
        content = parse_canonical_json(part[1:])
    except Refused:
        return None
    proved = is_included(tree_leaf_hash(encoded), leaf.position, size, hexes(event["path"]), root)
    if (not proved or leaf.tenant != tenant or leaf.kind in SEALED_KINDS or part[0] != CLEAR_SUITE
            or leaf.part_digest != (sha256(part),) or not isinstance(content, dict)):
        return None
    return Fact(leaf.kind, leaf.position, leaf.recorded_at, content)


class CertificateVerifier:
    """Whether everything that a certificate says follows from the events and signatures in it."""

    def __init__(self, certificate: Certificate):
        self.certificate = certificate
        self.body = certificate.body
        self.excerpt_faults: List[str] = []
        self.tenant_facts = self._facts("tenant_log", "tenant")
        self.ledger_facts = self._facts("ledger_log", "ledger_tenant")
        audit = OperatorAudit(octets(self.body.get("ledger"), ID_SIZE),
                              octets(self.body.get("ledger_tenant"), ID_SIZE), self.ledger_facts)
        self.operators, self.single = audit.operators, audit.single

    def _facts(self, log: str, tenant: str) -> List[Fact]:
        facts = read_excerpt(self.body.get(log), self.body.get(tenant))
        if facts is None:
            self.excerpt_faults.append(f"{log}: an event is not in the log as it stands here")
        return facts or []

    def checks(self) -> List[NamedCheck]:
        return [
            NamedCheck("form", self._form()), NamedCheck("events", self.excerpt_faults),
            NamedCheck("state", self._state()), NamedCheck("keys", self._keys()),
            NamedCheck("parts", self._parts()), NamedCheck("epochs", self._epochs()),
            NamedCheck("approvals", self._approvals()),
            NamedCheck("signatures", self._signatures()),
        ]

    def exit_code(self) -> int:
        """An unsigned certificate is not a broken one."""
        signed = bool(self.certificate.signatures)
        broken = [check for check in self.checks()
                  if check.faults and (signed or check.name != "signatures")]
        return EXIT_BROKEN if broken else EXIT_OK if signed else EXIT_INCOMPLETE

    def _form(self) -> List[str]:
        faults = []
        if number(self.body.get("version")) != 1:
            faults.append("it is of another version")
        if set(self.body) != CERTIFICATE_MEMBERS:
            faults.append("its members are not those of a certificate")
        origins = [fact.content.get("origin") for fact in self.ledger_facts
                   if fact.kind == ORIGIN_OPENED]
        if not origins or not is_text(origins[-1]) or origins[-1] != self.body.get("origin"):
            faults.append("the origin is not that of the ledger's own log")
        return faults

    def _own(self, kind: int) -> List[Fact]:
        """The erasure's own events of a kind."""
        return [fact for fact in self.tenant_facts
                if fact.kind == kind and is_text(self.body.get("erasure"))
                and fact.content.get("erasure") == self.body["erasure"]]

    def _step(self, state: str) -> Optional[Fact]:
        steps = [fact for fact in self._own(ERASURE_STEP) if fact.content.get("state") == state]
        return steps[0] if steps else None

    def _state(self) -> List[str]:
        steps = sorted(self._own(ERASURE_STEP), key=lambda fact: fact.position)
        state, faults = self.body.get("state"), []
        if not steps or not is_text(state) or steps[-1].content.get("state") != state:
            faults.append("the log's last state is another one")
        if self.body.get("interim") is not (state != "final"):
            faults.append("interim does not fit the state")
        fenced, purged = self._step("fenced"), self._step("purged")
        if (fenced and fenced.position) != number(self.body.get("fence_position")):
            faults.append("the fence is at another position")
        until = purged.content.get("backups_until") if purged else None
        if not same(until, self.body.get("backups_until", "")):
            faults.append("backups expire at another time")
        places = purged.content.get("places") if purged else None
        if not same(places, self.body.get("places", "")):
            faults.append("other rows were purged beside the log")
        times = self.body.get("times")
        named = {fact.content["state"]: fact.recorded_at for fact in steps
                 if is_text(fact.content.get("state"))}
        if not isinstance(times, dict) or not same(times, named):
            faults.append("its times are not those of the log")
        return faults

    def _keys(self) -> List[str]:
        recorded = [key for fact in self._own(KEYS_DESTROYED)
                    for key in items(fact.content.get("keys")) if is_text(key)]
        stated = items(self.body.get("keys"))
        if not list_of(is_text)(stated) or sorted(recorded) != sorted(stated):
            return ["the keys are not those that the log says were destroyed"]
        return []

    def _parts(self) -> List[str]:
        destroyed = {fact.position for fact in self._own(KEYS_DESTROYED)}
        places: List[Any] = []
        for fact in self.tenant_facts:
            named = set(filter(is_number, items(fact.content.get("destroyed"))))
            if fact.kind == PARTS_PURGED and named and named <= destroyed:
                places += items(fact.content.get("parts"))
        events = {place[0] for place in places if is_place(place)}
        if (number(self.body.get("parts")), number(self.body.get("events"))) != (
                len(places), len(events)):
            return [f"the log says that {len(places)} parts of {len(events)} events were purged"]
        return []

    def _epochs(self) -> List[str]:
        receipts = [fact.content for fact in self.ledger_facts
                    if fact.content.get("action") == "destroyEpoch"]
        stated = items(self.body.get("epochs"))
        proved, faults = set(), []
        for epoch in stated:
            receipt = next((item for item in receipts if isinstance(epoch, dict) and same(
                item, {**epoch, "action": "destroyEpoch"})), None)
            if receipt is None:
                faults.append("an epoch has no such receipt in the ledger's own log")
            else:
                proved.add(number(receipt.get("epoch")))
        last = number(self.body.get("destroyed_epoch")) or 0
        destroyed = self._step("keysDestroyed")
        if destroyed is None or number(destroyed.content.get("epoch")) != last:
            faults.append("the keys were destroyed in another epoch")
        if self._step("epochRetired") and not (
                last > 0 and all(epoch in proved for epoch in range(1, last + 1))):
            faults.append("the epochs are retired, but the receipt of one is missing")
        return faults

    def _approvals(self) -> List[str]:
        faults = self._plan()
        stated = items(self.body.get("approvals"))
        approvals = [Approval.decode(bytes.fromhex(item)) for item in stated if is_approval(item)]
        if len(approvals) < len(stated) or not isinstance(self.body.get("approvals"), list):
            faults.append("an approval is not in the format")
        for approval in approvals:
            faults += self._faults_of(approval)
        if self.body.get("single_operator") is not self.single:
            faults.append("the number of operators who decide is another one")
        asked = any(approval.approver == approval.requester for approval in approvals)
        signers = {approval.approver for approval in approvals}
        if not self.single and not (asked and len(signers) > 1):
            faults.append("not two operators stand behind it")
        fenced = self._step("fenced")
        if not self.single and fenced and not any(
                approval.approver != approval.requester
                and approval.approved_at <= fenced.recorded_at < approval.expires_at
                for approval in approvals):
            faults.append("no approval counted when the keys were fenced")
        return faults

    def _faults_of(self, approval: Approval) -> List[str]:
        signer, faults = self.operators.get(approval.approver), []
        if signer is None or not approval.is_signed_by(signer.public_key):
            faults.append("a signature is not that of an operator whom the log names")
        elif not signer.was_one_at(approval.approved_at):
            faults.append("a signer was no operator at that time")
        plan = octets(self.body.get("plan"))
        if ((approval.request.hex(), approval.tenant.hex(), approval.ledger_id.hex())
                != tuple(self.body.get(name) for name in ("erasure", "tenant", "ledger"))
                or plan is None or approval.plan != sha256(plan)
                or approval.action not in (SUBJECT_ERASURE, TENANT_ERASURE)):
            faults.append("an approval is for another request, plan, tenant or ledger")
        return faults

    def _plan(self) -> List[str]:
        """What was requested, and signed, is what the certificate says was done."""
        data, requested = octets(self.body.get("plan")) or b"", self._step("requested")
        try:
            plan = parse_canonical_json(data)
        except Refused:
            plan = None
        scope = "tenant" if same(member(plan, "action"), TENANT_ERASURE) else "subject"
        pairs = {"classes": "classes", "ground": "ground", "request": "erasure",
                 "tenant": "tenant"}
        if (not isinstance(plan, dict) or self.body.get("scope") != scope
                or not all(same(plan.get(name), self.body.get(other))
                           for name, other in pairs.items())):
            return ["the plan says something else than the certificate"]
        if requested is None or requested.content.get("plan") != sha256(data).hex():
            return ["the log's request is for another plan"]
        return []

    def _signatures(self) -> List[str]:
        if not self.certificate.signatures:
            return ["nobody has signed it"]
        message = self.certificate.message()
        for signer, signature in self.certificate.signatures:
            known = self.operators.get(signer)
            if known is None or not ed25519_verifies(known.public_key, message, signature):
                return ["a signature is not that of an operator whom the log names"]
        return []


def run_certificate(path: str) -> int:
    with open(path, "rb") as file:
        data = file.read(MAX_CERTIFICATE + 1)
    try:
        if len(data) > MAX_CERTIFICATE:
            raise Refused("length", "larger than 16 MiB")
        verifier = CertificateVerifier(Certificate.decode(data))
    except Refused as refusal:
        raise Usage(f"{path}: {refusal}") from refusal
    for check in verifier.checks():
        verdict = "BROKEN" if check.faults else "ok"
        print(f"  {check.name:<12}{verdict:<8}{'; '.join(check.faults)}".rstrip())
    for log in ("tenant_log", "ledger_log"):
        excerpt = verifier.body.get(log)
        print(f"{log}: {member(excerpt, 'size')} events, root {member(excerpt, 'root')}")
    print("anchor: not run, compare the roots with a checkpoint that you trust")
    return verifier.exit_code()


# --- Vectors --------------------------------------------------------------------------------

Fields = Dict[str, Any]


def to_json(value: Any) -> Any:
    """Bytes as lower-case hex, integers from 2^53 on as decimal strings."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return str(value)
    return value


def struct_fields(struct: Any) -> Fields:
    """A structure's fields as the vectors spell them, version and count included."""
    fields = {"version": struct.VERSION} if hasattr(struct, "VERSION") else {}
    fields.update((field.name, to_json(getattr(struct, field.name)))
                  for field in dataclasses.fields(struct))
    if hasattr(struct, "COUNT"):
        fields[struct.COUNT] = len(struct.part_digest)
    return fields


def from_fields(cls: Any, fields: Fields) -> Any:
    """The reverse; the annotation of each field says how the vector spells it."""
    parsers: Dict[str, Callable[[Any], Any]] = {
        "int": int, "str": str, "bytes": bytes.fromhex, "Tuple[bytes, ...]": hexes}
    return cls(**{field.name: parsers[str(field.type)](fields[field.name])
                  for field in dataclasses.fields(cls)})


def hexes(items: Iterable[str]) -> Tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, items))


def raw(fields: Fields, *names: str) -> List[bytes]:
    return [bytes.fromhex(fields[name]) for name in names]


class VectorKind(NamedTuple):
    """How one file of vectors is recomputed."""

    derive: Callable[[Fields], Fields]
    """From a vector's fields, everything else that the vector states."""
    read: Callable[[bytes, Fields], Fields]
    """Decodes strictly; the second argument is what the reader knows beside the bytes."""


def struct_kind(cls: Any, hashed: bool = False) -> VectorKind:
    def derive(fields: Fields) -> Fields:
        struct = from_fields(cls, fields)
        derived = {"bytes": struct.encode()}
        if hashed:
            derived["hash"] = struct.hash()
        return derived

    return VectorKind(derive, lambda data, _: struct_fields(cls.decode(data)))


def plaintext_kind(cls: Any) -> VectorKind:
    def derive(fields: Fields) -> Fields:
        struct = from_fields(cls, fields)
        encoded = struct.encode()
        return {"bytes": encoded, "padded": pad(encoded), "decoded": struct.content()}

    return VectorKind(derive, lambda data, _: struct_fields(cls.decode(data)))


def digest_kind(derive: Callable[[Fields], Fields]) -> VectorKind:
    """For what is only ever computed and never read back."""
    return VectorKind(derive, lambda data, known: {})


def derive_part(fields: Fields) -> Fields:
    if fields["suite"] == CLEAR_SUITE:
        part = ClearPart(fields["canonical_json"].encode("utf-8")).encode()
        return {"bytes": part, "digest": sha256(part)}
    key, nonce, ciphertext = raw(fields, "key", "nonce", "ciphertext_and_tag")
    part = SealedPart(key_id(key), nonce, ciphertext).encode()
    aad = part_aad(*raw(fields, "ledger_id", "tenant", "event_id"), fields["kind"],
                   fields["index"], fields["part_count"], key_id(key))
    return {"key_id": key_id(key), "aad": aad, "bytes": part, "digest": sha256(part)}


def read_part(data: bytes, known: Fields) -> Fields:
    part = decode_part(data, known["kind"])
    if isinstance(part, ClearPart):
        return {"suite": part.SUITE, "canonical_json": part.canonical_json.decode("utf-8")}
    if "key" in known:
        part.require_key(bytes.fromhex(known["key"]))
    return {"suite": part.SUITE, **struct_fields(part)}


def derive_wrapped_key(fields: Fields) -> Fields:
    parent, key, nonce, ciphertext = raw(
        fields, "parent_key", "key", "nonce", "ciphertext_and_tag")
    wrapped = WrappedKey(fields["kind"], key_id(parent), key_id(key), nonce, ciphertext)
    aad = wrapped.aad(*raw(fields, "ledger_id", "tenant", "subject_tag"),
                      fields["retention_class"])
    return {"parent_key_id": wrapped.parent_key_id, "key_id": wrapped.key_id, "aad": aad,
            "bytes": wrapped.encode()}


def derive_wrapped_twk(fields: Fields) -> Fields:
    twk, blob = raw(fields, "twk", "blob")
    wrapped = WrappedTWK(int(fields["epoch"]), key_id(twk), blob)
    context = wrapped.context(*raw(fields, "ledger_id", "tenant"))
    return {"twk_id": wrapped.twk_id, "context": context, "bytes": wrapped.encode()}


def derive_request(fields: Fields) -> Fields:
    events = [RequestEvent(int(event["expected"]),
                           from_fields(ENVELOPES[event["envelope"]["version"]], event["envelope"]),
                           tuple(from_fields(Personal, item) for item in event["personals"]))
              for event in fields["events"]]
    return {"bytes": request_message(events),
            "digest": request_digest(bytes.fromhex(fields["index_key"]), events)}


def derive_body(fields: Fields) -> Fields:
    parts = hexes(fields["parts"])
    body = encode_body(parts)
    return {"bytes": body, "purged": check_event(Leaf.decode(*raw(fields, "leaf")), body)}


def read_body(data: bytes, known: Fields) -> Fields:
    leaf = Leaf.decode(*raw(known, "leaf"))
    purged = check_event(leaf, data)
    return {"parts": to_json(decode_body(data, len(leaf.part_digest))), "purged": purged}


def derive_tag(fields: Fields) -> Fields:
    value, label = fields["value"].encode("utf-8"), fields["label"]
    return {"bytes": tag_message(label, value),
            "tag": blind_tag(bytes.fromhex(fields["index_key"]), label, value)}


def derive_genesis(fields: Fields) -> Fields:
    place = (*raw(fields, "ledger_id", "tenant"), fields["slot"])
    return {"bytes": genesis_message(*place), "previous": genesis_previous(*place)}


def derive_tree(fields: Fields) -> Fields:
    hashes = [tree_leaf_hash(entry) for entry in hexes(fields["entries"])]
    return {"leaf_hashes": hashes, "root": tree_root(hashes)}


def derive_inclusion(fields: Fields) -> Fields:
    hashes = [tree_leaf_hash(entry) for entry in hexes(fields["entries"])]
    index = fields["index"]
    return {"leaf_hash": hashes[index], "size": len(hashes),
            "path": inclusion_path(index, hashes), "root": tree_root(hashes)}


def read_inclusion(_: bytes, known: Fields) -> Fields:
    leaf_hash, root = raw(known, "leaf_hash", "root")
    if not is_included(leaf_hash, int(known["index"]), int(known["size"]), hexes(known["path"]),
                       root):
        raise Refused("digest", "the path does not lead to the root")
    return {}


def derive_ed25519(fields: Fields) -> Fields:
    return {"verifies": ed25519_verifies(*raw(fields, "public_key", "message", "signature"))}


def derive_approval(fields: Fields) -> Fields:
    approval = from_fields(Approval, fields)
    public_key = bytes.fromhex(fields["public_key"])
    return {"message": approval.message(), "bytes": approval.encode(),
            "operator_id": operator_id(public_key), "signed": approval.is_signed_by(public_key)}


def derive_certificate(fields: Fields) -> Fields:
    certificate = Certificate.decode(fields["text"].encode("utf-8"))
    verifier = CertificateVerifier(certificate)
    return {"message_digest": sha256(certificate.message()),
            "failing": [check.name for check in verifier.checks() if check.faults],
            "exit": verifier.exit_code()}


def read_certificate(data: bytes, known: Fields) -> Fields:
    Certificate.decode(known["text"].encode("utf-8") if "text" in known else data)
    return {}


def derive_log(fields: Fields) -> Fields:
    lines = [json.dumps(line) for line in (fields["head"], *fields["rows"])]
    verifier = LogVerifier(*parse_dump("purged_log", lines))
    verifier.run()
    return {"findings": [[finding.name, finding.place] for finding in verifier.findings],
            "purged_events": verifier.purged}


def derive_document(fields: Fields) -> Fields:
    parts, aads = [], []
    binding = b""
    if "snapshot" in fields:
        of = fields["snapshot"]
        binding = snapshot_binding(int(of["fold"]), int(of["position"]),
                                   bytes.fromhex(of["leaf_hash"]))
    for index, item in enumerate(fields["parts"]):
        key, nonce, ciphertext = raw(item, "key", "nonce", "ciphertext_and_tag")
        parts.append(SealedPart(key_id(key), nonce, ciphertext))
        aads.append(document_part_aad(
            *raw(fields, "ledger_id", "tenant", "stream_tag"), int(fields["version"]), index,
            len(fields["parts"]), key_id(key)) + binding)
    return {"key_ids": [part.key_id for part in parts], "aads": aads,
            "bytes": encode_document(parts)}


def read_document(data: bytes, _: Fields) -> Fields:
    return {"key_ids": [to_json(part.key_id) for part in decode_document(data)]}


def derive_state_root_leaf(fields: Fields) -> Fields:
    message = state_root_message(bytes.fromhex(fields["stream_tag"]),
                                 fields["canonical_data"].encode("utf-8"),
                                 hexes(fields["part_digest"]))
    return {"bytes": message,
            "digest": state_root_leaf(bytes.fromhex(fields["index_key"]), message)}


def derive_tenant_name(fields: Fields) -> Fields:
    index_key, key, nonce, ledger_id, tenant, ciphertext = raw(
        fields, "index_key", "key", "nonce", "ledger_id", "tenant", "ciphertext_and_tag")
    name_tag = blind_tag(index_key, "tenant", fields["name"].encode("utf-8"))
    sealed = SealedPart(key_id(key), nonce, ciphertext).encode()
    return {"name_tag": name_tag, "key_id": key_id(key),
            "padded": pad(encode_tenant_name(fields["name"])),
            "aad": tenant_name_aad(ledger_id, tenant, key_id(key)), "bytes": sealed,
            "digest": tenant_name_digest(name_tag, sealed)}


def derive_word(fields: Fields) -> Fields:
    index_key, key, nonce, ledger_id, tenant, ciphertext = raw(
        fields, "index_key", "key", "nonce", "ledger_id", "tenant", "ciphertext_and_tag")
    tag = blind_tag(index_key, WORD_LABELS[fields["label"]], fields["word"].encode("utf-8"))
    return {"tag": tag, "key_id": key_id(key),
            "padded": pad(encode_word(fields["label"], fields["word"])),
            "aad": word_aad(ledger_id, tenant, tag, key_id(key)),
            "bytes": SealedPart(key_id(key), nonce, ciphertext).encode()}


def derive_journal(fields: Fields) -> Fields:
    record = from_fields(JournalRecord, fields)
    return {"bytes": record.encode(), "digest": sha256(record.content())}


def read_journal_file(data: bytes, _: Fields) -> Fields:
    records, torn = decode_journal(data)
    return {"records": [to_json(record.encode()) for record in records], "torn": torn}


def read_opened(_: bytes, known: Fields) -> Fields:
    envelope, *personals = hexes(known["plaintexts"])
    opened = [Personal.decode(plaintext) for plaintext in personals]
    check_opened(Envelope.decode(envelope), opened)
    return {"sections": [[item.subject, item.retention_class] for item in opened]}


def read_lz4(data: bytes, known: Fields) -> Fields:
    return {"decoded": to_json(lz4_decode(data, known["data_size"]))}


def as_stated(*names: str) -> Callable[[Fields], Fields]:
    """For values that no encoder has to reproduce: reading them back is the whole check."""
    return lambda fields: {name: fields[name] for name in names}


VECTOR_KINDS: Dict[str, VectorKind] = {
    "leaf": struct_kind(Leaf, hashed=True),
    "part": VectorKind(derive_part, read_part),
    "envelope": plaintext_kind(Envelope), "envelope_v2": plaintext_kind(EnvelopeV2),
    "personal": plaintext_kind(Personal),
    "opened_event": VectorKind(as_stated(), read_opened),
    "wrapped_key": VectorKind(
        derive_wrapped_key, lambda data, _: struct_fields(WrappedKey.decode(data))),
    "wrapped_twk": VectorKind(
        derive_wrapped_twk, lambda data, _: struct_fields(WrappedTWK.decode(data))),
    "file_kek_blob": struct_kind(FileKEKBlob),
    "tag": digest_kind(derive_tag),
    "request_digest": digest_kind(derive_request),
    "key_id": VectorKind(
        lambda fields: {"bytes": fields["key"], "id": key_id(bytes.fromhex(fields["key"]))},
        lambda data, _: {"id": to_json(key_id(data))}),
    "event_body": VectorKind(derive_body, read_body),
    "tenant_head": struct_kind(TenantHead, hashed=True),
    "round_record": struct_kind(RoundRecord, hashed=True),
    "tree": digest_kind(derive_tree),
    "genesis": digest_kind(derive_genesis),
    "document": VectorKind(derive_document, read_document),
    "document_part": plaintext_kind(DocumentPart),
    "state_root_leaf": digest_kind(derive_state_root_leaf),
    "tenant_name": VectorKind(
        derive_tenant_name, lambda data, _: {"name": decode_tenant_name(data)}),
    "word": VectorKind(
        derive_word, lambda data, _: dict(zip(("label", "word"), decode_word(data)))),
    "clear_json": VectorKind(
        lambda fields: {"bytes": encode_clear_json(fields["value"])},
        lambda data, known: {"value": decode_clear_json(data, known["kind"])}),
    "lz4": VectorKind(as_stated(), read_lz4),
    "journal": VectorKind(
        derive_journal, lambda data, _: struct_fields(JournalRecord.decode(data))),
    "journal_file": VectorKind(as_stated(), read_journal_file),
    "ed25519": digest_kind(derive_ed25519),
    "approval": VectorKind(
        derive_approval, lambda data, _: struct_fields(Approval.decode(data))),
    "inclusion_proof": VectorKind(derive_inclusion, read_inclusion),
    "purged_log": digest_kind(derive_log),
    "certificate": VectorKind(derive_certificate, read_certificate),
}


# Their ciphertext is an input here: to recompute it takes AES-GCM.
SEALED_FILES = ("part.json", "wrapped_key.json", "wrapped_twk.json", "file_kek_blob.json",
                "document.json", "tenant_name.json", "word.json")


def check_vector(kind: VectorKind, vector: Fields) -> Optional[str]:
    """What is wrong with a valid vector, or None."""
    fields = vector["fields"]
    stated = {**vector, **fields}
    try:
        derived = kind.derive(fields)
        read = kind.read(input_bytes(vector), stated)
    except Refused as refusal:
        return f"refused, {refusal}"
    for name, value in derived.items():
        if vector.get(name) != to_json(value):
            return f"{name} differs"
    for name, value in read.items():
        if name not in stated or stated[name] != value:
            return f"{name} reads differently"
    unchecked = set(vector) - {"name", "fields", "bytes"} - set(derived) - set(read)
    return f"nothing checks {', '.join(sorted(unchecked))}" if unchecked else None


def check_malformed(kind: VectorKind, entry: Fields) -> Optional[str]:
    """What is wrong with a malformed vector, or None: it must be refused, with its code."""
    try:
        kind.read(input_bytes(entry), entry)
    except Refused as refusal:
        return None if refusal.code == entry["code"] else f"{refusal}, not {entry['code']}"
    return "accepted, but must be refused"


def input_bytes(entry: Fields) -> bytes:
    """What the reader is given: the padded plaintext where there is one."""
    return bytes.fromhex(entry.get("padded", entry.get("bytes", "")))


def check_file(path: str) -> Tuple[int, List[str]]:
    """How many vectors of a file passed, and a sentence for each that did not."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        kind = VECTOR_KINDS[content["struct"]]
        results = [(entry["name"], check_vector(kind, entry)) for entry in content["vectors"]]
        results += [(entry["name"], check_malformed(kind, entry))
                    for entry in content["malformed"]]
    except (ValueError, KeyError, TypeError) as error:
        return 0, [f"not a file of vectors: {error!r}"]
    failures = [f"{name}: {problem}" for name, problem in results if problem]
    return len(results) - len(failures), failures


def run_vectors(directory: str) -> int:
    passed = failed = 0
    names = sorted(name for name in os.listdir(directory) if name.endswith(".json"))
    if not names:
        raise Usage(f"no vectors in {directory}")
    for name in names:
        good, failures = check_file(os.path.join(directory, name))
        verdict = f"{len(failures)} FAILED" if failures else "ok"
        note = "   sealed bytes not opened" if name in SEALED_FILES else ""
        print(f"  {name:<22}{good:>5}/{good + len(failures)} {verdict}{note}")
        for failure in failures:
            print(f"    {failure}")
        passed, failed = passed + good, failed + len(failures)
    print(f"{passed} passed, {failed} failed")
    return EXIT_FAILED if failed else EXIT_OK


# --- The log of one tenant ------------------------------------------------------------------

class LogHead(NamedTuple):
    """First line of a dump: what the database says of the log as a whole."""

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
        self.hash = tree_leaf_hash(leaf)
        self.leaf: Optional[Leaf] = None
        self.refusal = ""
        try:
            self.leaf = Leaf.decode(leaf)
        except Refused as refusal:
            self.refusal = str(refusal)


class Finding(NamedTuple):
    """Something broken: a name from the list of verdicts, where, and why it is so."""

    name: str
    place: str
    reason: str


class CheckLine(NamedTuple):
    name: str
    good: int
    total: int
    broken: bool
    note: str = ""


DUMP_HEAD = {"ledger_id": ID_SIZE, "tenant": ID_SIZE, "slot": None, "size": None,
             "last_leaf_hash": HASH_SIZE}
DUMP_ROW = {"position": None, "leaf": 0, "body": 0}


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
    head = LogHead(**_dump_line(path, 1, lines[0], DUMP_HEAD))
    rows = [Row(**_dump_line(path, number, line, DUMP_ROW))
            for number, line in enumerate(lines[1:], 2)]
    return head, rows


def _dump_line(path: str, number: int, line: str, shape: Dict[str, Optional[int]]) -> Fields:
    """One line as numbers and bytes; `shape` gives the size of hex fields, 0 for any."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or set(value) != set(shape):
        raise Usage(f"{path}:{number}: not an object with {', '.join(shape)}")
    result: Fields = {}
    for name, size in shape.items():
        item = value[name]
        good = is_count(item) if size is None else item == "" or is_hex(item)
        if not good or (size and len(item) != 2 * size):
            raise Usage(f"{path}:{number}: {name} is malformed")
        result[name] = item if size is None else bytes.fromhex(item)
    return result


def is_count(value: Any) -> bool:
    return is_number(value) and value <= MAX_SAFE_INTEGER


class LogVerifier:
    """Verifies a dump: each method runs one check and adds its line and its findings."""

    def __init__(self, head: LogHead, rows: List[Row]):
        self.head = head
        self.rows = rows
        self.placed: Dict[int, Row] = {}
        self.confirmed: Dict[int, bool] = {}
        self.checks: List[CheckLine] = []
        self.findings: List[Finding] = []
        self.notes: List[str] = []
        self.intact = 0
        self.purged = 0

    def run(self) -> None:
        self._place()
        self._check_sizes()
        self._check_hashes()
        self._check_links()
        self._check_event_ids()
        self._check_bodies()

    def _find(self, name: str, positions: Sequence[int], reason: str) -> None:
        self.findings.append(Finding(name, name_positions(positions), reason))

    def _find_range(self, name: str, start: int, end: int, reason: str) -> None:
        self.findings.append(Finding(name, name_range(start, end), reason))

    def _line(self, name: str, good: int, total: int, found_before: int, note: str = "") -> None:
        broken = good < total or len(self.findings) > found_before
        self.checks.append(CheckLine(name, good, total, broken, note))

    def _place(self) -> None:
        """Puts each event where it belongs, whatever order and column the dump gives it.

        An event whose hash another one or the head names belongs where its own leaf says, and
        so does one that is in the dump more than once. For any other there is only the column.
        """
        named = {self.head.last_leaf_hash}
        named.update(row.leaf.previous for row in self.rows if row.leaf)
        copies = Counter(row.hash for row in self.rows)
        genuine, doubtful = [], []
        for row in self.rows:
            known = row.leaf and (row.hash in named or copies[row.hash] > 1)
            (genuine if known else doubtful).append(row)
        genuine.sort(key=lambda row: row.leaf.position != row.position)
        for row in genuine:
            self._take_place(row.leaf.position, row)
        for row in doubtful:
            self._take_place(row.position, row)
        self._compare_order()

    def _take_place(self, position: int, row: Row) -> None:
        if self.placed.setdefault(position, row) is not row:
            self._find("duplicated event", [position], f"once more in row {row.position}")

    def _compare_order(self) -> None:
        places = {id(row): position for position, row in self.placed.items()}
        order = [places[id(row)] for row in self.rows if id(row) in places]
        swapped = [place for place, expected in zip(order, sorted(order)) if place != expected]
        if swapped:
            self._find("swapped", sorted(swapped), "they stand in each other's place")
        moved = [position for position, row in self.placed.items()
                 if row.position != position and position not in swapped]
        if moved:
            self._find("altered column", sorted(moved), "stored under another position")

    def _check_sizes(self) -> None:
        before = len(self.findings)
        end = 0
        for position in sorted(self.placed):
            if position > end:
                self._find_range("missing event", end, position, "the log goes on after it")
            end = position + 1
        if end < self.head.size:
            self._find_range("truncated tail", end, self.head.size,
                             f"the head says {self.head.size} events")
        beyond = [position for position in sorted(self.placed) if position >= self.head.size]
        if beyond:
            self._find("forked head", beyond, f"the head says {self.head.size} events")
        if not self.rows and not self.head.size:
            self._find("missing event", [0], "every log begins with its genesis event")
        self._line("sizes", len(self.placed), self.head.size, before)

    def _check_hashes(self) -> None:
        """Walks from the head down: each event that is confirmed vouches for the one before.

        An altered event still confirms a predecessor whose hash it names, but it cannot
        accuse one: its own `previous` may be what was altered.
        """
        before = len(self.findings)
        for position in sorted(self.placed, reverse=True):
            row = self.placed[position]
            expected, reliable = self._expected_hash(position)
            self.confirmed[position] = row.leaf is not None and row.hash == expected
            if not self.confirmed[position]:
                self._accuse(position, row, reliable)
        good = sum(self.confirmed.values())
        self._line("hashes", good, len(self.placed), before)

    def _expected_hash(self, position: int) -> Tuple[Optional[bytes], bool]:
        """The hash that an event should have, and whether what names it is itself proven."""
        successor = self.placed.get(position + 1)
        if successor is not None and successor.leaf is not None:
            return successor.leaf.previous, self.confirmed[position + 1]
        if successor is None and self.head.size - 1 <= position == max(self.placed):
            return self.head.last_leaf_hash, position == self.head.size - 1
        return None, False

    def _accuse(self, position: int, row: Row, known: bool) -> None:
        witness = f"event {position + 1}" if position + 1 in self.placed else "the head"
        if row.leaf is None:
            self._find("altered leaf", [position], f"not a leaf ({row.refusal})")
        elif known and witness == "the head" and self._is_linked(position, row.leaf):
            self._find("altered head", [position], "it names another hash; one of the two was "
                       "altered")
        elif known:
            self._find("altered leaf", [position], f"{witness} names another hash")
        else:
            self.notes.append(f"event {position} is not proven: nothing intact names its hash")

    def _check_links(self) -> None:
        before = len(self.findings)
        leaves = [(position, row.leaf) for position, row in sorted(self.placed.items())
                  if row.leaf]
        proven = [(position, leaf) for position, leaf in leaves if self.confirmed[position]]
        for position, leaf in proven:
            self._check_kind(position, leaf)
        strangers = [position for position, leaf in proven if leaf.tenant != self.head.tenant]
        if strangers:
            self._find("altered column", strangers, "their leaves name another tenant")
        late = [position for (_, earlier), (position, leaf) in zip(proven, proven[1:])
                if leaf.recorded_at <= earlier.recorded_at]
        if late:
            self._find("back-dated", late, "not later than the event before")
        good = sum(self._is_linked(position, leaf) for position, leaf in leaves)
        self._line("links", good, len(self.placed), before)

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
        row = self.placed.get(position - 1)
        return row is not None and leaf.previous == row.hash

    def _check_event_ids(self) -> None:
        before = len(self.findings)
        seen: Dict[bytes, int] = {}
        for position in sorted(self.placed):
            leaf = self.placed[position].leaf
            if leaf and seen.setdefault(leaf.event_id, position) != position:
                self._find("duplicated event", [seen[leaf.event_id], position], "one event id")
        known = sum(1 for row in self.placed.values() if row.leaf)
        self._line("event ids", len(seen), known, before)

    def _check_bodies(self) -> None:
        before = len(self.findings)
        listed, purge_events = self._purge_lists()
        good = 0
        for position in sorted(self.placed):
            verdict = self._check_body(position, listed)
            good += verdict == "ok"
            self.purged += verdict == "purged"
            self.intact += verdict in ("ok", "purged") and self.confirmed[position]
        purged = self.purged
        broken = good + purged < len(self.placed) or len(self.findings) > before
        plural = "" if purge_events == 1 else "s"
        note = f"{purged} purged ({purge_events} partsPurged event{plural})" if purged else ""
        self.checks.append(CheckLine("bodies", good, len(self.placed), broken, note))

    def _purge_lists(self) -> Tuple[Dict[Tuple[int, int], int], int]:
        """Which event lists a part as purged; only proven events with an intact body count, and
        of those only what a destruction of keys stands behind."""
        listed: Dict[Tuple[int, int], int] = {}
        events = 0
        for position, row in self.placed.items():
            if not (row.leaf and row.leaf.kind == PARTS_PURGED and self.confirmed[position]):
                continue
            try:
                check_event(row.leaf, row.body)
                (part,) = decode_body(row.body, 1)
                value = decode_clear_json(part[1:], PARTS_PURGED)
            except Refused:
                continue
            if not self._is_destruction(position, value["destroyed"]):
                continue
            events += 1
            for place in map(tuple, value["parts"]):
                listed[place] = max(position, listed.get(place, 0))
        return listed, events

    def _is_destruction(self, position: int, destroyed: Sequence[int]) -> bool:
        """Whether positions name proven destructions before an event, and at least one."""
        def is_one(place: int) -> bool:
            row = self.placed.get(place)
            return (place < position and row is not None and row.leaf is not None
                    and row.leaf.kind == KEYS_DESTROYED and self.confirmed[place])

        return bool(destroyed) and all(map(is_one, destroyed))

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
        excused = [index for index in gone if listed.get((position, index), -1) > position]
        for index in gone:
            if index not in excused:
                self._find("missing body", [position],
                           f"part {index} is gone and no later partsPurged event with a "
                           "destruction behind it lists it")
        for index in range(len(row.leaf.part_digest)):
            if (position, index) in listed and index not in gone:
                self.notes.append(f"event {position}: part {index} is listed as purged but there")
        return "broken" if len(excused) < len(gone) else "purged" if gone else "ok"

    def _accuse_body(self, position: int, row: Row, refusal: Refused) -> None:
        clear = row.leaf is not None and row.leaf.kind not in SEALED_KINDS
        gone = clear and row.body == sized(b"")
        self._find("missing body" if gone else "altered body", [position], refusal.message)


def name_positions(positions: Sequence[int]) -> str:
    if len(positions) == 1:
        return f"event {positions[0]}"
    if len(positions) > 4:
        return f"{len(positions)} events from {positions[0]} to {positions[-1]}"
    return "events " + ", ".join(map(str, positions[:-1])) + f" and {positions[-1]}"


def name_range(start: int, end: int) -> str:
    """A gap can be wider than any list."""
    if end - start <= 4:
        return name_positions(range(start, end))
    return f"{end - start} events from {start} to {end - 1}"


# What a dump cannot show; naming one in --allow-missing accepts that.
NOT_IN_A_DUMP = ("checkpoints", "witnesses")


def run_log(path: str, allowed: Sequence[str]) -> int:
    verifier = LogVerifier(*read_dump(path))
    verifier.run()
    for check in verifier.checks:
        verdict = "BROKEN" if check.broken else "ok"
        ratio = f"{check.good}/{check.total}"
        print(f"  {check.name:<12}{ratio:>15} {verdict:<6}   {check.note}".rstrip())
    print(f"  {'columns':<12}{'not asked':>15}")
    print(f"  {'contents':<12}{'not opened':>15}          no AES-GCM in the standard library")
    for name in NOT_IN_A_DUMP:
        print(f"  {name:<12}{'not run':>15}")
    for finding in verifier.findings:
        print(f"{finding.name}: {finding.place}: {finding.reason}")
    for note in verifier.notes:
        print(f"note: {note}")
    return _close(path, verifier, allowed)


def _close(path: str, verifier: LogVerifier, allowed: Sequence[str]) -> int:
    """The last line and the exit code."""
    missing = [name for name in NOT_IN_A_DUMP if name not in allowed]
    if any(check.broken for check in verifier.checks) or verifier.findings:
        print(f"{path}: BROKEN; {verifier.intact} of {verifier.head.size} events are intact")
        return EXIT_BROKEN
    if missing:
        print(f"check not run: {', '.join(missing)}")
        return EXIT_INCOMPLETE
    print(f"not run (allowed): {', '.join(NOT_IN_A_DUMP)}")
    return EXIT_OK


# --- Command line ---------------------------------------------------------------------------

def main(arguments: List[str]) -> int:
    try:
        if len(arguments) == 2 and arguments[0] == "vectors":
            return run_vectors(arguments[1])
        if len(arguments) in (2, 4) and arguments[0] == "log":
            return run_log(arguments[1], allowed_missing(arguments[2:]))
        if len(arguments) == 2 and arguments[0] == "certificate":
            return run_certificate(arguments[1])
        raise Usage(USAGE)
    except (Usage, OSError) as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE


def allowed_missing(arguments: List[str]) -> List[str]:
    if not arguments:
        return []
    names = arguments[1].split(",")
    if arguments[0] != "--allow-missing" or not set(names) <= set(NOT_IN_A_DUMP):
        raise Usage(USAGE)
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
