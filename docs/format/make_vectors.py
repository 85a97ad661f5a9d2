#!/usr/bin/env python3
"""Writes the golden vectors in docs/format/vectors: fixed keys, fixed nonces, no clock.

    python3 docs/format/make_vectors.py [DIR]

Structures, digests and labels come from tally_verify.py, what a vector states beside its fields
from check_vectors.py; sealing needs AES-GCM from the PyPI package `cryptography`. Running it again
changes nothing: a difference in the repository means that the format changed.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import sys
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import tally_verify as tally
from check_vectors import struct_fields, to_json, vector_kinds
from tally_verify import Envelope, Leaf, Personal, key_id, pad, sized, uint

Entry = Dict[str, Any]
NO_TAG = bytes(16)


# --- Fixed material -------------------------------------------------------------------------

def material(label: str, size: int = 32) -> bytes:
    """Bytes that look random and never change."""
    return hashlib.sha256(b"tallystick vectors: " + label.encode()).digest()[:size]


def uuid(label: str) -> bytes:
    """A fixed identifier with the bits of a random UUID, version 4."""
    data = bytearray(material(label, 16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    return bytes(data)


def nonce_of(label: str) -> bytes:
    return material("nonce " + label, 12)


LEDGER = uuid("ledger")
TENANT = uuid("tenant")
SLOT = 7
DATA_KEY = bytes(range(32))
SUBJECT_KEY = material("subject key")
INDEX_KEY = material("index key")
TWK = material("tenant wrapping key")
KEK = material("key-encryption key")
TIME = 1_764_000_000_000_000
# Between the purge and the end of the erasure in the certificates.
BACKUPS_UNTIL = TIME + 12_000_000


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, plaintext, aad)


# --- Operators ------------------------------------------------------------------------------

def signer(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(material(f"operator {label}"))


def public_key_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def id_of(key: Ed25519PrivateKey) -> bytes:
    return tally.operator_id(public_key_of(key))


ALICE, BOB, CAROL, EVE = signer("alice"), signer("bob"), signer("carol"), signer("eve")


def approval(by: Ed25519PrivateKey = ALICE, signed_by: Optional[Ed25519PrivateKey] = None,
             **changes: Any) -> tally.Approval:
    """Alice asks; the signature is the approver's unless somebody else signs."""
    fields: Entry = dict(
        action=tally.SUBJECT_ERASURE, ledger_id=LEDGER, tenant=TENANT, request=uuid("erasure"),
        plan=material("plan"), head=material("head"), requester=id_of(ALICE),
        approver=id_of(by), approved_at=TIME, expires_at=TIME + 604_800_000_000,
        signature=bytes(64))
    fields.update(changes)
    draft = tally.FileKeyApproval(**fields)
    signature = (signed_by or by).sign(draft.message())
    return dataclasses.replace(draft, signature=changes.get("signature", signature))


# --- Building a file ------------------------------------------------------------------------

def vector(struct: str, name: str, fields: Entry, **stated: Any) -> Entry:
    """A valid vector: its fields, what was stated, and all that follows from the fields."""
    derived = vector_kinds()[struct].derive({**fields, **stated})
    return {"name": name, "fields": fields, **plain(stated), **plain(derived)}


def plain(entry: Entry) -> Entry:
    return {name: to_json(value) for name, value in entry.items()}


def bad(name: str, code: str, data: bytes, **known: Any) -> Entry:
    assert code in tally.CODES
    return {"name": name, **plain(known), "bytes": data.hex(), "code": code}


def truncations(data: bytes, code: str = "truncated", **known: Any) -> List[Entry]:
    return [bad(f"cut_at_{size}", code, data[:size], **known) for size in range(len(data))]


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new):]


def struct_vector(struct: str, name: str, value: Any) -> Entry:
    return vector(struct, name, struct_fields(value))


# --- Leaf -----------------------------------------------------------------------------------

def leaves() -> List[Leaf]:
    """A chain with one leaf of each kind, in the order of the kinds."""
    chain: List[Leaf] = []
    previous = tally.genesis_previous(LEDGER, TENANT, SLOT)
    for kind in tally.KINDS:
        chain.append(Leaf(kind, TENANT, kind, TIME + kind, uuid(f"event {kind}"), previous,
                          (bytes.fromhex(only_part(kind)["digest"]),)))
        previous = chain[-1].hash()
    return chain


def only_part(kind: int) -> Entry:
    """The vector of part.json that is the whole body of the event of this kind."""
    if kind not in tally.SEALED_KINDS:
        return clear_part(kind)
    return sealed_part(tally.KINDS[kind], DATA_KEY, pad(envelope().encode()), kind)


def leaf_file() -> Entry:
    chain = leaves()
    one = chain[1]
    digests = tuple(material(f"digest {index}") for index in range(33))
    many = {count: dataclasses.replace(one, part_digest=digests[:count]) for count in (2, 32)}
    largest = dataclasses.replace(one, position=2**64 - 1, recorded_at=2**64 - 1)
    vectors = [struct_vector("leaf", tally.KINDS[leaf.kind], leaf) for leaf in chain]
    vectors += [struct_vector("leaf", f"{count}_parts", leaf) for count, leaf in many.items()]
    vectors.append(struct_vector("leaf", "largest_integers", largest))
    data, count_at = one.encode(), 83
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("trailing_digest", "trailing", data + digests[0]),
        bad("version_0", "version", patched(data, 0, b"\x00\x00")),
        bad("version_2", "version", patched(data, 0, b"\x00\x02")),
        bad("version_little_endian", "version", patched(data, 0, b"\x01\x00")),
        bad("kind_16", "kind", patched(data, 2, b"\x10")),
        bad("kind_255", "kind", patched(data, 2, b"\xff")),
        bad("part_count_0", "count", patched(data, count_at, b"\x00")[:84]),
        bad("part_count_33", "count",
            patched(many[32].encode(), count_at, b"\x21") + digests[32]),
        bad("part_count_255", "count", patched(data, count_at, b"\xff")),
        bad("part_count_2_with_1_digest", "truncated", patched(data, count_at, b"\x02")),
        bad("part_count_1_with_2_digests", "trailing",
            patched(many[2].encode(), count_at, b"\x01")),
    ]
    return {"comment": "A chain of one leaf of each kind, over the parts of those names in "
                       "part.json, then other part counts. hash is the leaf hash.",
            "vectors": vectors, "malformed": malformed}


# --- Envelope and Personal ------------------------------------------------------------------

SMALL_DATA = '{"total":"140.00"}'
LONG_DATA = json.dumps({"lines": [
    {"article": f"A-{number:04}", "count": number, "note": "delivered and accepted"}
    for number in range(12)]}, separators=(",", ":"))
EXACT_DATA = '{"big":12345678901234567890.10,"huge":1e400,"text":"caf\\u00e9 \U0001f600"}'


def envelope(operation: int = tally.PUT, data: Any = SMALL_DATA, **changes: Any) -> Envelope:
    content = data if isinstance(data, bytes) else data.encode("utf-8")
    fields = dict(
        operation=operation, encoding=tally.IDENTITY, stream="billing/invoice/2041",
        type="invoice.updated", actor="user:17", on_behalf_of="", occurred_at=TIME - 5_000_000,
        correlation="", causation="", data_size=len(content), data=content)
    fields.update(changes)
    return Envelope(**fields)


def compressed(value: Any) -> Any:
    return dataclasses.replace(value, encoding=tally.LZ4, data=lz4_compress(value.data))


def valid_envelopes() -> Iterator[Tuple[str, Envelope]]:
    empty = dict(actor="", occurred_at=0)
    yield "note", envelope(tally.NOTE, type="invoice.viewed")
    yield "note_without_data", envelope(tally.NOTE, "", **empty)
    yield "put", envelope(tally.PUT)
    yield "patch", envelope(tally.PATCH)
    yield "delete", envelope(tally.DELETE, "")
    yield "revert", envelope(tally.REVERT, uint(6, 8))
    yield "revert_to_absent", envelope(tally.REVERT, uint(0, 8))
    yield "revert_largest_version", envelope(tally.REVERT, bytes([255] * 8))
    yield "shortest", envelope(tally.NOTE, "", stream="s", type="t", **empty)
    yield "all_fields", envelope(
        on_behalf_of="service:importer", correlation="7f0c1d", causation="job-19")
    yield "longest_fields", envelope(
        stream="s" * 1024, type="t" * 255, actor="a" * 255, on_behalf_of="o" * 255,
        correlation="r" * 64, causation="c" * 64, occurred_at=2**64 - 1)
    yield "utf8", envelope(stream="lager/stück/9", type="ändern", actor="ユーザー:1",
                           data='{"name":"Žanis 😀"}')
    yield "utf8_longest_stream", envelope(stream="é" * 512)
    yield "numbers_verbatim", envelope(data=EXACT_DATA)
    yield "whitespace_verbatim", envelope(data='{ "a" : [ 1 , 2 ] }\n')
    for padding in (0, 1, 31):
        yield f"{padding}_bytes_of_padding", padded_by(padding)
    yield "identity_long", envelope(data=LONG_DATA)
    yield "lz4", compressed(envelope(data=LONG_DATA))
    yield "lz4_patch", compressed(envelope(tally.PATCH, LONG_DATA))
    yield "lz4_literals_only", dataclasses.replace(
        envelope(), encoding=tally.LZ4, data=lz4_literals(SMALL_DATA.encode()))
    yield "lz4_empty", dataclasses.replace(
        envelope(tally.NOTE, ""), encoding=tally.LZ4, data=b"\x00")


def padded_by(padding: int) -> Envelope:
    """An envelope whose unpadded size leaves exactly this much padding."""
    for extra in range(32):
        candidate = envelope(correlation="x" * extra)
        if -len(candidate.encode()) % 32 == padding:
            return candidate
    raise AssertionError("one of 32 consecutive sizes must fit")


def raw_envelope(**changes: Any) -> bytes:
    """Envelope bytes without any check, each field already encoded, padded at the end."""
    fields = dict(
        version=b"\x01", operation=b"\x01", encoding=b"\x00", stream=b"\x00\x01s",
        type=b"\x01t", actor=b"\x00", on_behalf_of=b"\x00", occurred_at=bytes(8),
        correlation=b"\x00", causation=b"\x00", data_size=uint(2, 4), data=sized(b"{}"))
    assert set(changes) <= set(fields)
    fields.update(changes)
    return pad(b"".join(fields.values()))


def data_fields(content: bytes, **changes: Any) -> Entry:
    fields = dict(data_size=uint(len(content), 4), data=sized(content))
    fields.update(changes)
    return fields


BAD_UTF8 = {
    "lone_continuation": b"\x80", "cut_sequence": b"\xc3", "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\x80", "beyond_unicode": b"\xf4\x90\x80\x80", "latin_1": b"caf\xe9",
}
# Blocks that are wrong for any data_size of 14; see also lz4.json.
BAD_LZ4 = {
    "empty": b"", "offset_zero": b"\x10a\x00\x00\x50abcde", "not_a_block": b"\xff\xff\xff",
}


def envelope_file() -> Entry:
    vectors = [struct_vector("envelope", name, value) for name, value in valid_envelopes()]
    return {"comment": "bytes is the Envelope without padding, padded is the plaintext that is "
                       "sealed, decoded is data after decoding. In malformed, bytes is a padded "
                       "plaintext as a reader gets it from the cipher.",
            "vectors": vectors, "malformed": list(malformed_envelopes())}


def malformed_envelopes() -> Iterator[Entry]:
    whole = envelope(tally.PATCH, correlation="7f0c1d")
    yield from cut_plaintexts(whole.encode())
    yield from bad_padding(envelope().encode())
    for name in ("0", "2", "255"):
        yield bad(f"version_{name}", "version", raw_envelope(version=uint(int(name), 1)))
    for name in ("5", "255"):
        yield bad(f"operation_{name}", "operation", raw_envelope(operation=uint(int(name), 1)))
    for name in ("2", "255"):
        yield bad(f"encoding_{name}", "encoding", raw_envelope(encoding=uint(int(name), 1)))
    yield from bad_envelope_lengths()
    yield from bad_envelope_text()
    yield from bad_envelope_data()


def envelope_v2(occurred_at: int, **changes: Any) -> tally.EnvelopeV2:
    fields = {field.name: getattr(envelope(**changes), field.name)
              for field in dataclasses.fields(Envelope)}
    return tally.EnvelopeV2(**{**fields, "occurred_at": occurred_at})


def envelope_v2_file() -> Entry:
    times = {"1970": 0, "one_microsecond_earlier": -1, "moon": -14_182_940_000_000,
             "1815": -4_861_728_000_000_000, "year_1": tally.EARLIEST_TIME}
    vectors = [struct_vector("envelope_v2", name, envelope_v2(time))
               for name, time in times.items()]
    vectors += [struct_vector("envelope_v2", name, value) for name, value in {
        "revert": envelope_v2(0, operation=tally.REVERT, data=uint(6, 8)),
        "all_fields": envelope_v2(
            -1, on_behalf_of="service:importer", correlation="7f0c1d", causation="job-19"),
        "lz4": compressed(envelope_v2(-1, data=LONG_DATA))}.items()]
    malformed = list(cut_plaintexts(envelope_v2(-1, operation=tally.PATCH).encode()))
    beyond = {"not_given": 0, "before_year_1": 2 - tally.EARLIEST_TIME,
              "sign_bit": 2**63, "largest": 2**64 - 1}
    malformed += [bad(f"time_{name}", "version", raw_envelope(
        version=b"\x02", occurred_at=uint(field, 8))) for name, field in beyond.items()]
    malformed.append(bad("version_3", "version", raw_envelope(
        version=b"\x03", occurred_at=uint(1, 8))))
    return {"comment": "As envelope.json, of version 2. occurred_at is in microseconds since 1970, "
                       "0 or negative; the field holds 1 - occurred_at.",
            "vectors": vectors, "malformed": malformed}


def cut_plaintexts(encoded: bytes) -> Iterator[Entry]:
    """Every prefix of a padded plaintext: cut in the fields, then cut in the padding."""
    plaintext = pad(encoded)
    assert len(plaintext) > len(encoded)
    for size in range(len(plaintext)):
        code = "truncated" if size < len(encoded) else "padding"
        yield bad(f"cut_at_{size}", code, plaintext[:size])


def bad_padding(encoded: bytes) -> Iterator[Entry]:
    plaintext = pad(encoded)
    yield bad("padding_first_byte_not_zero", "padding", patched(plaintext, len(encoded), b"\x01"))
    yield bad("padding_last_byte_not_zero", "padding", plaintext[:-1] + b"\x80")
    yield bad("padding_one_byte_more", "padding", plaintext + b"\x00")
    yield bad("padding_one_block_more", "padding", plaintext + bytes(32))
    yield bad("padding_pkcs7", "padding",
              encoded + bytes([len(plaintext) - len(encoded)]) * (len(plaintext) - len(encoded)))


def bad_envelope_lengths() -> Iterator[Entry]:
    yield bad("stream_empty", "length", raw_envelope(stream=b"\x00\x00"))
    yield bad("stream_1025", "length", raw_envelope(stream=b"\x04\x01" + b"s" * 1025))
    yield bad("stream_65535", "length", raw_envelope(stream=b"\xff\xff"))
    yield bad("type_empty", "length", raw_envelope(type=b"\x00"))
    yield bad("correlation_65", "length", raw_envelope(correlation=b"\x41" + b"c" * 65))
    yield bad("causation_65", "length", raw_envelope(causation=b"\x41" + b"c" * 65))
    yield bad("causation_255", "length", raw_envelope(causation=b"\xff" + b"c" * 255))
    yield bad("actor_past_the_end", "truncated", raw_envelope(actor=b"\xff"))
    yield bad("data_past_the_end", "truncated",
              raw_envelope(**data_fields(b"", data=uint(4096, 4) + b"{}")))
    yield bad("data_16777217", "length",
              raw_envelope(**data_fields(b"", data=uint(tally.MAX_DATA + 1, 4))))
    yield bad("data_4294967295", "length",
              raw_envelope(**data_fields(b"", data=uint(2**32 - 1, 4))))


def bad_envelope_text() -> Iterator[Entry]:
    for name, raw in BAD_UTF8.items():
        yield bad(f"stream_{name}", "text", raw_envelope(stream=uint(len(raw), 2) + raw))
        yield bad(f"data_{name}", "text", raw_envelope(**data_fields(b'"' + raw + b'"')))
    for field in ("type", "actor", "on_behalf_of", "correlation", "causation"):
        yield bad(f"{field}_not_utf8", "text", raw_envelope(**{field: b"\x01\xff"}))
    block = lz4_literals(b'{"a":"\xff\xff\xff\xff"}')
    yield bad("lz4_not_utf8", "text", raw_envelope(encoding=b"\x01", **data_fields(
        block, data_size=uint(12, 4))))


def bad_envelope_data() -> Iterator[Entry]:
    revert = dict(operation=b"\x04")
    yield bad("data_size_one_less", "data_size", raw_envelope(data_size=uint(1, 4)))
    yield bad("data_size_one_more", "data_size", raw_envelope(data_size=uint(3, 4)))
    yield bad("data_size_16777217", "data_size", raw_envelope(
        encoding=b"\x01", data_size=uint(tally.MAX_DATA + 1, 4)))
    yield bad("revert_without_data", "data_size", raw_envelope(**revert, **data_fields(b"")))
    yield bad("revert_7_bytes", "data_size", raw_envelope(**revert, **data_fields(bytes(7))))
    yield bad("revert_9_bytes", "data_size", raw_envelope(**revert, **data_fields(bytes(9))))
    yield bad("revert_lz4", "encoding", raw_envelope(
        **revert, encoding=b"\x01", **data_fields(lz4_literals(bytes(8)), data_size=uint(8, 4))))
    yield bad("lz4_data_size_one_more", "data_size", raw_envelope(
        encoding=b"\x01", **data_fields(lz4_literals(b"{}"), data_size=uint(3, 4))))
    yield bad("lz4_data_size_one_less", "encoding", raw_envelope(
        encoding=b"\x01", **data_fields(lz4_literals(b"{}"), data_size=uint(1, 4))))
    for name, block in BAD_LZ4.items():
        yield bad(f"lz4_{name}", "encoding", raw_envelope(
            encoding=b"\x01", **data_fields(block, data_size=uint(14, 4))))


def personal(subject: str = "customer:8812", retention_class: str = "",
             data: str = '{"name":"Ilze"}', **changes: Any) -> Personal:
    content = data.encode("utf-8")
    value = Personal(tally.IDENTITY, subject, retention_class, len(content), content)
    return dataclasses.replace(value, **changes)


def raw_personal(**changes: Any) -> bytes:
    fields = dict(version=b"\x01", encoding=b"\x00", subject=b"\x01s", retention_class=b"\x00",
                  data_size=uint(2, 4), data=sized(b"{}"))
    assert set(changes) <= set(fields)
    fields.update(changes)
    return pad(b"".join(fields.values()))


def personal_file() -> Entry:
    valid = {
        "no_class": personal(), "with_class": personal(retention_class="marketing"),
        "no_data": personal(data=""), "shortest": personal("s", "", ""),
        "longest_fields": personal("s" * 255, "c" * 63),
        "utf8": personal("klient:ž", data='{"name":"Žanis 😀"}'),
        "identity_long": personal(data=LONG_DATA),
        "lz4": compressed(personal(data=LONG_DATA)),
    }
    return {"comment": "bytes, padded and decoded as in envelope.json; in malformed, bytes is a "
                       "padded plaintext.",
            "vectors": [struct_vector("personal", *item) for item in valid.items()],
            "malformed": list(malformed_personals())}


def malformed_personals() -> Iterator[Entry]:
    yield from cut_plaintexts(personal(retention_class="billing").encode())
    yield from bad_padding(personal().encode())
    cases = {
        "version_0": ("version", dict(version=b"\x00")),
        "version_2": ("version", dict(version=b"\x02")),
        "encoding_2": ("encoding", dict(encoding=b"\x02")),
        "subject_empty": ("length", dict(subject=b"\x00")),
        "retention_class_64": ("length", dict(retention_class=b"\x40" + b"c" * 64)),
        "data_16777217": ("length", data_fields(b"", data=uint(tally.MAX_DATA + 1, 4))),
        "subject_not_utf8": ("text", dict(subject=b"\x01\xff")),
        "retention_class_not_utf8": ("text", dict(retention_class=b"\x01\xff")),
        "data_not_utf8": ("text", data_fields(b'"\xff"')),
        "data_size_one_less": ("data_size", dict(data_size=uint(1, 4))),
        "data_size_16777217": (
            "data_size", dict(encoding=b"\x01", data_size=uint(tally.MAX_DATA + 1, 4))),
        "lz4_not_a_block": (
            "encoding", dict(encoding=b"\x01", **data_fields(b"\xff\xff\xff"))),
    }
    for name, (code, changes) in cases.items():
        yield bad(name, code, raw_personal(**changes))


def opened_file() -> Entry:
    sections = [personal(), personal(retention_class="billing"), personal("customer:9")]
    bytewise = [personal("a"), personal("b"), personal("ab"), personal("é"), personal("Z")]
    bytewise.sort(key=Personal.sort_key)
    valid = {"no_personal_part": (envelope(), []), "three_sections": (envelope(), sections),
             "sorted_by_bytes": (envelope(), bytewise),
             "revert": (envelope(tally.REVERT, uint(6, 8)), [])}
    malformed = {
        "subjects_not_sorted": ("order", envelope(), sections[::-1]),
        "classes_not_sorted": ("order", envelope(), [sections[1], sections[0]]),
        "same_section_twice": ("order", envelope(), [sections[0], sections[0]]),
        "revert_with_personal_part": ("count", envelope(tally.REVERT, uint(6, 8)), sections[:1]),
    }
    vectors = []
    for name, (first, rest) in valid.items():
        fields = {"plaintexts": plaintexts(first, rest)}
        vectors.append({"name": name, "fields": fields,
                        "sections": [[item.subject, item.retention_class] for item in rest]})
    return {"comment": "Rules over all parts of one event once they are open: padded plaintexts "
                       "of part 0 and the personal parts in their order.",
            "vectors": vectors,
            "malformed": [{"name": name, "plaintexts": plaintexts(first, rest), "code": code}
                          for name, (code, first, rest) in malformed.items()]}


def plaintexts(first: Envelope, rest: Sequence[Personal]) -> List[str]:
    return [pad(item.encode()).hex() for item in (first, *rest)]


# --- LZ4 ------------------------------------------------------------------------------------

def lz4_literals(content: bytes) -> bytes:
    """A block of one sequence: literals only, never smaller than its content."""
    return lz4_sequence(content, 0, 0)


def lz4_sequence(literals: bytes, offset: int, match: int) -> bytes:
    """One sequence; a match of 0 bytes makes it the last one."""
    extra = match - tally.LZ4_MIN_MATCH if match else 0
    token = bytes([min(len(literals), 15) << 4 | min(extra, 15)])
    block = token + lz4_more(len(literals)) + literals
    return block + offset.to_bytes(2, "little") + lz4_more(extra) if match else block


def lz4_more(length: int) -> bytes:
    """What of a length does not fit its nibble."""
    return bytes([255] * ((length - 15) // 255)) + bytes([(length - 15) % 255]) \
        if length >= 15 else b""


def lz4_compress(content: bytes) -> bytes:
    """Greedy matching over four-byte groups, within the block format's end rules."""
    seen: Dict[bytes, int] = {}
    block, start, at = b"", 0, 0
    while at <= len(content) - tally.LZ4_MATCH_START_LIMIT:
        group = content[at:at + tally.LZ4_MIN_MATCH]
        source = seen.get(group)
        seen[group] = at
        if source is None or at - source > 0xFFFF:
            at += 1
            continue
        match = lz4_match_size(content, source, at)
        block += lz4_sequence(content[start:at], at - source, match)
        start = at = at + match
    return block + lz4_literals(content[start:])


def lz4_match_size(content: bytes, source: int, at: int) -> int:
    size, limit = 0, len(content) - tally.LZ4_LAST_LITERALS - at
    while size < limit and content[source + size] == content[at + size]:
        size += 1
    return size


# --- Parts ----------------------------------------------------------------------------------

def sealed_part(name: str, key: bytes, plaintext: bytes, kind: int = 1, index: int = 0,
                part_count: int = 1) -> Entry:
    event_id = uuid(f"event {kind}" if part_count == 1 else f"event of {part_count} parts")
    nonce = nonce_of(f"part {name}")
    aad = tally.part_aad(LEDGER, TENANT, event_id, kind, index, part_count, key_id(key))
    fields = plain(dict(
        suite=tally.SEALED_SUITE, key=key, ledger_id=LEDGER, tenant=TENANT, event_id=event_id,
        kind=kind, index=index, part_count=part_count, plaintext=plaintext, nonce=nonce,
        ciphertext_and_tag=seal(key, nonce, plaintext, aad)))
    return vector("part", name, fields)


def clear_part(kind: int) -> Entry:
    canonical = tally.canonical_json(CLEAR_VALUES[kind]).decode()
    fields = {"suite": tally.CLEAR_SUITE, "kind": kind, "canonical_json": canonical}
    return vector("part", tally.KINDS[kind], fields)


def part_file() -> Entry:
    vectors = [
        only_part(1), only_part(10),
        sealed_part("first_of_two", DATA_KEY, pad(envelope().encode()), part_count=2),
        sealed_part("second_of_two", SUBJECT_KEY, pad(personal().encode()), 1, 1, 2),
        sealed_part("last_of_32", SUBJECT_KEY, pad(personal().encode()), 1, 31, 32),
        sealed_part("lz4", DATA_KEY, pad(compressed(envelope(data=LONG_DATA)).encode())),
    ]
    vectors += [clear_part(kind) for kind in sorted(CLEAR_VALUES)]
    return {"comment": "suite 1: plaintext is padded; ciphertext_and_tag is AES-256-GCM of it "
                       "under key, nonce and aad. suite 0: canonical_json is the text after the "
                       "suite byte. digest is the part digest. In malformed, kind is the kind of "
                       "the event, and key the key that a reader holds. two_keys opens under "
                       "both keys as far as AES-GCM can tell; plaintexts are what it yields.",
            "vectors": vectors, "malformed": list(malformed_parts(vectors[0]))}


def malformed_parts(valid: Entry) -> Iterator[Entry]:
    sealed = bytes.fromhex(valid["bytes"])
    clear = b"\x00" + tally.canonical_json(CLEAR_VALUES[6])
    yield bad("empty", "truncated", b"", kind=1)
    for size in (1, 32, 33, 44, 45, 61, 92):
        yield bad(f"sealed_cut_at_{size}", "truncated", sealed[:size], kind=1)
    yield bad("sealed_one_byte_less", "length", sealed[:-1], kind=1)
    yield bad("sealed_one_byte_more", "length", sealed + b"\x00", kind=1)
    yield bad("suite_2", "suite", patched(sealed, 0, b"\x02"), kind=1)
    yield bad("suite_255", "suite", patched(clear, 0, b"\xff"), kind=6)
    yield bad("clear_in_recorded", "suite", clear, kind=1)
    yield bad("clear_in_imported", "suite", clear, kind=10)
    for kind in sorted(CLEAR_VALUES):
        yield bad(f"sealed_in_{tally.KINDS[kind]}", "suite", sealed, kind=kind)
    yield bad("clear_without_json", "text", b"\x00", kind=6)
    yield bad("clear_json_of_another_kind", "kind", clear, kind=5)
    yield bad("wrong_key", "key_mismatch", sealed, kind=1, key=material("another key"))
    yield two_keys()


# One ciphertext, two keys: NIST SP 800-38D, section 6; GF(2^128) in GCM's bit order.

GCM_POLYNOMIAL = 0xE1 << 120


def gf_multiply(left: int, right: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if right >> bit & 1:
            product ^= left
        left = left >> 1 ^ (GCM_POLYNOMIAL if left & 1 else 0)
    return product


def gf_inverse(value: int) -> int:
    """value^(2^128 - 2)."""
    result, square = 1 << 127, value
    for _ in range(127):
        square = gf_multiply(square, square)
        result = gf_multiply(result, square)
    return result


def ghash(hash_key: int, aad: bytes, ciphertext: bytes) -> int:
    blocks = block_pad(aad) + block_pad(ciphertext)
    blocks += uint(8 * len(aad), 8) + uint(8 * len(ciphertext), 8)
    total = 0
    for at in range(0, len(blocks), 16):
        total = gf_multiply(total ^ int.from_bytes(blocks[at:at + 16], "big"), hash_key)
    return total


def block_pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def aes_block(key: bytes, block: bytes) -> int:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return int.from_bytes(encryptor.update(block), "big")


def two_keys() -> Entry:
    """A part that AES-GCM opens under two keys, made by solving for its last block."""
    first, second = DATA_KEY, material("colliding key")
    event_id, nonce = uuid("event of two keys"), nonce_of("two keys")
    aad = tally.part_aad(LEDGER, TENANT, event_id, 1, 0, 1, key_id(first))
    hash_keys = [aes_block(key, bytes(16)) for key in (first, second)]
    masks = [aes_block(key, nonce + uint(1, 4)) for key in (first, second)]
    known = material("ciphertext of two keys", 16)
    tags = [ghash(h, aad, known + bytes(16)) ^ mask for h, mask in zip(hash_keys, masks)]
    squares = [gf_multiply(h, h) for h in hash_keys]
    last = gf_multiply(tags[0] ^ tags[1], gf_inverse(squares[0] ^ squares[1]))
    ciphertext = known + uint(last, 16)
    sealed = ciphertext + uint(tags[0] ^ gf_multiply(last, squares[0]), 16)
    opened = [AESGCM(key).decrypt(nonce, sealed, aad) for key in (first, second)]
    part = tally.SealedPart(key_id(first), nonce, sealed).encode()
    return bad("two_keys", "key_mismatch", part, kind=1, key=second, key_named=first,
               aad=aad, plaintexts=opened)


# --- Wrapped keys ---------------------------------------------------------------------------

def wrapped_key(name: str, kind: int, key: bytes, subject_tag: bytes = NO_TAG,
                retention_class: str = "") -> Entry:
    nonce = nonce_of(f"wrap {name}")
    draft = tally.WrappedKey(kind, key_id(TWK), key_id(key), nonce, bytes(48))
    aad = draft.aad(LEDGER, TENANT, subject_tag, retention_class)
    fields = plain(dict(
        version=1, kind=kind, parent_key=TWK, key=key, ledger_id=LEDGER, tenant=TENANT,
        subject_tag=subject_tag, retention_class=retention_class, nonce=nonce,
        ciphertext_and_tag=seal(TWK, nonce, key, aad)))
    return vector("wrapped_key", name, fields)


def subject_tag_of(subject: str) -> bytes:
    return tally.blind_tag(INDEX_KEY, "subject", subject.encode())


def wrapped_key_file() -> Entry:
    tag = subject_tag_of("customer:8812")
    vectors = [
        wrapped_key("data", 1, DATA_KEY),
        wrapped_key("subject", 2, SUBJECT_KEY, tag),
        wrapped_key("subject_with_class", 2, material("key 2"), tag, "marketing"),
        wrapped_key("subject_with_longest_class", 2, material("key 3"), tag, "c" * 63),
        wrapped_key("index", 3, INDEX_KEY),
        wrapped_key("export", 4, material("export key")),
    ]
    data = bytes.fromhex(vectors[0]["bytes"])
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("label_of_twk", "version", patched(data, 0, b"TLYT")),
        bad("label_lower_case", "version", patched(data, 0, b"tlyw")),
        bad("version_0", "version", patched(data, 4, b"\x00")),
        bad("version_2", "version", patched(data, 4, b"\x02")),
        bad("kind_0", "kind", patched(data, 5, b"\x00")),
        bad("kind_5", "kind", patched(data, 5, b"\x05")),
    ]
    return {"comment": "ciphertext_and_tag is AES-256-GCM of key under parent_key, the tenant's "
                       "wrapping key, with aad. No padding: a key is one block of 32 bytes.",
            "vectors": vectors, "malformed": malformed}


def kek_blob(epoch: int, twk: bytes) -> Tuple[bytes, bytes]:
    """The context and the blob of FileKEKProvider for a wrapping key."""
    context = tally.WrappedTWK(epoch, key_id(twk), b"\x00").context(LEDGER, TENANT)
    nonce = nonce_of(f"twk {epoch}")
    return context, nonce + seal(KEK, nonce, twk, context)


def wrapped_twk(name: str, epoch: int, blob: Optional[bytes] = None) -> Entry:
    fields: Entry = dict(version=1, epoch=epoch, twk=TWK, ledger_id=LEDGER, tenant=TENANT)
    if blob is None:
        fields.update(kek=KEK, nonce=nonce_of(f"twk {epoch}"))
        blob = kek_blob(epoch, TWK)[1]
    return vector("wrapped_twk", name, plain({**fields, "blob": blob}))


def wrapped_twk_file() -> Entry:
    vectors = [
        wrapped_twk("epoch_1", 1), wrapped_twk("epoch_4294967296", 2**32),
        wrapped_twk("largest_epoch", 2**64 - 1),
        wrapped_twk("shortest_blob", 2, b"\x2a"),
        wrapped_twk("longest_blob", 2, material("blob") * 32),
    ]
    data = bytes.fromhex(vectors[0]["bytes"])
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("label_of_wrapped_key", "version", patched(data, 0, b"TLYW")),
        bad("version_0", "version", patched(data, 4, b"\x00")),
        bad("version_2", "version", patched(data, 4, b"\x02")),
        bad("blob_empty", "length", data[:45] + b"\x00\x00"),
        bad("blob_1025", "length", data[:45] + b"\x04\x01" + bytes(1025)),
        bad("blob_65535", "length", data[:45] + b"\xff\xff"),
    ]
    return {"comment": "twk_id is the key id of twk. Where kek and nonce are given, blob is that "
                       "of FileKEKProvider: nonce, then AES-256-GCM of twk under kek with "
                       "context as associated data. Any other blob is opaque.",
            "vectors": vectors, "malformed": malformed}


def kek_blob_file() -> Entry:
    vectors = []
    for epoch in (1, 2**32):
        context, blob = kek_blob(epoch, TWK)
        fields = plain(dict(kek=KEK, twk=TWK, context=context, nonce=blob[:12],
                            ciphertext_and_tag=blob[12:]))
        vectors.append(vector("file_kek_blob", f"epoch_{epoch}", fields))
    data = bytes.fromhex(vectors[0]["bytes"])
    return {"comment": "The blob of FileKEKProvider, always 60 bytes.", "vectors": vectors,
            "malformed": truncations(data) + [bad("trailing_byte", "trailing", data + b"\x00")]}


# --- Tags, key ids, digests -----------------------------------------------------------------

def tag_file() -> Entry:
    values = {
        "stream": "billing/invoice/2041", "type": "invoice.updated", "actor": "user:17",
        "subject": "customer:8812", "collection": "billing/invoice", "tenant": "acme"}
    pairs = list(values.items()) + [("stream", "s"), ("stream", "lager/stück/9"),
                                    ("stream", "s" * 1024), ("collection", "")]
    names = list(values) + ["shortest", "utf8", "longest", "empty_value"]
    vectors = [vector("tag", name, {"index_key": INDEX_KEY.hex(), "label": label, "value": value})
               for name, (label, value) in zip(names, pairs)]
    return {"comment": "bytes is the message: label, a zero byte, value. tag is the first 16 "
                       "bytes of HMAC-SHA-256 over it.", "vectors": vectors, "malformed": []}


def key_id_file() -> Entry:
    keys = {"counting": DATA_KEY, "zeros": bytes(32), "ones": b"\xff" * 32,
            "subject_key": SUBJECT_KEY, "index_key": INDEX_KEY, "twk": TWK}
    return {"comment": "bytes is the key, id its key id.",
            "vectors": [vector("key_id", name, {"key": key.hex()}) for name, key in keys.items()],
            "malformed": [bad(f"{size}_bytes", "length", bytes(size)) for size in (0, 16, 31, 33)]}


def event_id_file() -> Entry:
    uuid_7, ulid = "0193e9ad-5c00-7abc-9def-0123456789ab", "01JFMTTQ00ABCDEFGHJKMNPQRS"
    requests = {
        "first": ("import/2041", 0), "second": ("import/2041", 1), "last": ("import/2041", 499),
        "shortest": ("r", 0), "longest": ("r" * 255, 0), "utf8": ("lager/stück", 0),
        "uuid_7": (uuid_7, 0), "uuid_7_second": (uuid_7, 1), "uuid_7_upper": (uuid_7.upper(), 0),
        "uuid_4": (uuid_7.replace("-7", "-4"), 0), "uuid_7_other_variant":
        (uuid_7.replace("-9def", "-cdef"), 0), "uuid_7_no_hyphens": (uuid_7.replace("-", ""), 0),
        "uuid_7_bad_digit": (uuid_7.replace("ab", "ag"), 0),
        "ulid": (ulid, 0), "ulid_second": (ulid, 1), "ulid_lower": (ulid.lower(), 0),
        "ulid_greatest": ("7" + "Z" * 25, 0), "ulid_too_great": ("8" + "0" * 25, 0),
        "ulid_with_i": (ulid[:-1] + "I", 0), "ulid_with_u": (ulid[:-1] + "u", 0)}
    return {"comment": "bytes is the message: event, a zero byte, the request's id with its "
                       "length, the event's place. id is the first 16 bytes of HMAC-SHA-256 over "
                       "it, or 6 bytes of time and the first 10 of it.",
            "vectors": [vector("event_id", name, {"index_key": INDEX_KEY.hex(), "request": request,
                                                  "ordinal": to_json(ordinal)})
                        for name, (request, ordinal) in requests.items()], "malformed": []}


# --- Event body -----------------------------------------------------------------------------

def leaf_over(kind: int, parts: Sequence[bytes]) -> Leaf:
    return Leaf(kind, TENANT, 1, TIME, uuid("event of body"), material("previous"),
                tuple(tally.sha256(part) for part in parts))


def body(name: str, leaf: Leaf, parts: Sequence[bytes]) -> Entry:
    return vector("event_body", name,
                  {"leaf": leaf.encode().hex(), "parts": [part.hex() for part in parts]})


def sealed_bytes(index: int, part_count: int, kind: int = 1) -> bytes:
    first = index == 0
    plaintext = pad((envelope() if first else personal(f"customer:{index:02}")).encode())
    key = DATA_KEY if first else material(f"subject key {index}")
    aad = tally.part_aad(LEDGER, TENANT, uuid("event of body"), kind, index, part_count,
                         key_id(key))
    nonce = nonce_of(f"body {kind} {index} {part_count}")
    return tally.SealedPart(key_id(key), nonce, seal(key, nonce, plaintext, aad)).encode()


def event_body_file() -> Entry:
    one, two, most = ([sealed_bytes(index, count) for index in range(count)]
                      for count in (1, 2, 32))
    imported = [sealed_bytes(index, 2, 10) for index in range(2)]
    clear = b"\x00" + tally.canonical_json(CLEAR_VALUES[6])
    vectors = [
        body("one_part", leaf_over(1, one), one), body("two_parts", leaf_over(1, two), two),
        body("32_parts", leaf_over(1, most), most),
        body("imported", leaf_over(10, imported), imported),
        body("second_part_purged", leaf_over(1, two), [two[0], b""]),
        body("all_parts_purged", leaf_over(1, two), [b"", b""]),
        body("clear", leaf_over(6, [clear]), [clear]),
    ]
    return {"comment": "purged lists the indices of parts of length zero; their digests stay in "
                       "leaf. In malformed, leaf is the leaf that bytes is checked against.",
            "vectors": vectors, "malformed": list(malformed_bodies(one, two, clear))}


def malformed_bodies(one: List[bytes], two: List[bytes], clear: bytes) -> Iterator[Entry]:
    leaf, whole = leaf_over(1, two).encode(), tally.encode_body(two)
    digest_wrong = leaf_over(1, [two[0], two[0]]).encode()
    for size in (0, 3, 4, 100, 4 + len(two[0]), 7 + len(two[0]), len(whole) - 1):
        yield bad(f"cut_at_{size}", "truncated", whole[:size], leaf=leaf)
    yield bad("length_past_the_end", "truncated", b"\xff\xff\xff\xff" + whole[4:], leaf=leaf)
    yield bad("trailing_byte", "trailing", whole + b"\x00", leaf=leaf)
    yield bad("one_part_too_many", "trailing", whole + sized(b""), leaf=leaf)
    yield bad("one_part_too_few", "truncated", tally.encode_body(one), leaf=leaf)
    yield bad("parts_exchanged", "digest", tally.encode_body(two[::-1]), leaf=leaf)
    yield bad("part_not_the_one_hashed", "digest", whole, leaf=digest_wrong)
    yield bad("clear_in_recorded", "suite", sized(clear), leaf=leaf_over(1, [clear]).encode())
    yield bad("sealed_in_thawed", "suite", sized(one[0]), leaf=leaf_over(6, one).encode())
    yield bad("two_clear_parts", "count", sized(clear) * 2,
              leaf=leaf_over(6, [clear, clear]).encode())
    yield bad("clear_part_purged", "length", sized(b""), leaf=leaf_over(6, [clear]).encode())


# --- Heads, rounds, genesis -----------------------------------------------------------------

def tenant_head_file() -> Entry:
    heads = {name: tally.TenantHead(SLOT, state, TENANT, 16, material("root"),
                                    material("last leaf hash"), TIME)
             for state, name in tally.HEAD_STATES.items()}
    heads["slot_0"] = dataclasses.replace(heads["active"], slot=0, tenant=uuid("slot 0"))
    heads["largest_integers"] = dataclasses.replace(
        heads["active"], slot=2**32 - 1, size=2**64 - 1, recorded_at=2**64 - 1)
    data = heads["active"].encode()
    assert len(data) == 103
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("version_0", "version", patched(data, 0, b"\x00\x00")),
        bad("version_2", "version", patched(data, 0, b"\x00\x02")),
        bad("state_3", "kind", patched(data, 6, b"\x03")),
        bad("state_255", "kind", patched(data, 6, b"\xff")),
    ]
    return {"comment": "hash is the leaf hash in the round map.",
            "vectors": [struct_vector("tenant_head", *item) for item in heads.items()],
            "malformed": malformed}


def round_record_file() -> Entry:
    first = tally.RoundRecord(0, TIME, 3, material("map root"), bytes(32))
    later = dataclasses.replace(first, round=8812, recorded_at=TIME + 60_000_000)
    records = {
        "first": first, "later": later,
        "first_of_a_successor": dataclasses.replace(first, previous=material("checkpoint")),
        "largest_integers": dataclasses.replace(
            later, round=2**64 - 1, recorded_at=2**64 - 1, slots=2**32 - 1),
    }
    data = later.encode()
    assert len(data) == 86
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("version_0", "version", patched(data, 0, b"\x00\x00")),
        bad("version_2", "version", patched(data, 0, b"\x00\x02")),
        bad("predecessor_in_a_later_round", "digest", data[:54] + material("checkpoint")),
    ]
    return {"comment": "hash is the leaf hash in the rounds log.",
            "vectors": [struct_vector("round_record", *item) for item in records.items()],
            "malformed": malformed}


def genesis_file() -> Entry:
    places = {"slot_7": (TENANT, SLOT), "slot_0": (uuid("slot 0"), 0),
              "largest_slot": (TENANT, 2**32 - 1)}
    vectors = [vector("genesis", name, plain(dict(ledger_id=LEDGER, tenant=tenant, slot=slot)))
               for name, (tenant, slot) in places.items()]
    return {"comment": "bytes is the message, previous its SHA-256: what the leaf at position 0 "
                       "names as the one before it.", "vectors": vectors, "malformed": []}


# --- Tenant names ---------------------------------------------------------------------------

def tenant_name(name: str, value: str) -> Entry:
    key, index_key = material("data key of slot 0"), material("index key of slot 0")
    nonce = nonce_of(f"tenant name {name}")
    aad = tally.tenant_name_aad(LEDGER, TENANT, key_id(key))
    sealed = seal(key, nonce, pad(tally.TenantName(value).encode()), aad)
    return vector("tenant_name", name, plain(dict(
        index_key=index_key, key=key, nonce=nonce, ledger_id=LEDGER, tenant=TENANT, name=value,
        ciphertext_and_tag=sealed)))


def request_subject(name: str, value: str) -> Entry:
    request = uuid("erasure")
    aad = tally.request_subject_aad(LEDGER, TENANT, request, key_id(DATA_KEY))
    nonce = nonce_of(f"request subject {name}")
    sealed = seal(DATA_KEY, nonce, pad(tally.RequestSubject(value).encode()), aad)
    return vector("request_subject", name, plain(dict(
        key=DATA_KEY, nonce=nonce, ledger_id=LEDGER, tenant=TENANT, request=request, name=value,
        ciphertext_and_tag=sealed)))


def request_subject_file() -> Entry:
    names = {"short": "customer:8812", "shortest": "a", "fits_one_block": "a" * 31,
             "one_more": "a" * 32, "utf8": "customer:Šņore", "longest": "n" * 255}
    encoded = tally.RequestSubject("customer:8812").encode()
    malformed = list(cut_plaintexts(encoded)) + list(bad_padding(encoded))
    malformed += [bad("empty", "length", bytes(32)), bad("not_utf8", "text", pad(b"\x02\xc3\x28"))]
    return {"comment": "padded is the padded plaintext, bytes the whole subject_sealed. In "
                       "malformed, bytes is a padded plaintext.",
            "vectors": [request_subject(*item) for item in names.items()], "malformed": malformed}


def tenant_name_file() -> Entry:
    names = {"short": "acme", "shortest": "a", "fits_one_block": "a" * 31,
             "one_more": "a" * 32, "utf8": "Šņore & Söhne", "longest": "n" * 255}
    encoded = tally.TenantName("acme").encode()
    malformed = list(cut_plaintexts(encoded)) + list(bad_padding(encoded))
    malformed += [
        bad("empty", "length", bytes(32)),
        bad("not_utf8", "text", pad(b"\x02\xc3\x28")),
        bad("past_the_end", "truncated", pad(b"\x20acme")),
    ]
    return {"comment": "name_tag is the blind tag with label tenant, padded the padded "
                       "plaintext, bytes the whole name_sealed, digest SHA-256(name_tag || "
                       "name_sealed), which the genesis event carries as name. In malformed, "
                       "bytes is a padded plaintext.",
            "vectors": [tenant_name(*item) for item in names.items()], "malformed": malformed}


# --- Words ----------------------------------------------------------------------------------

def word(name: str, label: int, value: str) -> Entry:
    key, index_key = DATA_KEY, material("index key")
    nonce = nonce_of(f"word {name}")
    tag = tally.blind_tag(index_key, tally.WORD_LABELS[label], value.encode("utf-8"))
    aad = tally.word_aad(LEDGER, TENANT, tag, key_id(key))
    sealed = seal(key, nonce, pad(tally.Word(label, value).encode()), aad)
    return vector("word", name, plain(dict(
        index_key=index_key, key=key, nonce=nonce, ledger_id=LEDGER, tenant=TENANT, label=label,
        word=value, ciphertext_and_tag=sealed)))


def word_file() -> Entry:
    words = {"type": (1, "invoice.updated"), "collection": (2, "billing/invoice"),
             "no_collection": (2, ""), "same_text_other_label": (1, "billing/invoice"),
             "utf8": (2, "crm/Šņore"), "longest": (2, "c" * 1024)}
    encoded = tally.Word(1, "acme").encode()
    malformed = list(cut_plaintexts(encoded)) + list(bad_padding(encoded))
    malformed += [
        bad("version_0", "version", pad(b"\x00" + encoded[1:])),
        bad("version_2", "version", pad(b"\x02" + encoded[1:])),
        bad("label_0", "kind", pad(b"\x01\x00" + encoded[2:])),
        bad("label_3", "kind", pad(b"\x01\x03" + encoded[2:])),
        bad("not_utf8", "text", pad(b"\x01\x01\x00\x02\xc3\x28")),
        bad("too_long", "length", pad(b"\x01\x01\x04\x01" + b"c" * 1025)),
    ]
    return {"comment": "tag is the blind tag with the label's name, padded the padded plaintext, "
                       "bytes the whole word_sealed. In malformed, bytes is a padded plaintext.",
            "vectors": [word(name, *item) for name, item in words.items()],
            "malformed": malformed}


# --- Clear JSON -----------------------------------------------------------------------------

ERASURE, RESTORE, HOLD, REQUEST = (uuid(name).hex() for name in
                                   ("erasure", "restore", "hold", "request"))

# One value of every kind that is clear. The name of kind 0 is the digest in tenant_name.json.
CLEAR_VALUES: Dict[int, Any] = {
    0: {"name": tenant_name("short", "acme")["digest"], "region": "eu-north", "slot": SLOT},
    2: {"erasure": ERASURE, "keys": [key_id(SUBJECT_KEY).hex(), key_id(DATA_KEY).hex()]},
    3: {"approvals": [material("approval").hex()], "cut": 4711,
        "leaf_hash": material("leaf hash at cut").hex(), "plan": material("plan").hex(),
        "restore": RESTORE},
    4: {"applied": 212, "conflicts": 3, "restore": RESTORE,
        "roots": base64.b64encode(material("roots") * 2).decode(), "state": "applied"},
    5: {"level": 1, "request": REQUEST},
    6: {"request": REQUEST},
    7: {"destroyed": [9], "parts": [[3, 1], [3, 2], [5, 1]]},
    8: {"hold": HOLD, "review_at": TIME + 31_536_000_000_000},
    9: {"hold": HOLD, "request": REQUEST},
    11: {"approvals": [approval(BOB).encode().hex()], "erasure": ERASURE, "state": "approved"},
    12: {"erasure": ERASURE, "request": REQUEST},
    13: {"erasure": ERASURE},
    14: {"origin": "example.com/rounds/1", "previous": bytes(32).hex()},
    15: {"action": "addOperator", "operator": bytes(16).hex(),
         "public_key": public_key_of(ALICE).hex(), "request": bytes(16).hex(),
         "target": id_of(ALICE).hex()},
}


def erasure_steps() -> Dict[str, Entry]:
    """One value of kind 11 for each state."""
    plan = material("plan").hex()
    steps: Dict[str, Entry] = {
        "requested": {"approvals": [approval().encode().hex()], "ground": "art17-1-a",
                      "plan": plan},
        "approved": {"approvals": [approval(BOB).encode().hex()]},
        "refused": {"ground": "OPS-2211"}, "onHold": {"hold": HOLD}, "fenced": {"keys": 2},
        "keysDestroyed": {"epoch": 3}, "purged": {
            "backups_until": TIME, "parts": 3,
            "places": {"projections": {"documents": 2, "trail": 3}, "requests": 1}},
        "epochRetired": {"epoch": 3}, "final": {},
    }
    return {state: {**members, "erasure": ERASURE, "state": state}
            for state, members in steps.items()}


def operator_actions() -> Dict[str, Entry]:
    """One value of kind 15 for each action."""
    alice, bob = id_of(ALICE).hex(), id_of(BOB).hex()
    actions: Dict[str, Entry] = {
        "skip": {"operator": uuid("operator").hex(), "projection": "documents",
                 "reason": "OPS-2211", "target": TENANT.hex()},
        "request": {"approvals": [approval().encode().hex()], "operator": alice,
                    "plan": material("plan").hex(), "target": REQUEST},
        "approve": {"approvals": [approval(BOB).encode().hex()], "operator": bob,
                    "target": REQUEST},
        "refuse": {"reason": "OPS-2211", "target": REQUEST},
        "addOperator": {"operator": alice, "public_key": public_key_of(BOB).hex(),
                        "request": REQUEST, "target": bob},
        "endOperator": {"operator": alice, "request": REQUEST, "target": bob},
        "addOwner": {"actions": [3, 4, 11], "public_key": public_key_of(CAROL).hex(),
                     "request": REQUEST, "target": id_of(CAROL).hex()},
        "endOwner": {"request": REQUEST, "target": id_of(CAROL).hex()},
        "removeProjection": {"projection": "billing"},
        "destroyEpoch": {"assurance": "files overwritten", "destroyed_at": TIME, "epoch": 3,
                         "provider": "file"},
    }
    return {action: {**members, "action": action} for action, members in actions.items()}


def clear_json_file() -> Entry:
    vectors = [vector("clear_json", tally.KINDS[kind], {"kind": kind, "value": value})
               for kind, value in sorted(CLEAR_VALUES.items())]
    source = {"cut": 4711, "leaf_hash": material("leaf hash at cut").hex(),
              "tenant": uuid("source tenant").hex()}
    more = {
        "genesis_of_a_clone": (0, {**CLEAR_VALUES[0], "source": source}),
        "genesis_without_region": (0, {**CLEAR_VALUES[0], "region": ""}),
        "escapes": (0, {**CLEAR_VALUES[0], "region": '\b\t\n\f\r"\\/\x01\x1f\x7f'}),
        "beyond_ascii": (0, {**CLEAR_VALUES[0], "region": "Bœuf 東京 😀"}),
        "largest_integer": (3, {**CLEAR_VALUES[3], "cut": tally.MAX_SAFE_INTEGER}),
        "skip_of_a_projection": (15, operator_actions()["skip"]),
        "nothing_purged": (7, {"destroyed": [], "parts": []}),
        "two_parts_of_one_event": (7, {"destroyed": [9, 11], "parts": [[3, 0], [3, 31]]}),
    }
    more.update({f"erasure_{state}": (11, value) for state, value in erasure_steps().items()})
    more.update({f"operator_{action}": (15, value)
                 for action, value in operator_actions().items() if action != "skip"})
    more.update({
        "requested_by_nobody": (11, {**erasure_steps()["requested"], "approvals": []}),
        "origin_of_one_operator": (14, {**CLEAR_VALUES[14], "single_operator": True}),
        "unskip_of_a_projection": (15, {**operator_actions()["skip"], "action": "unskip"}),
        "requested_for_later": (11, {**erasure_steps()["requested"], "not_before": TIME}),
        "refused_by_signature": (11, {
            **erasure_steps()["refused"],
            "approvals": [approval(CAROL, action=tally.REFUSAL).encode().hex()]}),
        "refuse_by_signature": (15, {
            **operator_actions()["refuse"], "operator": id_of(CAROL).hex(),
            "approvals": [approval(CAROL, action=tally.REFUSAL).encode().hex()]}),
        "another_key_of_a_person": (15, {**operator_actions()["addOperator"],
                                         "person": id_of(ALICE).hex()}),
        "passkey_as_operator": (15, {
            **operator_actions()["addOperator"], "public_key": PASSKEYS["p256"].public.hex(),
            "target": tally.operator_id(PASSKEYS["p256"].public).hex()}),
        "first_of_two_owners": (15, {
            **operator_actions()["addOwner"], "quorum": 2, "request": bytes(16).hex()}),
        "agent": (15, {**operator_actions()["addOwner"], "actions": [3]}),
        "approved_with_a_passkey": (11, {
            **erasure_steps()["approved"],
            "approvals": [passkey_approval(PASSKEYS["p256"]).encode().hex()]}),
    })
    vectors += [vector("clear_json", name, {"kind": kind, "value": value})
                for name, (kind, value) in more.items()]
    return {"comment": "bytes is the canonical JSON text of value. kind says which fields there "
                       "must be.",
            "vectors": vectors, "malformed": list(malformed_clear_json())}


def malformed_clear_json() -> Iterator[Entry]:
    hold = CLEAR_VALUES[8]["hold"]
    held = '{"hold":"%s","review_at":%s}'
    good = (held % (hold, 5)).encode()
    yield from truncations(b'{"erasure":"0a"}', "text", kind=12)
    for number in ("5.0", "5e0", "-0", "05", "+5", "9007199254740992", "-9007199254740992",
                   "NaN", "0x5", "9" * 400, ""):
        name = "huge" if len(number) > 20 else number or "missing"
        yield bad(f"number_{name}", "text", (held % (hold, number)).encode(), kind=8)
    for value in ("-1", "true", "null", '"5"', "[]", "{}"):
        yield bad(f"not_a_number_{value}", "kind", (held % (hold, value)).encode(), kind=8)
    for name, ident in {"upper_case": hold.upper(), "half_byte": hold[1:], "empty": "",
                        "not_hex": "zz", "with_dashes": "0a-0b", "of_15_bytes": hold[2:],
                        "of_17_bytes": hold + "00"}.items():
        yield bad(f"id_{name}", "kind", (held % (ident, 5)).encode(), kind=8)
    spelled = {
        "space_after_colon": (held % (hold, " 5")).encode(), "newline_after": good + b"\n",
        "second_value": good + b"{}", "byte_order_mark": b"\xef\xbb\xbf" + good,
        "not_utf8": good.replace(b"hold", b"h\xf6ld", 1), "trailing_comma": good[:-1] + b",}",
        "single_quotes": good.replace(b'"', b"'"), "nul_after": good + b"\x00",
        "nested_1000_deep": b"[" * 1000,
    }
    for name, data in spelled.items():
        yield bad(name, "text", data, kind=8)
    yield from malformed_strings()
    yield from malformed_fields(good, hold)
    yield from malformed_purges()
    yield from malformed_decisions()


def malformed_strings() -> Iterator[Entry]:
    state = '{"erasure":"0a","state":"%s"}'
    cases = {
        "escaped_slash": r"a\/b", "escaped_letter": r"\u0061", "upper_case_escape": r"\u001F",
        "long_escape_of_newline": r"\u000a", "escaped_beyond_ascii": r"\u00e9",
        "lone_surrogate": r"\ud800", "surrogate_pair": r"\ud83d\ude00", "raw_newline": "a\nb",
        "unknown_escape": r"\x41",
    }
    for name, value in cases.items():
        yield bad(f"string_{name}", "text", (state % value).encode(), kind=11)


def malformed_fields(good: bytes, hold: str) -> Iterator[Entry]:
    second = f'"hold":"{hold}"'
    yield bad("keys_not_sorted", "order", f'{{"review_at":5,{second}}}'.encode(), kind=8)
    yield bad("key_twice", "order", f"{{{second},{second}}}".encode(), kind=9)
    yield bad("key_not_ascii", "text", f'{{{second},"höld":5}}'.encode(), kind=8)
    yield bad("field_missing", "kind", f"{{{second}}}".encode(), kind=8)
    yield bad("field_unknown", "kind", good, kind=9)
    for value in ("[]", "5", "null", '"hold"', "{}"):
        yield bad(f"not_the_object_{value}", "kind", value.encode(), kind=8)
    genesis = dict(CLEAR_VALUES[0])
    for name, change in {
            "slot_4294967296": {"slot": 2**32}, "name_too_short": {"name": "0a"},
            "source_empty": {"source": {}}, "source_null": {"source": None}}.items():
        yield bad(name, "kind", tally.canonical_json({**genesis, **change}), kind=0)
    for name, roots in {"empty": "", "no_padding": "AA", "url_alphabet": "-_8=",
                        "loose_bits": "AB==", "line_break": "AAAA\nAAAA"}.items():
        yield bad(f"base64_{name}", "kind",
                  tally.canonical_json({**CLEAR_VALUES[4], "roots": roots}), kind=4)
    for kind in tally.SEALED_KINDS:
        yield bad(f"{tally.KINDS[kind]}_in_the_clear", "kind", b"{}", kind=kind)


def malformed_purges() -> Iterator[Entry]:
    cases = {
        "parts_not_sorted": ("order", [9], [[5, 1], [3, 1]]),
        "indices_not_sorted": ("order", [9], [[3, 2], [3, 1]]),
        "part_twice": ("order", [9], [[3, 1], [3, 1]]),
        "destroyed_not_sorted": ("order", [9, 8], [[3, 1]]),
        "destroyed_twice": ("order", [9, 9], [[3, 1]]),
        "index_32": ("kind", [9], [[3, 32]]),
        "place_of_three": ("kind", [9], [[3, 1, 0]]),
        "place_of_one": ("kind", [9], [[3]]),
    }
    for name, (code, destroyed, parts) in cases.items():
        value = {"destroyed": destroyed, "parts": parts}
        yield bad(name, code, tally.canonical_json(value), kind=7)


def malformed_decisions() -> Iterator[Entry]:
    steps, actions = erasure_steps(), operator_actions()
    for state, value in steps.items():
        for name in sorted(set(value) - {"erasure", "state"}):
            yield bad(f"{state}_without_{name}", "kind", tally.canonical_json(
                {key: item for key, item in value.items() if key != name}), kind=11)
        yield bad(f"{state}_with_more", "kind",
                  tally.canonical_json({**value, "subject": "0a"}), kind=11)
    for action, value in actions.items():
        for name in sorted(set(value) - {"action"}):
            yield bad(f"{action}_without_{name}", "kind", tally.canonical_json(
                {key: item for key, item in value.items() if key != name}), kind=15)
    signed = steps["approved"]["approvals"][0]
    cases = {
        "state_unknown": (11, {"erasure": ERASURE, "state": "erased"}),
        "state_of_another_form": (11, {**steps["final"], "state": "fenced"}),
        "action_unknown": (15, {**actions["refuse"], "action": "grant"}),
        "action_not_a_text": (15, {**actions["refuse"], "action": 1}),
        "two_approvals": (11, {**steps["approved"], "approvals": [signed, signed]}),
        "approval_cut": (11, {**steps["approved"], "approvals": [signed[:-2]]}),
        "approval_of_no_action": (11, {**steps["approved"], "approvals": [
            patched(bytes.fromhex(signed), 22, b"\x00").hex()]}),
        "ground_with_a_space": (11, {**steps["refused"], "ground": "she asked"}),
        "ground_of_65": (11, {**steps["refused"], "ground": "g" * 65}),
        "public_key_of_31_bytes": (15, {**actions["addOperator"],
                                        "public_key": public_key_of(BOB).hex()[2:]}),
        "public_key_of_98_bytes_of_another_kind": (15, {
            **actions["addOperator"], "public_key": "03" + "00" * 97}),
        "refusal_of_nobody": (15, {**actions["refuse"], "approvals": [],
                                   "operator": bytes(16).hex()}),
        "owner_actions_out_of_order": (15, {**actions["addOwner"], "actions": [4, 3]}),
        "owner_actions_twice": (15, {**actions["addOwner"], "actions": [3, 3]}),
        "owner_with_a_note": (15, {**actions["addOwner"], "note": "0a"}),
        "not_before_a_text": (11, {**steps["requested"], "not_before": "5"}),
        "single_operator_false": (14, {**CLEAR_VALUES[14], "single_operator": False}),
        "single_operator_1": (14, {**CLEAR_VALUES[14], "single_operator": 1}),
    }
    for name, (kind, value) in cases.items():
        yield bad(name, "kind", tally.canonical_json(value), kind=kind)


# --- LZ4 blocks -----------------------------------------------------------------------------

def lz4_vector(name: str, block: bytes, content: bytes) -> Entry:
    assert tally.lz4_decode(block, len(content)) == content
    return {"name": name, "fields": {"data_size": len(content), "decoded": content.hex()},
            "bytes": block.hex()}


def lz4_copy(literals: bytes, offset: int, match: int) -> Tuple[bytes, bytes]:
    """A block of one match between literals, and what it decodes to."""
    content = literals
    for _ in range(match):
        content += content[-offset:len(content) - offset + 1] if offset > 1 else content[-1:]
    tail = b"the very end"
    return lz4_sequence(literals, offset, match) + lz4_literals(tail), content + tail


def lz4_file() -> Entry:
    vectors = [lz4_vector("nothing", b"\x00", b"")]
    for size in (1, 5, 14, 15, 16, 269, 270, 271, 524, 525, 526):
        content = (LONG_DATA.encode() * 2)[:size]
        vectors.append(lz4_vector(f"{size}_literals", lz4_literals(content), content))
    for match in (4, 18, 19, 20, 272, 273, 274, 275, 528):
        vectors.append(lz4_vector(f"match_of_{match}", *lz4_copy(b"01234567", 8, match)))
    for offset in (1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 33, 255, 256):
        literals = (LONG_DATA.encode())[:max(offset, 4)]
        vectors.append(lz4_vector(f"offset_{offset}", *lz4_copy(literals, offset, 40)))
    nearest = lz4_sequence(b"abcdefgh", 8, 7) + lz4_literals(b"12345")
    vectors.append(lz4_vector("match_starts_12_before_the_end", nearest,
                              b"abcdefghabcdefg12345"))
    no_literals = lz4_sequence(b"abcd", 4, 4) + lz4_sequence(b"", 2, 6) + lz4_literals(b"end of it")
    vectors.append(lz4_vector("match_after_match", no_literals, b"abcdabcdcdcdcdend of it"))
    low_nibble = b"\x5f" + b"hello"
    vectors.append(lz4_vector("last_token_with_match_bits", low_nibble, b"hello"))
    vectors.append(lz4_vector("long_json", lz4_compress(LONG_DATA.encode()), LONG_DATA.encode()))
    return {"comment": "One LZ4 block each, in bytes. Compressors differ, so only decoding is "
                       "compared. data_size is what the structure around the block states.",
            "vectors": vectors, "malformed": list(malformed_lz4())}


def malformed_lz4() -> Iterator[Entry]:
    block, content = lz4_copy(b"01234567", 8, 19)
    size = len(content)
    for entry in truncations(block, "encoding", data_size=size):
        after_literals = entry["name"] == "cut_at_9"
        yield {**entry, "code": "data_size"} if after_literals else entry
    yield bad("data_size_one_more", "data_size", block, data_size=size + 1)
    yield bad("data_size_one_less", "encoding", block, data_size=size - 1)
    yield bad("data_size_0", "encoding", block, data_size=0)
    yield bad("nothing_with_match_bits", "encoding", b"\x04", data_size=0)
    yield bad("trailing_byte", "encoding", block + b"\x00", data_size=size)
    yield bad("nothing_for_one_byte", "data_size", b"\x00", data_size=1)
    yield bad("one_literal_for_nothing", "encoding", b"\x10a", data_size=0)
    yield bad("offset_0", "encoding", lz4_sequence(b"01234567", 0, 8) + lz4_literals(b"x" * 12),
              data_size=28)
    yield bad("offset_before_the_start", "encoding",
              lz4_sequence(b"01234567", 9, 8) + lz4_literals(b"x" * 12), data_size=28)
    yield bad("offset_65535", "encoding",
              lz4_sequence(b"01234567", 65535, 8) + lz4_literals(b"x" * 12), data_size=28)
    yield bad("match_first", "encoding", lz4_sequence(b"", 1, 8) + lz4_literals(b"x" * 12),
              data_size=20)
    yield bad("ends_with_a_match", "encoding", lz4_sequence(b"01234567", 8, 16), data_size=24)
    yield bad("last_literals_4", "encoding",
              lz4_sequence(b"01234567", 8, 16) + lz4_literals(b"1234"), data_size=28)
    yield bad("match_starts_11_before_the_end", "encoding",
              lz4_sequence(b"01234567", 8, 6) + lz4_literals(b"12345"), data_size=19)
    yield bad("literal_length_without_end", "encoding", b"\xf0" + b"\xff" * 8, data_size=4096)
    yield bad("match_length_bomb", "encoding",
              b"\x1fa\x01\x00" + b"\xff" * 40 + b"\x00\x50abcde", data_size=4096)


# --- Trees ----------------------------------------------------------------------------------

RFC_6962_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                    "606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def tree_file() -> Entry:
    vectors = [vector("tree", f"rfc_6962_size_{size}", {"entries": RFC_6962_ENTRIES[:size]})
               for size in range(len(RFC_6962_ENTRIES) + 1)]
    for size, root in KNOWN_ROOTS.items():
        assert vectors[size]["root"] == root, size
    chain = leaves()
    for size in (1, 5, 16):
        entries = [leaf.encode().hex() for leaf in chain[:size]]
        vectors.append(vector("tree", f"tenant_log_size_{size}", {"entries": entries}))
    return {"comment": "entries are hashed into leaf_hashes, root is the RFC 9162 tree hash. "
                       "Sizes 0, 1, 2, 3, 7 and 8 of rfc_6962 are published known answers. "
                       "tenant_log has the leaves of leaf.json.",
            "vectors": vectors, "malformed": []}


def inclusion_file() -> Entry:
    vectors = [vector("inclusion_proof", f"rfc_6962_{index}_of_{size}",
                      {"entries": RFC_6962_ENTRIES[:size], "index": index})
               for size in range(1, len(RFC_6962_ENTRIES) + 1) for index in range(size)]
    for entry in vectors:
        size = int(entry["size"])
        assert size not in KNOWN_ROOTS or entry["root"] == KNOWN_ROOTS[size]
    good = {name: item for name, item in vectors[-3].items() if name not in ("name", "fields")}
    good["index"] = vectors[-3]["fields"]["index"]
    path = good["path"]
    broken = {
        "another_leaf": dict(leaf_hash=material("leaf").hex()),
        "another_root": dict(root=material("root").hex()),
        "another_index": dict(index=good["index"] - 1),
        "another_size": dict(size=good["size"] + 1),
        "index_of_the_size": dict(index=good["size"]),
        "sibling_missing": dict(path=path[:-1]), "no_path": dict(path=[]),
        "sibling_too_many": dict(path=path + [material("sibling").hex()]),
        "siblings_exchanged": dict(path=[path[1], path[0], *path[2:]]),
        "size_0": dict(index=0, size=0, path=[], root=tally.sha256().hex()),
        "largest_size": dict(index=2**64 - 2, size=2**64 - 1),
    }
    return {"comment": "entries are hashed as in tree.json; path leads from the leaf at index to "
                       "root, lowest sibling first. In malformed, a proof that does not hold.",
            "vectors": vectors,
            "malformed": [{"name": name, **{key: to_json(value) for key, value in
                                            {**good, **changes}.items()}, "code": "digest"}
                          for name, changes in broken.items()]}


# --- Documents ------------------------------------------------------------------------------

def document_part(data: str = SMALL_DATA, erased: int = 0, digests: int = 0,
                  stream: str = "billing/invoice/2041") -> tally.DocumentPart:
    content = data.encode("utf-8")
    return tally.DocumentPart(
        tally.IDENTITY, stream, len(content), content, erased,
        tuple(material(f"document digest {index}") for index in range(digests)))


def document(name: str, version: int, keyed: Sequence[Tuple[bytes, bytes]],
             snapshot: Optional[Dict[str, Any]] = None) -> Entry:
    stream_tag = tally.blind_tag(INDEX_KEY, "stream", b"billing/invoice/2041")
    parts = []
    for index, (key, plaintext) in enumerate(keyed):
        nonce = nonce_of(f"document {name} {index}")
        aad = tally.document_part_aad(LEDGER, TENANT, stream_tag, version, index, len(keyed),
                                      key_id(key))
        if snapshot:
            aad += tally.snapshot_binding(snapshot["fold"], snapshot["position"],
                                          snapshot["leaf_hash"])
        parts.append(plain(dict(key=key, nonce=nonce, plaintext=plaintext,
                                ciphertext_and_tag=seal(key, nonce, plaintext, aad))))
    fields = plain(dict(ledger_id=LEDGER, tenant=TENANT, stream_tag=stream_tag, version=version))
    bound = {"snapshot": plain(snapshot)} if snapshot else {}
    return vector("document", name, {**fields, **bound, "parts": parts})


def document_file() -> Entry:
    first = (DATA_KEY, pad(document_part(digests=2).encode()))
    rest = [(SUBJECT_KEY, pad(personal().encode())),
            (material("key 2"), pad(personal(retention_class="marketing").encode()))]
    vectors = [
        document("one_part", 1, [(DATA_KEY, pad(document_part().encode()))]),
        document("three_parts", 7, [first, *rest]),
        document("largest_version", 2**64 - 1, [first]),
        document("snapshot", 2000, [first, *rest],
                 dict(fold=1, position=4711, leaf_hash=material("leaf hash of version 2000"))),
        document("snapshot_of_later_rules", 2000, [first],
                 dict(fold=65535, position=2**64 - 1, leaf_hash=material("leaf hash"))),
    ]
    data = bytes.fromhex(vectors[0]["bytes"])
    part = data[8:]
    clear = b"\x00" + tally.canonical_json(CLEAR_VALUES[6])
    malformed = [bad(f"cut_at_{size}", "truncated", data[:size])
                 for size in (0, 3, 4, 7, 8, 9, 100, len(data) - 1)]
    malformed += [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("no_parts", "count", bytes(4)),
        bad("65536_parts", "count", uint(65536, 4) + sized(part)),
        bad("one_part_too_many", "trailing", uint(1, 4) + sized(part) * 2),
        bad("one_part_too_few", "truncated", uint(2, 4) + sized(part)),
        bad("part_empty", "truncated", uint(1, 4) + sized(b"")),
        bad("part_clear", "suite", uint(1, 4) + sized(clear)),
        bad("part_one_byte_less", "length", uint(1, 4) + sized(part[:-1])),
    ]
    return {"comment": "parts in order; key_ids, aads and the plaintexts in them go by index. "
                       "bytes is document.body, also in malformed.",
            "vectors": vectors, "malformed": malformed}


def document_part_file() -> Entry:
    valid = {
        "no_digests": document_part(), "two_digests": document_part(digests=2),
        "erased_parts": document_part(erased=1, digests=2),
        "most_erased_parts": document_part(erased=2**32 - 1),
        "no_data": document_part(data=""), "longest_stream": document_part(stream="s" * 1024),
        "40_digests": document_part(digests=40), "identity_long": document_part(LONG_DATA),
        "lz4": compressed(document_part(LONG_DATA, digests=1)),
    }
    encoded = document_part(digests=1).encode()
    malformed = list(cut_plaintexts(encoded)) + list(bad_padding(encoded))
    malformed += [
        bad("version_0", "version", patched(pad(encoded), 0, b"\x00")),
        bad("version_2", "version", patched(pad(encoded), 0, b"\x02")),
        bad("encoding_2", "encoding", patched(pad(encoded), 1, b"\x02")),
        bad("stream_empty", "length", pad(b"\x01\x00\x00\x00" + bytes(16))),
        bad("m_past_the_end", "truncated",
            pad(patched(encoded, len(encoded) - 36, b"\xff\xff\xff\xff"))),
        bad("m_0_before_a_digest", "padding",
            pad(patched(encoded, len(encoded) - 36, bytes(4)))),
    ]
    return {"comment": "Plaintext of part 0 of a document. bytes, padded and decoded as in "
                       "envelope.json; in malformed, bytes is a padded plaintext.",
            "vectors": [struct_vector("document_part", *item) for item in valid.items()],
            "malformed": malformed}


def state_root_leaf_file() -> Entry:
    stream_tag = tally.blind_tag(INDEX_KEY, "stream", b"billing/invoice/2041").hex()
    digests = [material(f"document digest {index}").hex() for index in range(3)]
    vectors = [vector("state_root_leaf", f"{count}_digests", {
        "index_key": INDEX_KEY.hex(), "stream_tag": stream_tag, "canonical_data": data,
        "part_digest": digests[:count]})
        for count, data in enumerate((SMALL_DATA, "{}", '{"big":12345678901234567890.10}'))]
    return {"comment": "bytes is the message, digest its HMAC-SHA-256 under index_key.",
            "vectors": vectors, "malformed": []}


# --- Key journal ----------------------------------------------------------------------------

def journal_records() -> Dict[str, tally.JournalRecord]:
    tag = subject_tag_of("customer:8812")

    def key(kind: Entry, subject_tag: bytes = NO_TAG, retention_class: str = "",
            generation: int = 1) -> tally.JournalRecord:
        return tally.JournalRecord(1, TENANT, subject_tag, retention_class, generation, TIME,
                                   bytes.fromhex(kind["bytes"]))

    twk = bytes.fromhex(wrapped_twk("epoch_1", 1)["bytes"])
    return {
        "data_key": key(wrapped_key("data", 1, DATA_KEY)),
        "subject_key": key(wrapped_key("subject", 2, SUBJECT_KEY, tag), tag),
        "subject_key_with_class": key(
            wrapped_key("subject_with_class", 2, material("key 2"), tag, "marketing"), tag,
            "marketing", 2),
        "largest_generation": key(
            wrapped_key("index", 3, INDEX_KEY), generation=2**32 - 1),
        "twk": tally.JournalRecord(2, TENANT, NO_TAG, "", 0, TIME, twk),
    }


def raw_journal(content: bytes) -> bytes:
    return sized(content + tally.sha256(content))


def journal_file() -> Entry:
    records = journal_records()
    record = records["subject_key_with_class"]
    data, content = record.encode(), record.content()
    twk = records["twk"].content()
    malformed = truncations(data[:64]) + [
        bad("cut_one_byte_before_the_end", "truncated", data[:-1]),
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("length_0", "length", bytes(4)),
        bad("no_room_for_the_digest", "length", sized(bytes(31))),
        bad("digest_of_something_else", "digest", data[:-1] + bytes([data[-1] ^ 1])),
        bad("content_altered", "digest", patched(data, 5, b"\x00")),
        bad("content_empty", "truncated", raw_journal(b"")),
        bad("type_0", "kind", raw_journal(patched(content, 0, b"\x00"))),
        bad("type_3", "kind", raw_journal(patched(content, 0, b"\x03"))),
        bad("twk_as_key", "version", raw_journal(patched(twk, 0, b"\x01"))),
        bad("key_as_twk", "version", raw_journal(patched(content, 0, b"\x02"))),
        bad("retention_class_64", "length", raw_journal(
            content[:33] + b"\x40" + b"c" * 64 + content[43:])),
        bad("retention_class_not_utf8", "text", raw_journal(patched(content, 34, b"\xff"))),
        bad("wrapped_one_byte_less", "truncated", raw_journal(content[:-1])),
        bad("wrapped_one_byte_more", "trailing", raw_journal(content + b"\x00")),
    ]
    return {"comment": "bytes is a whole record with its length, digest the SHA-256 it ends in.",
            "vectors": [struct_vector("journal", *item) for item in records.items()],
            "malformed": malformed}


def journal_file_file() -> Entry:
    records = [record.encode() for record in journal_records().values()][:3]
    whole = b"".join(records)
    size = len(whole)
    ends = {"empty": 0, "one_record": len(records[0]), "three_records": size,
            "torn_in_the_length": size - len(records[2]) + 3,
            "torn_in_the_content": size - 40, "torn_by_one_byte": size - 1}
    files = {name: whole[:end] for name, end in ends.items()}
    files["torn_last_digest"] = whole[:-1] + bytes([whole[-1] ^ 1])
    vectors = []
    for name, data in files.items():
        found, torn = tally.decode_journal(data)
        vectors.append({"name": name, "bytes": data.hex(), "torn": torn, "fields": {
            "records": [record.encode().hex() for record in found]}})
    first_broken = patched(whole, len(records[0]) - 1, bytes([records[0][-1] ^ 1]))
    malformed = [
        bad("digest_of_the_first_record", "digest", first_broken),
        bad("zeros_at_the_end", "length", whole + bytes(16)),
    ]
    return {"comment": "A whole journal. torn is the number of bytes at the end that belong to "
                       "a record that was never completed; they are ignored.",
            "vectors": vectors, "malformed": malformed}


# --- Signatures -----------------------------------------------------------------------------

# RFC 8032, section 7.1: seed, public key, message, signature.
RFC_8032 = {
    "test_1": ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
               "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
               "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
               "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    "test_2": ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
               "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
               "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    "test_3": ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
               "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
               "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
               "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    "test_sha_abc": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6"
        "6431e0303dca179c138ac17ad9bef1177331a704"),
}


def ed25519_file() -> Entry:
    vectors = []
    for name, (seed, public, message, signature) in RFC_8032.items():
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
        assert public_key_of(key).hex() == public
        assert key.sign(bytes.fromhex(message)).hex() == signature
        fields = dict(seed=seed, public_key=public, message=message, signature=signature)
        vectors.append(vector("ed25519", f"rfc_8032_{name}", fields))
        assert vectors[-1]["verifies"] is True
    good = {name: bytes.fromhex(value) for name, value in vectors[1]["fields"].items()}
    s = int.from_bytes(good["signature"][32:], "little") + tally.GROUP_ORDER
    broken = {
        "another_message": dict(message=b"\x73"),
        "another_key": dict(public_key=public_key_of(EVE)),
        "r_altered": dict(signature=patched(good["signature"], 0, b"\x00")),
        "s_altered": dict(signature=patched(good["signature"], 32, b"\x00")),
        "s_beyond_the_order": dict(signature=good["signature"][:32] + s.to_bytes(32, "little")),
        "signature_cut": dict(signature=good["signature"][:-1]),
        "signature_longer": dict(signature=good["signature"] + b"\x00"),
        "signature_empty": dict(signature=b""),
        "key_that_is_no_point": dict(public_key=b"\x02" + bytes(31)),
    }
    for name, changes in broken.items():
        fields = plain({**good, **changes})
        del fields["seed"]
        vectors.append(vector("ed25519", name, fields))
        assert vectors[-1]["verifies"] is False, name
    return {"comment": "Ed25519 (RFC 8032), the pure form. seed is the private key where the "
                       "signature is that of its section 7.1.",
            "vectors": vectors, "malformed": []}


class Passkey:
    """A software authenticator with one resident key of a web site."""

    RELYING_PARTY = "id.example.com"

    def __init__(self, algorithm: int, relying_party: str = RELYING_PARTY):
        self.algorithm, self.relying_party = algorithm, relying_party
        if algorithm == tally.WEBAUTHN_ES256:
            scalar = int.from_bytes(material("passkey on P-256"), "big") % tally.P256_ORDER
            self.key: Any = ec.derive_private_key(scalar, ec.SECP256R1())
            public = self.key.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        else:
            self.key = signer("passkey on Ed25519")
            public = public_key_of(self.key)
        self.public = uint(algorithm, 1) + tally.sha256(relying_party.encode()) + public

    def sign(self, data: bytes) -> bytes:
        if self.algorithm == tally.WEBAUTHN_ED25519:
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))


PASSKEYS = {"p256": Passkey(tally.WEBAUTHN_ES256), "ed25519": Passkey(tally.WEBAUTHN_ED25519)}


def passkey_approval(key: Passkey, flags: int = 0x05, counter: int = 0, extensions: bytes = b"",
                     client: Optional[Entry] = None, text: Optional[bytes] = None,
                     signature: Optional[bytes] = None, site: Optional[str] = None,
                     challenge: Optional[bytes] = None, **changes: Any) -> tally.PasskeyApproval:
    """What a browser and an authenticator would return, but for what is changed."""
    fields: Entry = dict(
        action=tally.SUBJECT_ERASURE, ledger_id=LEDGER, tenant=TENANT, request=uuid("erasure"),
        plan=material("plan"), head=material("head"), requester=id_of(ALICE),
        approver=tally.operator_id(key.public), approved_at=TIME,
        expires_at=TIME + 604_800_000_000, algorithm=key.algorithm,
        authenticator_data=bytes(37), client_data=b" ", signature=bytes(64))
    fields.update(changes)
    draft = tally.PasskeyApproval(**fields)
    asked = base64.urlsafe_b64encode(challenge or tally.sha256(draft.message())).rstrip(b"=")
    members = {"type": "webauthn.get", "challenge": asked.decode(),
               "origin": f"https://{key.relying_party}", "crossOrigin": False, **(client or {})}
    data = text or json.dumps({name: value for name, value in members.items()
                               if value is not None}, separators=(",", ":")).encode()
    authenticator = (tally.sha256((site or key.relying_party).encode()) + uint(flags, 1)
                     + uint(counter, 4) + extensions)
    signed = signature or key.sign(authenticator + tally.sha256(data))
    return dataclasses.replace(draft, authenticator_data=authenticator, client_data=data,
                               signature=signed)


def passkey_vector(name: str, value: tally.PasskeyApproval, public_key: bytes) -> Entry:
    return vector("passkey_approval", name, {**struct_fields(value),
                                             "public_key": public_key.hex()})


def der(r: int, s: int, r_padding: bytes = b"", negative: bool = False) -> bytes:
    def scalar(value: int, padding: bytes = b"") -> bytes:
        data = value.to_bytes((value.bit_length() + 7) // 8 or 1, "big")
        data = padding + (b"" if negative or data[0] < 0x80 else b"\x00") + data
        return b"\x02" + uint(len(data), 1) + data

    body = scalar(r, r_padding) + scalar(s)
    return b"\x30" + uint(len(body), 1) + body


def passkey_approval_file() -> Entry:
    p256, ed25519 = PASSKEYS["p256"], PASSKEYS["ed25519"]
    sound = {
        "p256": passkey_approval(p256),
        "p256_synced_with_a_counter": passkey_approval(p256, flags=0x1d, counter=7),
        "p256_with_extensions": passkey_approval(p256, flags=0x85, extensions=b"\xa0"),
        "p256_below_the_site": passkey_approval(p256, client={
            "origin": "https://login.id.example.com:8443"}),
        "p256_with_more_members": passkey_approval(p256, client={
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
            "tokenBinding": {"status": "supported"}, "n": 1.5e3}),
        "p256_without_cross_origin": passkey_approval(p256, client={"crossOrigin": None}),
        "p256_of_an_owner_change": passkey_approval(p256, action=tally.OWNER_CHANGE),
    }
    local = Passkey(tally.WEBAUTHN_ES256, "localhost")
    vectors = [passkey_vector(name, value, p256.public) for name, value in sound.items()]
    vectors += [
        passkey_vector("ed25519", passkey_approval(ed25519), ed25519.public),
        passkey_vector("localhost_over_http", passkey_approval(
            local, client={"origin": "http://localhost:8080"}), local.public),
        passkey_vector("high_s", high_s(p256), p256.public),
    ]
    assert all(entry["signed"] for entry in vectors)
    refused = list(forged_passkey_approvals())
    for entry in refused:
        assert not entry["signed"], entry["name"]
    data = sound["p256"].encode()
    at = tally.APPROVAL_MESSAGE_SIZE
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("label_v1", "version", patched(data, 21, b"1")),
        bad("action_0", "kind", patched(data, 22, b"\x00")),
        bad("algorithm_1", "kind", patched(data, at, b"\x01")),
        bad("algorithm_4", "kind", patched(data, at, b"\x04")),
        bad("authenticator_data_of_36", "length", patched(data, at + 1, b"\x24")),
        bad("client_data_of_0", "length", patched(data, at + 2 + 37, b"\x00\x00")),
        bad("client_data_of_1025", "length", patched(data, at + 2 + 37, b"\x04\x01")),
    ]
    return {"comment": "An approval of version 2, by a passkey. bytes is message and what answers "
                       "its hash. signed says whether public_key is the approver's and the answer "
                       "is one of that passkey, as docs/format.md wants it.",
            "vectors": vectors + refused,
            "malformed": [item for item in malformed if item["name"] != "label_v1"]}


def scalars(value: tally.PasskeyApproval) -> Tuple[int, int]:
    found = tally.decode_der(value.signature)
    assert found
    return found


def high_s(key: Passkey) -> tally.PasskeyApproval:
    """The other s of the same signature, which authenticators may give as well."""
    value = passkey_approval(key)
    r, s = scalars(value)
    return dataclasses.replace(value, signature=der(r, tally.P256_ORDER - s))


def forged_passkey_approvals() -> Iterator[Entry]:
    p256, ed25519 = PASSKEYS["p256"], PASSKEYS["ed25519"]
    value = passkey_approval(p256)
    r, s = scalars(value)
    order = tally.P256_ORDER
    text = value.client_data
    clients: Dict[str, Entry] = {
        "sign_in_at_registration": {"type": "webauthn.create"}, "no_type": {"type": None},
        "of_another_challenge": {"challenge": base64.urlsafe_b64encode(
            material("challenge")).rstrip(b"=").decode()},
        "challenge_with_padding": {"challenge": base64.urlsafe_b64encode(
            tally.sha256(value.message())).decode()},
        "challenge_no_text": {"challenge": 1}, "in_a_frame": {"crossOrigin": True},
        "cross_origin_0": {"crossOrigin": 0},
        "in_a_frame_of_a_site": {"topOrigin": "https://evil.example"},
        "over_http": {"origin": "http://id.example.com"},
        "of_another_site": {"origin": "https://evil.example"},
        "of_a_site_that_ends_alike": {"origin": "https://evilid.example.com"},
        "of_the_site_above": {"origin": "https://example.com"},
        "origin_in_upper_case": {"origin": "https://ID.example.com"},
        "origin_with_a_path": {"origin": "https://id.example.com/"},
        "origin_with_a_user": {"origin": "https://evil@id.example.com"},
        "origin_with_a_line": {"origin": "https://id.example.com\n"},
        "origin_with_a_long_port": {"origin": "https://id.example.com:123456"},
        "origin_of_an_app": {"origin": "android:apk-key-hash:example"},
        "origin_no_text": {"origin": 7}, "no_origin": {"origin": None},
    }
    for name, client in clients.items():
        yield passkey_vector(name, passkey_approval(p256, client=client), p256.public)
    texts = {
        "not_json": b"{" + text, "not_utf8": text.replace(b"webauthn", b"web\xe9uthn"),
        "no_object": b"[" + text + b"]", "byte_order_mark": b"\xef\xbb\xbf" + text,
        "member_twice": text[:-1] + b',"type":"webauthn.get"}',
        "nested_member_twice": text[:-1] + b',"a":{"b":1,"b":2}}',
        "half_a_surrogate": text[:-1] + b',"a":"\\ud800"}',
        "null_character": text[:-1] + b',"a":"\\u0000"}', "not_a_number": text[:-1] + b',"a":NaN}',
        "too_deep": text[:-1] + b',"a":' + b"[" * 200 + b"]" * 200 + b"}",
    }
    for name, changed in texts.items():
        yield passkey_vector(name, passkey_approval(p256, text=changed), p256.public)
    for name, flags in {"user_not_present": 0x04, "user_not_verified": 0x01,
                        "credential_attested": 0x45, "no_flags": 0,
                        "extensions_that_are_not_there": 0x85}.items():
        yield passkey_vector(name, passkey_approval(p256, flags=flags), p256.public)
    yield passkey_vector("extensions_not_announced", passkey_approval(
        p256, extensions=b"\xa0"), p256.public)
    yield passkey_vector("authenticator_of_another_site", passkey_approval(
        p256, site="evil.example"), p256.public)
    signatures = {
        "r_padded": der(r, s, b"\x00\x00"), "scalars_negative": der(
            1 << 255 | r >> 1, 1 << 255 | s >> 1, negative=True),
        "r_0": der(0, s) + bytes(30), "r_the_order": der(order, s), "s_the_order": der(r, order),
        "byte_behind": value.signature + b"\x00",
        "long_form": b"\x30\x81" + value.signature[1:],
        "indefinite_form": b"\x30\x80" + value.signature[2:] + b"\x00\x00",
        "sequence_as_set": b"\x31" + value.signature[1:],
        "raw_r_and_s": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        "exchanged": der(s, r), "of_another_message": p256.sign(b"another"),
    }
    for name, signature in signatures.items():
        yield passkey_vector(f"signature_{name}", passkey_approval(p256, signature=signature),
                             p256.public)
    yield passkey_vector("key_of_somebody_else", passkey_approval(ed25519), p256.public)
    yield passkey_vector("algorithm_of_another_key", dataclasses.replace(
        value, algorithm=tally.WEBAUTHN_ED25519), p256.public)
    for name, changes in {"another_plan": dict(plan=material("other plan")),
                          "another_request": dict(request=uuid("other")),
                          "another_action": dict(action=tally.TENANT_ERASURE),
                          "another_ledger": dict(ledger_id=uuid("other ledger")),
                          "another_expiry": dict(expires_at=TIME)}.items():
        yield passkey_vector(f"signature_of_{name}", dataclasses.replace(value, **changes),
                             p256.public)


def signer_key_file() -> Entry:
    p256, ed25519 = PASSKEYS["p256"].public, PASSKEYS["ed25519"].public
    alice = public_key_of(ALICE)
    keys = {
        "ed25519": alice, "passkey_on_p256": p256, "passkey_on_ed25519": ed25519,
        "empty": b"", "of_31_bytes": alice[:-1], "of_33_bytes": alice + b"\x00",
        "of_65_bytes_of_p256": p256[33:], "of_97_bytes": p256[:-1], "of_99_bytes": p256 + b"\x00",
        "p256_compressed": p256[:33] + b"\x02" + p256[34:66],
        "p256_marked_ed25519": b"\x03" + p256[1:], "ed25519_marked_p256": b"\x02" + ed25519[1:],
        "p256_off_the_curve": p256[:-1] + uint(p256[-1] ^ 1, 1),
        "p256_zeros": p256[:34] + bytes(64), "p256_of_the_prime": p256[:34]
        + tally.P256_PRIME.to_bytes(32, "big") + p256[66:],
        "p256_x_and_the_prime": p256[:34] + b"\xff" * 32 + p256[66:],
        "ed25519_of_order_1": b"\x01" + bytes(31), "ed25519_of_order_4": bytes(32),
        "ed25519_not_canonical": b"\xed" + b"\xff" * 30 + b"\x7f",
        "passkey_of_order_1": ed25519[:33] + b"\x01" + bytes(31),
        "passkey_that_is_no_point": ed25519[:33] + b"\x02" + bytes(31),
    }
    return {"comment": "Public keys of those who decide. form says whether bytes have a form that "
                       "the format knows, usable whether anybody could sign under them.",
            "vectors": [vector("signer_key", name, {"public_key": key.hex()})
                        for name, key in keys.items()], "malformed": []}


def approval_vector(name: str, value: tally.Approval, key: Ed25519PrivateKey) -> Entry:
    return vector("approval", name, {**struct_fields(value),
                                     "public_key": public_key_of(key).hex()})


def approval_file() -> Entry:
    vectors = [approval_vector(f"action_{action}", approval(action=action), ALICE)
               for action in tally.ACTIONS]
    vectors += [
        approval_vector("of_another_operator", approval(BOB), BOB),
        approval_vector("largest_times", approval(approved_at=2**64 - 2, expires_at=2**64 - 1),
                        ALICE),
        approval_vector("tenant_zero", approval(tenant=bytes(16)), ALICE),
    ]
    assert all(entry["signed"] for entry in vectors)
    unsigned = [
        approval_vector("signed_by_somebody_else", approval(BOB, signed_by=EVE), BOB),
        approval_vector("key_of_somebody_else", approval(BOB), EVE),
        approval_vector("signature_of_zeros", approval(signature=bytes(64)), ALICE),
        approval_vector("signature_of_another_plan",
                        approval(plan=material("other plan"), signature=approval().signature),
                        ALICE),
        approval_vector("signature_of_another_expiry",
                        approval(expires_at=TIME, signature=approval().signature), ALICE),
    ]
    assert not any(entry["signed"] for entry in unsigned)
    data = approval(BOB).encode()
    assert len(data) == 247 and len(approval(BOB).message()) == 183
    malformed = truncations(data) + [
        bad("trailing_byte", "trailing", data + b"\x00"),
        bad("label_v3", "version", patched(data, 21, b"3")),
        bad("label_upper_case", "version", patched(data, 0, b"T")),
        bad("label_of_a_certificate", "version",
            patched(data, 0, tally.LABEL_CERTIFICATE[:22])),
        bad("action_0", "kind", patched(data, 22, b"\x00")),
        bad("action_13", "kind", patched(data, 22, b"\x0d")),
        bad("action_255", "kind", patched(data, 22, b"\xff")),
    ]
    return {"comment": "bytes is message, which is signed, and the signature. signed says whether "
                       "public_key is the approver's and has made the signature.",
            "vectors": vectors + unsigned, "malformed": malformed}


# --- Logs and certificates ------------------------------------------------------------------

class SmallLog:
    """A tenant's log that grows event by event."""

    def __init__(self, label: str, tenant: bytes, slot: int, step: int = 1_000_000):
        self.label, self.tenant, self.slot, self.step = label, tenant, slot, step
        self.leaves: List[Leaf] = []
        self.bodies: List[List[bytes]] = []
        self.clear(0, {"name": material(f"name of {label}").hex(), "region": "", "slot": slot})

    def add(self, kind: int, *parts: bytes) -> int:
        position = len(self.leaves)
        previous = self.leaves[-1].hash() if self.leaves else tally.genesis_previous(
            LEDGER, self.tenant, self.slot)
        self.leaves.append(Leaf(
            kind, self.tenant, position, TIME + self.step * position,
            uuid(f"event {position} of {self.label}"), previous,
            tuple(tally.sha256(part) for part in parts)))
        self.bodies.append(list(parts))
        return position

    def clear(self, kind: int, value: Any) -> int:
        return self.add(kind, b"\x00" + tally.canonical_json(value))

    def record(self, parts: int) -> int:
        """A recorded event; what its parts decrypt to does not matter here."""
        position = len(self.leaves)
        return self.add(1, *(tally.SealedPart(
            key_id(SUBJECT_KEY if index else DATA_KEY), nonce_of(f"{position} {index}"),
            material(f"sealed {position} {index}", 16) * 3).encode() for index in range(parts)))

    def empty(self, position: int, index: int) -> None:
        self.bodies[position][index] = b""

    def dump(self) -> Entry:
        head = dict(ledger_id=LEDGER, tenant=self.tenant, slot=self.slot, size=len(self.leaves),
                    last_leaf_hash=self.leaves[-1].hash())
        rows = [plain(dict(position=position, leaf=leaf.encode(), body=tally.encode_body(parts)))
                for position, (leaf, parts) in enumerate(zip(self.leaves, self.bodies))]
        return {"head": plain(head), "rows": rows}

    def excerpt(self, wanted: Sequence[int]) -> Entry:
        hashes = [leaf.hash() for leaf in self.leaves]
        return {"events": [{"leaf": self.leaves[at].encode().hex(),
                            "part": self.bodies[at][0].hex(),
                            "path": to_json(tally.inclusion_path(at, hashes))}
                           for at in wanted],
                "root": tally.tree_root(hashes).hex(), "size": len(hashes),
                "tenant": self.tenant.hex()}


def purged(destroyed: Sequence[int], parts: Sequence[Sequence[int]],
           kind: int = tally.KEYS_DESTROYED) -> SmallLog:
    """Two recorded events at 1 and 2, a destruction at 3, a purge at 4, one more event at 5."""
    log = SmallLog("purged", TENANT, SLOT)
    log.record(2)
    log.record(3)
    log.clear(kind, {"erasure": ERASURE, "keys": [key_id(SUBJECT_KEY).hex()]}
              if kind == tally.KEYS_DESTROYED else CLEAR_VALUES[kind])
    log.clear(tally.PARTS_PURGED, {"destroyed": destroyed, "parts": parts})
    log.record(1)
    log.clear(tally.KEYS_DESTROYED, {"erasure": ERASURE, "keys": []})
    for position, index in ((1, 1), (2, 1), (2, 2)):
        log.empty(position, index)
    return log


def purged_log_file() -> Entry:
    parts = [[1, 1], [2, 1], [2, 2]]
    nothing_purged = SmallLog("untouched", TENANT, SLOT)
    nothing_purged.record(2)
    logs = {
        "nothing_purged": nothing_purged,
        "all_listed": purged([3], parts),
        "one_part_not_listed": purged([3], parts[:2]),
        "no_part_listed": purged([3], []),
        "another_index_listed": purged([3], [[1, 0], *parts[1:]]),
        "no_destruction_named": purged([], parts),
        "a_record_named_as_destruction": purged([1], parts),
        "a_hold_named_as_destruction": purged([3], parts, 8),
        "a_destruction_and_a_record_named": purged([2, 3], parts),
        "a_later_destruction_named": purged([6], parts),
        "a_later_destruction_named_too": purged([3, 6], parts),
        "the_purge_itself_named": purged([4], parts),
        "nothing_named_that_is_there": purged([99], parts),
    }
    later = purged([3], [*parts, [5, 0]])
    later.empty(5, 0)
    logs["a_later_event_listed"] = later
    vectors = [vector("purged_log", name, log.dump()) for name, log in logs.items()]
    for entry in vectors:
        clean = entry["name"] in ("nothing_purged", "all_listed")
        assert clean == (entry["findings"] == []), entry["name"]
    return {"comment": "A whole log as tally_verify.py log reads it. findings are name and place "
                       "of all that is wrong, purged_events the number of events whose missing "
                       "parts are excused.",
            "vectors": vectors, "malformed": []}


@dataclasses.dataclass(frozen=True)
class OperatorChange:
    """A change of operators in the ledger's own log: a request, an approval, and what was done."""

    done: Entry
    planned: Optional[Entry] = None
    asking: Ed25519PrivateKey = ALICE
    approving: Ed25519PrivateKey = BOB
    label: str = "change"
    signature: Entry = dataclasses.field(default_factory=dict)
    approved_at: int = TIME + 350_000
    expires_at: int = TIME + 604_800_000_000
    left_out: Sequence[str] = ()

    def write(self, log: SmallLog) -> None:
        request = uuid(f"request of a {self.label}").hex()
        planned = self.planned or {name: value for name, value in {
            "public_key": self.done.get("public_key"),
            "operator": None if "public_key" in self.done else self.done["target"],
        }.items() if value}
        plan = tally.sha256(tally.canonical_json({
            **planned, "action": tally.OPERATOR_CHANGE, "request": request,
            "tenant": log.tenant.hex()}))
        signed = [approval(by, action=tally.OPERATOR_CHANGE, tenant=log.tenant, plan=plan,
                           request=bytes.fromhex(request), requester=id_of(self.asking),
                           approved_at=self.approved_at, expires_at=self.expires_at,
                           **self.signature).encode().hex()
                  for by in (self.asking, self.approving)]
        events = {
            "request": {"action": "request", "approvals": signed[:1],
                        "operator": id_of(self.asking).hex(), "plan": plan.hex(),
                        "target": request},
            "approve": {"action": "approve", "approvals": signed[1:],
                        "operator": id_of(self.approving).hex(), "target": request},
            "done": {"operator": id_of(self.asking).hex(), "request": request, **self.done},
        }
        for name, event in events.items():
            if name not in self.left_out:
                log.clear(15, event)


def addition(key: Ed25519PrivateKey, **members: Any) -> Entry:
    return {"action": "addOperator", "public_key": public_key_of(key).hex(),
            "target": id_of(key).hex(), **members}


def end_of(key: Ed25519PrivateKey, **members: Any) -> Entry:
    return {"action": "endOperator", "target": id_of(key).hex(), **members}


@dataclasses.dataclass(frozen=True)
class Owners:
    """The owners of a tenant's data, right behind its genesis event, and who of them decides."""

    keys: Sequence[Any]
    signers: Sequence[Any]
    actions: Sequence[int] = (3, 4, 11)
    quorum: Optional[int] = None
    not_before: Optional[int] = None
    late: bool = False

    def write(self, log: SmallLog) -> List[int]:
        if self.late:
            log.record(1)
        return [log.clear(15, self._addition(key, first=key is self.keys[0])) for key in self.keys]

    def _addition(self, key: Any, first: bool) -> Entry:
        public = key.public if isinstance(key, Passkey) else public_key_of(key)
        quorum = {"quorum": self.quorum} if self.quorum and first else {}
        return {"action": "addOwner", "actions": list(self.actions), "public_key": public.hex(),
                "request": bytes(16).hex(), "target": tally.operator_id(public).hex(), **quorum}


class Erased:
    """A small ledger in which an erasure was carried out, and its certificate."""

    def __init__(self, action: int = tally.SUBJECT_ERASURE, single: bool = False,
                 changes: Sequence[OperatorChange] = (), owner: Optional[Owners] = None):
        self.owner = owner
        self.tenant_log = SmallLog("acme", TENANT, SLOT)
        self.ledger_log = SmallLog("ledger", uuid("slot 0"), 0, 100_000)
        self.changes = changes
        self.single = single
        whole = action == tally.TENANT_ERASURE
        self.classes = ["*"] if whole else ["", "billing"]
        self.scope = "tenant" if whole else "subject"
        waits = {"not_before": owner.not_before} if owner and owner.not_before else {}
        self.plan = tally.canonical_json({
            **waits, "action": action, "classes": self.classes, "ground": "art17-1-a",
            "request": ERASURE, "subject_tag": bytes(16).hex() if whole
            else subject_tag_of("customer:8812").hex(), "tenant": TENANT.hex()})
        signers = owner.signers if owner else (ALICE, BOB)
        self.approvals = [] if single and not owner else [
            self._signed(by, action, signers[0]) for by in signers]
        self._write_ledger_log()
        self._write_tenant_log()

    def _signed(self, by: Any, action: int, requester: Any) -> str:
        fields = dict(action=action, plan=tally.sha256(self.plan), approved_at=TIME + 4_000_000)
        if isinstance(by, Passkey):
            return passkey_approval(
                by, requester=tally.operator_id(requester.public), **fields).encode().hex()
        return approval(by, requester=id_of(requester), **fields).encode().hex()

    def _write_ledger_log(self) -> None:
        origin = {"origin": "example.com/rounds/1", "previous": bytes(32).hex()}
        self.ledger_log.clear(14, {**origin, "single_operator": True} if self.single else origin)
        for key in (ALICE, BOB):
            self.ledger_log.clear(15, {
                "action": "addOperator", "operator": bytes(16).hex(),
                "public_key": public_key_of(key).hex(), "request": bytes(16).hex(),
                "target": id_of(key).hex()})
        for change in self.changes:
            change.write(self.ledger_log)
        self.receipts = [{"assurance": "files overwritten", "destroyed_at": TIME + epoch,
                          "epoch": epoch, "provider": "file"} for epoch in (1, 2)]
        for receipt in self.receipts:
            self.ledger_log.clear(15, {"action": "destroyEpoch", **receipt})

    def _step(self, state: str, **members: Any) -> None:
        self.steps[state] = self.tenant_log.clear(11, {
            **members, "erasure": ERASURE, "state": state})

    def _write_tenant_log(self) -> None:
        log, self.steps = self.tenant_log, {}
        founders = self.owner.write(log) if self.owner else []
        shift = len(log.leaves) - 1
        log.record(2)
        log.record(3)
        waits = {}
        if self.owner and self.owner.not_before:
            waits["not_before"] = self.owner.not_before
        self._step("requested", approvals=self.approvals[:1], ground="art17-1-a",
                   plan=tally.sha256(self.plan).hex(), **waits)
        self._step("approved", approvals=self.approvals[1:])
        log.record(1)
        self._step("fenced", keys=2)
        self._step("keysDestroyed", epoch=2)
        self.keys = sorted([key_id(SUBJECT_KEY).hex(), key_id(material("key 2")).hex()])
        destroyed = [log.clear(2, {"erasure": ERASURE, "keys": [key]}) for key in self.keys]
        self.parts = [[shift + at, index] for at, index in ((1, 1), (2, 1), (2, 2))]
        purge = log.clear(7, {"destroyed": destroyed, "parts": self.parts})
        for position, index in self.parts:
            log.empty(position, index)
        self.places = {"projections": {"documents": 1, "trail": 2}, "requests": 2}
        self._step("purged", backups_until=BACKUPS_UNTIL, parts=len(self.parts),
                   places=self.places)
        self._step("epochRetired", epoch=2)
        log.record(1)
        self._step("final")
        self.wanted = sorted([*founders, *self.steps.values(), *destroyed, purge])

    def parts_root(self) -> bytes:
        leaves = [self.tenant_log.leaves[position] for position, _ in self.parts]
        return tally.tree_root([
            tally.hash_leaf(leaf.event_id + uint(index, 1) + leaf.part_digest[index])
            for leaf, (_, index) in zip(leaves, self.parts)])

    def body(self) -> Entry:
        return {
            "approvals": self.approvals, "backups_until": BACKUPS_UNTIL,
            "classes": self.classes, "clones": [], "destroyed_epoch": 2,
            "epochs": self.receipts, "erasure": ERASURE, "events": 2,
            "fence_position": self.steps["fenced"], "ground": "art17-1-a", "interim": False,
            "keys": self.keys, "ledger": LEDGER.hex(),
            "ledger_log": self.ledger_log.excerpt(range(1, len(self.ledger_log.leaves))),
            "ledger_tenant": self.ledger_log.tenant.hex(), "origin": "example.com/rounds/1",
            "parts": len(self.parts), "parts_root": self.parts_root().hex(),
            "places": self.places, "plan": self.plan.hex(),
            "residue": ["stream", "times", "lengths"],
            "scope": self.scope, "single_operator": self.single, "state": "final",
            "tenant": TENANT.hex(), "tenant_log": self.tenant_log.excerpt(self.wanted),
            "times": {state: self.tenant_log.leaves[at].recorded_at
                      for state, at in self.steps.items()},
            **({"authority": "owner", "version": 2} if self.owner else {"version": 1}),
        }


def signed_text(body: Entry, *keys: Ed25519PrivateKey) -> str:
    message = tally.LABEL_CERTIFICATE + tally.canonical_json(body)
    signatures = [{"operator": id_of(key).hex(), "signature": key.sign(message).hex()}
                  for key in keys]
    return tally.canonical_json({"certificate": body, "signatures": signatures}).decode()


def certificate(name: str, text: str, exit_code: int, *failing: str) -> Entry:
    entry = vector("certificate", name, {"text": text})
    assert (entry["exit"], entry["failing"]) == (exit_code, list(failing)), (
        name, entry["exit"], entry["failing"])
    return entry


def flipped(excerpt: Entry, member: str, at: int = -1) -> Entry:
    """An excerpt in which the last digit of one event's member is another one."""
    events = [dict(event) for event in excerpt["events"]]
    value = events[at][member]
    last = value[-1] if isinstance(value, list) else value
    changed = last[:-1] + ("0" if last[-1] != "0" else "1")
    events[at][member] = [*value[:-1], changed] if isinstance(value, list) else changed
    return {**excerpt, "events": events}


def shortened(excerpt: Entry, at: int) -> Entry:
    events = list(excerpt["events"])
    del events[at]
    return {**excerpt, "events": events}


def certificate_file() -> Entry:
    erased = Erased()
    body = erased.body()
    interim = interim_body(body)
    vectors = [
        certificate("final", signed_text(body, ALICE), tally.EXIT_OK),
        certificate("two_signatures", signed_text(body, ALICE, BOB), tally.EXIT_OK),
        certificate("with_a_line_break", signed_text(body, BOB) + "\n", tally.EXIT_OK),
        certificate("interim", signed_text(interim, ALICE), tally.EXIT_OK),
        certificate("whole_tenant", signed_text(Erased(tally.TENANT_ERASURE).body(), ALICE),
                    tally.EXIT_OK),
        certificate("one_operator", signed_text(Erased(single=True).body(), ALICE),
                    tally.EXIT_OK),
        certificate("unsigned", signed_text(body), tally.EXIT_INCOMPLETE, "signatures"),
    ]
    # Each is signed again by an operator, so that nothing but the named checks can notice.
    vectors += [certificate(name, signed_text({**body, **changes}, ALICE), tally.EXIT_BROKEN,
                            *failing)
                for name, (changes, *failing) in broken_bodies(body).items()]
    single = Erased(single=True)
    other_plan = tally.canonical_json({**json.loads(single.plan), "classes": [""]})
    vectors += [
        certificate("signed_by_a_stranger", signed_text(body, EVE), tally.EXIT_BROKEN,
                    "signatures"),
        certificate("signed_by_a_stranger_too", signed_text(body, ALICE, EVE),
                    tally.EXIT_BROKEN, "signatures"),
        certificate("changed_after_signing", signed_text(body, ALICE).replace(
            '"stream","times"', '"times"'), tally.EXIT_BROKEN, "signatures"),
        certificate("unsigned_and_broken", signed_text({**body, "parts": 2}),
                    tally.EXIT_BROKEN, "parts", "signatures"),
        certificate("plan_of_one_operator_exchanged", signed_text(
            {**single.body(), "plan": other_plan.hex(), "classes": [""]}, ALICE),
            tally.EXIT_BROKEN, "approvals"),
    ]
    vectors += list(operator_certificates())
    vectors += list(owner_certificates())
    return {"comment": "text is the file. failing are the names of the checks that do not pass, "
                       "exit the code of `tally_verify.py certificate`. message_digest is the "
                       "SHA-256 of what is signed.",
            "vectors": vectors,
            "malformed": list(malformed_certificates({"interim": False, "version": 1}))}


def operator_certificates() -> Iterator[Entry]:
    """Certificates that rest on who was let in, and by whom."""
    carol = OperatorChange(addition(CAROL))
    strangers = {
        "signature_of_zeros": OperatorChange(addition(EVE), signature={"signature": bytes(64)}),
        "no_request": OperatorChange(addition(EVE, request=bytes(16).hex()),
                                     left_out=("request", "approve")),
        "request_that_is_not_there": OperatorChange(addition(EVE), left_out=("request",)),
        "approval_that_is_not_there": OperatorChange(addition(EVE), left_out=("approve",)),
        "approval_of_who_asked": OperatorChange(addition(EVE), approving=ALICE),
        "approval_of_the_added": OperatorChange(addition(EVE), approving=EVE),
        "request_of_the_added": OperatorChange(addition(EVE), asking=EVE),
        "request_for_another_key": OperatorChange(
            addition(EVE), planned={"public_key": public_key_of(CAROL).hex()}),
        "request_for_an_end": OperatorChange(addition(EVE),
                                             planned={"operator": id_of(EVE).hex()}),
        "approval_that_ran_out": OperatorChange(addition(EVE), expires_at=TIME + 400_000),
        "id_of_another_key": OperatorChange(addition(EVE, target=id_of(CAROL).hex())),
    }
    yield certificate("operator_added_by_two", signed_text(Erased(changes=[carol]).body(), CAROL),
                      tally.EXIT_OK)
    for name, change in strangers.items():
        yield certificate(f"operator_added_by_{name}",
                          signed_text(Erased(changes=[change]).body(), EVE), tally.EXIT_BROKEN,
                          "signatures")
    ended = OperatorChange(end_of(BOB), label="end", approving=CAROL,
                           approved_at=TIME + 650_000)
    yield certificate("approved_after_her_end", signed_text(
        Erased(changes=[carol, ended]).body(), ALICE), tally.EXIT_BROKEN, "state", "approvals")
    for name, change in {
        "by_one": dataclasses.replace(ended, approving=ALICE),
        "by_a_stranger": dataclasses.replace(ended, approving=EVE),
        "without_a_request": dataclasses.replace(ended, left_out=("request", "approve")),
    }.items():
        yield certificate(f"operator_ended_{name}", signed_text(
            Erased(changes=[carol, change]).body(), ALICE), tally.EXIT_OK)
    alone = dataclasses.replace(carol, left_out=("approve",))
    yield certificate("operator_added_by_the_only_one", signed_text(
        Erased(single=True, changes=[alone]).body(), CAROL), tally.EXIT_OK)


def owner_certificates() -> Iterator[Entry]:
    """Certificates of what owners decided, and of what they could not."""
    passkey = PASSKEYS["p256"]
    sound = {
        "owner": Owners([CAROL], [CAROL]),
        "agent": Owners([CAROL], [CAROL], actions=(3,)),
        "passkey": Owners([passkey], [passkey]),
        "two_owners": Owners([CAROL, EVE], [CAROL, EVE], quorum=2),
    }
    for name, owners in sound.items():
        yield certificate(f"erased_by_{name}", signed_text(Erased(owner=owners).body(), ALICE),
                          tally.EXIT_OK)
    yield certificate("erased_by_owner_of_one_operator", signed_text(
        Erased(owner=sound["owner"], single=True).body(), ALICE), tally.EXIT_OK)
    broken = {
        "one_owner_of_two": Owners([CAROL, EVE], [CAROL], quorum=2),
        "an_owner_of_another_action": Owners([CAROL], [CAROL], actions=(4, 11)),
        "a_late_owner": Owners([CAROL], [CAROL], late=True),
        "a_stranger": Owners([CAROL], [EVE]),
        "an_owner_and_an_operator": Owners([CAROL, EVE], [CAROL, BOB], quorum=2),
    }
    for name, owners in broken.items():
        body = Erased(owner=owners).body()
        entry = vector("certificate", f"erased_by_{name}", {"text": signed_text(body, ALICE)})
        assert entry["exit"] == tally.EXIT_BROKEN and "state" in entry["failing"], (name, entry)
        yield entry
    body = Erased(owner=sound["owner"]).body()
    for name, changes in {"operators_said": dict(authority="operators"),
                          "nobody_said": dict(authority=""),
                          "authority_no_text": dict(authority=None)}.items():
        yield certificate(f"authority_{name}", signed_text({**body, **changes}, ALICE),
                          tally.EXIT_BROKEN, "approvals")
    yield certificate("authority_in_version_1", signed_text({**body, "version": 1}, ALICE),
                      tally.EXIT_BROKEN, "form")


def interim_body(body: Entry) -> Entry:
    """The certificate as it was when the keys were destroyed and nothing purged."""
    states = ("requested", "approved", "fenced", "keysDestroyed")
    return {**body, "backups_until": None, "epochs": [], "events": 0, "interim": True,
            "parts": 0, "parts_root": tally.tree_root([]).hex(), "places": None,
            "state": "keysDestroyed",
            "times": {state: body["times"][state] for state in states},
            "tenant_log": {**body["tenant_log"], "events": body["tenant_log"]["events"][:6]}}


def broken_bodies(body: Entry) -> Dict[str, Tuple[Any, ...]]:
    """Changes to a sound body, each with the names of the checks that notice."""
    log, ledger = body["tenant_log"], body["ledger_log"]
    all_of_tenant = ("events", "state", "keys", "parts", "epochs", "approvals")
    without_log = ("form", "events", "state", "epochs", "approvals", "signatures")
    own, approvals = body["erasure"], body["approvals"]
    stranger = approval(EVE, plan=tally.sha256(bytes.fromhex(body["plan"])),
                        approved_at=TIME + 4_000_000).encode().hex()
    early = approval(BOB, plan=tally.sha256(bytes.fromhex(body["plan"])),
                     approved_at=TIME).encode().hex()
    forged = approvals[1][:-2] + ("00" if approvals[1][-2:] != "00" else "01")
    expired = approval(BOB, plan=tally.sha256(bytes.fromhex(body["plan"])),
                       approved_at=TIME + 4_000_000, expires_at=TIME + 5_000_000).encode().hex()
    again = approval(BOB, plan=tally.sha256(bytes.fromhex(body["plan"])),
                     approved_at=TIME + 4_000_001).encode().hex()
    hold = approval(BOB, action=5, plan=tally.sha256(bytes.fromhex(body["plan"])),
                    approved_at=TIME + 4_000_000).encode().hex()
    return {
        "version_2": (dict(version=2), "form"),
        "a_member_more": (dict(note="all is well"), "form"),
        "another_origin": (dict(origin="example.com/rounds/2"), "form"),
        "leaf_altered": (dict(tenant_log=flipped(log, "leaf")), *all_of_tenant),
        "part_altered": (dict(tenant_log=flipped(log, "part")), *all_of_tenant),
        "path_altered": (dict(tenant_log=flipped(log, "path")), *all_of_tenant),
        "root_altered": (dict(tenant_log={**log, "root": material("root").hex()}),
                         *all_of_tenant),
        "excerpt_of_another_tenant": (dict(tenant_log=ledger), *all_of_tenant),
        "ledger_root_altered": (dict(ledger_log={**ledger, "root": material("root").hex()}),
                                *without_log),
        "another_state": (dict(state="epochRetired", interim=True), "state"),
        "final_but_interim": (dict(interim=True), "state"),
        "another_fence": (dict(fence_position=1), "state"),
        "other_backups": (dict(backups_until=TIME), "state"),
        "other_places": (dict(places={"projections": {}, "requests": 0}), "state"),
        "another_time": (dict(times={**body["times"], "final": TIME}), "state"),
        "a_time_more": (dict(times={**body["times"], "onHold": TIME}), "state"),
        "a_key_less": (dict(keys=body["keys"][:1]), "keys"),
        "a_key_more": (dict(keys=[*body["keys"], key_id(DATA_KEY).hex()]), "keys"),
        "a_key_that_is_no_text": (dict(keys=[*body["keys"], 1]), "keys"),
        "key_in_upper_case": (dict(keys=[key.upper() for key in body["keys"]]), "keys"),
        "more_parts": (dict(parts=4), "parts"), "fewer_events": (dict(events=1), "parts"),
        "purge_left_out": (dict(tenant_log=shortened(log, 6)), "state", "parts"),
        "destruction_left_out": (dict(tenant_log=shortened(log, 5)), "state", "keys", "parts"),
        "request_left_out": (dict(tenant_log=shortened(log, 0)), "state", "approvals"),
        "an_epoch_less": (dict(epochs=body["epochs"][:1]), "epochs"),
        "another_receipt": (dict(epochs=[{**body["epochs"][0], "provider": "hsm"},
                                         body["epochs"][1]]), "epochs"),
        "a_receipt_with_more": (dict(epochs=[{**body["epochs"][0], "witness": "eve"},
                                             body["epochs"][1]]), "epochs"),
        "another_epoch": (dict(destroyed_epoch=1), "epochs"),
        "receipt_left_out": (dict(ledger_log=shortened(ledger, 4)), "epochs"),
        "one_approval": (dict(approvals=approvals[:1]), "approvals"),
        "same_approval_twice": (dict(approvals=approvals[:1] * 2), "approvals"),
        "no_requester": (dict(approvals=approvals[1:]), "approvals"),
        "approval_of_a_stranger": (dict(approvals=[approvals[0], stranger]), "approvals"),
        "approval_before_her_time": (dict(approvals=[approvals[0], early]), "approvals"),
        "approval_of_a_hold": (dict(approvals=[approvals[0], hold]), "approvals"),
        "approval_that_ran_out": (dict(approvals=[approvals[0], expired]), "approvals"),
        "approval_that_no_event_carries": (dict(approvals=[approvals[0], again]), "approvals"),
        "purge_listed_twice": (dict(tenant_log={**log, "events": [
            *log["events"], log["events"][6]]}), "state", "parts"),
        "approval_forged": (dict(approvals=[approvals[0], forged]), "approvals"),
        "approval_cut": (dict(approvals=[*approvals, approvals[0][:-2]]), "approvals"),
        "one_operator_said": (dict(single_operator=True), "approvals"),
        "other_classes": (dict(classes=["*"]), "approvals"),
        "another_ground": (dict(ground="art17-1-b"), "approvals"),
        "another_scope": (dict(scope="tenant"), "approvals"),
        "another_plan": (dict(plan=tally.canonical_json({"action": 3}).hex()), "approvals"),
        "another_ledger": (dict(ledger=uuid("other ledger").hex()), "state", "approvals"),
        "another_erasure": (dict(erasure=own[:-1] + ("0" if own[-1] != "0" else "1")),
                            "state", "keys", "parts", "epochs", "approvals"),
        "operator_left_out": (dict(ledger_log=shortened(ledger, 2)), "state", "approvals"),
    }


def malformed_certificates(body: Entry) -> Iterator[Entry]:
    text = signed_text(body, ALICE)
    data = text.encode()
    yield from truncations(data, "text")
    spelled = {
        "two_line_breaks": data + b"\n\n", "space_after": data + b" ",
        "not_canonical": data.replace(b'"interim":false', b'"interim": false'),
        "not_utf8": data.replace(b"interim", b"int\xe9rim"),
        "only_the_body": tally.canonical_json(body),
        "array": b"[" + data + b"]",
        "no_signatures": tally.canonical_json({"certificate": body}),
        "signatures_no_array": tally.canonical_json({"certificate": body, "signatures": {}}),
        "body_no_object": tally.canonical_json({"certificate": [], "signatures": []}),
        "signature_without_operator": tally.canonical_json(
            {"certificate": body, "signatures": [{"signature": "00"}]}),
        "signature_with_more": tally.canonical_json({"certificate": body, "signatures": [
            {"at": 1, "operator": id_of(ALICE).hex(), "signature": "00"}]}),
        "operator_of_15_bytes": tally.canonical_json({"certificate": body, "signatures": [
            {"operator": id_of(ALICE).hex()[2:], "signature": "00"}]}),
        "signature_not_hex": tally.canonical_json({"certificate": body, "signatures": [
            {"operator": id_of(ALICE).hex(), "signature": "zz"}]}),
        "signature_empty": tally.canonical_json({"certificate": body, "signatures": [
            {"operator": id_of(ALICE).hex(), "signature": ""}]}),
        "key_not_ascii": data.replace(b'"interim"', '"\u00efnterim"'.encode()),
        "number_of_53_bits": data.replace(b'"interim":false', b'"interim":9007199254740992'),
        "number_with_a_point": data.replace(b'"version":1', b'"version":1.0'),
    }
    for name, value in spelled.items():
        yield bad(name, "text", value)


# --- All files ------------------------------------------------------------------------------

FILES = {
    "leaf": leaf_file, "part": part_file, "envelope": envelope_file,
    "envelope_v2": envelope_v2_file, "personal": personal_file,
    "opened_event": opened_file, "wrapped_key": wrapped_key_file,
    "wrapped_twk": wrapped_twk_file, "file_kek_blob": kek_blob_file, "tag": tag_file,
    "event_id": event_id_file, "key_id": key_id_file, "event_body": event_body_file,
    "tenant_head": tenant_head_file, "round_record": round_record_file, "genesis": genesis_file,
    "clear_json": clear_json_file, "lz4": lz4_file, "tree": tree_file,
    "document": document_file, "document_part": document_part_file,
    "state_root_leaf": state_root_leaf_file, "tenant_name": tenant_name_file, "word": word_file,
    "journal": journal_file, "journal_file": journal_file_file,
    "ed25519": ed25519_file, "approval": approval_file,
    "passkey_approval": passkey_approval_file, "signer_key": signer_key_file,
    "request_subject": request_subject_file, "inclusion_proof": inclusion_file,
    "purged_log": purged_log_file, "certificate": certificate_file,
}


def main(arguments: List[str]) -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    directory = arguments[0] if arguments else os.path.join(here, "vectors")
    os.makedirs(directory, exist_ok=True)
    for struct, make in FILES.items():
        content = {"struct": struct, **make()}
        with open(os.path.join(directory, struct + ".json"), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
