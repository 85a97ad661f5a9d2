#!/usr/bin/env python3
"""Checks tally_verify.py against the golden vectors.

    python3 docs/format/check_vectors.py docs/format/vectors

For each valid vector, everything that the file states beside the fields is computed from them
again, and the bytes are decoded and compared with the fields. Each malformed one must be refused,
with its code. A value in a file that nothing here checks is a failure, too.

Exit codes: 0 all passed, 1 a vector failed, 64 usage or unreadable input.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

import tally_verify as tally
from tally_verify import ENVELOPES, Leaf, Personal, Refused, SealedPart, key_id, pad, sha256

USAGE = "usage: check_vectors.py DIR"

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 64

# Their ciphertext is an input here: to recompute it takes AES-GCM.
SEALED_FILES = ("part.json", "wrapped_key.json", "wrapped_twk.json", "file_kek_blob.json",
                "document.json", "tenant_name.json", "word.json")

Fields = Dict[str, Any]


# --- Files ----------------------------------------------------------------------------------

def main(arguments: List[str]) -> int:
    try:
        if len(arguments) != 1:
            raise tally.Usage(USAGE)
        return check_directory(arguments[0])
    except (tally.Usage, OSError) as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE


def check_directory(directory: str) -> int:
    names = sorted(name for name in os.listdir(directory) if name.endswith(".json"))
    if not names:
        raise tally.Usage(f"no vectors in {directory}")
    passed = failed = 0
    for name in names:
        good, failures = check_file(os.path.join(directory, name))
        print_file(name, good, failures)
        passed, failed = passed + good, failed + len(failures)
    print(f"{passed} passed, {failed} failed")
    return EXIT_FAILED if failed else EXIT_OK


def print_file(name: str, good: int, failures: List[str]) -> None:
    verdict = f"{len(failures)} FAILED" if failures else "ok"
    note = "   sealed bytes not opened" if name in SEALED_FILES else ""
    print(f"  {name:<22}{good:>5}/{good + len(failures)} {verdict}{note}")
    for failure in failures:
        print(f"    {failure}")


def check_file(path: str) -> Tuple[int, List[str]]:
    """How many vectors of a file passed, and a sentence for each that did not."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        kind = vector_kinds()[content["struct"]]
        results = [(entry["name"], check_vector(kind, entry)) for entry in content["vectors"]]
        results += [(entry["name"], check_malformed(kind, entry))
                    for entry in content["malformed"]]
    except (ValueError, KeyError, TypeError) as error:
        return 0, [f"not a file of vectors: {error!r}"]
    failures = [f"{name}: {problem}" for name, problem in results if problem]
    return len(results) - len(failures), failures


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
        if name not in stated or stated[name] != to_json(value):
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


# --- What is checked for each structure -----------------------------------------------------

class VectorKind(NamedTuple):
    """How one file of vectors is checked."""

    derive: Callable[[Fields], Fields]
    """From a vector's fields, everything else that the vector states."""
    read: Callable[[bytes, Fields], Fields] = lambda data, known: {}
    """Decodes strictly; the second argument is what the reader knows beside the bytes."""


def vector_kinds() -> Dict[str, VectorKind]:
    return {
        "leaf": VectorKind(derive_entry(Leaf), read_struct(Leaf)),
        "part": VectorKind(derive_part, read_part),
        "envelope": plaintext_kind(tally.Envelope),
        "envelope_v2": plaintext_kind(tally.EnvelopeV2),
        "personal": plaintext_kind(Personal),
        "opened_event": VectorKind(derive_nothing, read_opened),
        "wrapped_key": VectorKind(derive_wrapped_key, read_struct(tally.WrappedKey)),
        "wrapped_twk": VectorKind(derive_wrapped_twk, read_struct(tally.WrappedTWK)),
        "file_kek_blob": VectorKind(
            derive_struct(tally.FileKEKBlob), read_struct(tally.FileKEKBlob)),
        "tag": VectorKind(derive_tag),
        "event_id": VectorKind(derive_event_id),
        "key_id": VectorKind(derive_key_id, lambda data, _: {"id": key_id(data)}),
        "event_body": VectorKind(derive_body, read_body),
        "tenant_head": VectorKind(
            derive_entry(tally.TenantHead), read_struct(tally.TenantHead)),
        "round_record": VectorKind(
            derive_entry(tally.RoundRecord), read_struct(tally.RoundRecord)),
        "tree": VectorKind(derive_tree),
        "genesis": VectorKind(derive_genesis),
        "document": VectorKind(derive_document, read_document),
        "document_part": plaintext_kind(tally.DocumentPart),
        "state_root_leaf": VectorKind(derive_state_root_leaf),
        "tenant_name": VectorKind(
            derive_tenant_name, lambda data, _: members(tally.TenantName.decode(data))),
        "request_subject": VectorKind(
            derive_request_subject,
            lambda data, _: members(tally.RequestSubject.decode(data))),
        "word": VectorKind(derive_word, lambda data, _: members(tally.Word.decode(data))),
        "clear_json": VectorKind(derive_clear_json, read_clear_json),
        "lz4": VectorKind(derive_nothing, read_lz4),
        "journal": VectorKind(derive_journal, read_struct(tally.JournalRecord)),
        "journal_file": VectorKind(derive_nothing, read_journal_file),
        "ed25519": VectorKind(derive_ed25519),
        "approval": VectorKind(
            derive_approval(tally.FileKeyApproval), read_struct(tally.FileKeyApproval)),
        "passkey_approval": VectorKind(
            derive_approval(tally.PasskeyApproval), read_struct(tally.PasskeyApproval)),
        "signer_key": VectorKind(derive_signer_key),
        "inclusion_proof": VectorKind(derive_inclusion, read_inclusion),
        "purged_log": VectorKind(derive_log),
        "certificate": VectorKind(derive_certificate, read_certificate),
    }


def derive_nothing(_: Fields) -> Fields:
    """For values that no encoder has to reproduce: reading them back is the whole check."""
    return {}


def derive_struct(cls: Any) -> Callable[[Fields], Fields]:
    return lambda fields: {"bytes": from_fields(cls, fields).encode()}


def derive_entry(cls: Any) -> Callable[[Fields], Fields]:
    def derive(fields: Fields) -> Fields:
        entry = from_fields(cls, fields)
        return {"bytes": entry.encode(), "hash": entry.hash()}

    return derive


def read_struct(cls: Any) -> Callable[[bytes, Fields], Fields]:
    return lambda data, _: struct_fields(cls.decode(data))


def plaintext_kind(cls: Any) -> VectorKind:
    def derive(fields: Fields) -> Fields:
        plaintext = from_fields(cls, fields)
        encoded = plaintext.encode()
        return {"bytes": encoded, "padded": pad(encoded), "decoded": plaintext.content()}

    return VectorKind(derive, read_struct(cls))


def derive_part(fields: Fields) -> Fields:
    if fields["suite"] == tally.CLEAR_SUITE:
        part = tally.ClearPart(fields["canonical_json"].encode("utf-8")).encode()
        return {"bytes": part, "digest": sha256(part)}
    key, nonce, ciphertext = raw(fields, "key", "nonce", "ciphertext_and_tag")
    part = SealedPart(key_id(key), nonce, ciphertext).encode()
    aad = tally.part_aad(*raw(fields, "ledger_id", "tenant", "event_id"), fields["kind"],
                         fields["index"], fields["part_count"], key_id(key))
    return {"key_id": key_id(key), "aad": aad, "bytes": part, "digest": sha256(part)}


def read_part(data: bytes, known: Fields) -> Fields:
    part = tally.decode_part(data, known["kind"])
    if isinstance(part, tally.ClearPart):
        return {"suite": part.SUITE, "canonical_json": part.canonical_json.decode("utf-8")}
    if "key" in known:
        part.require_key(bytes.fromhex(known["key"]))
    return {"suite": part.SUITE, **struct_fields(part)}


def read_opened(_: bytes, known: Fields) -> Fields:
    envelope, *personals = hexes(known["plaintexts"])
    opened = [Personal.decode(plaintext) for plaintext in personals]
    tally.check_opened(tally.Envelope.decode(envelope), opened)
    return {"sections": [[item.subject, item.retention_class] for item in opened]}


def derive_wrapped_key(fields: Fields) -> Fields:
    parent, key, nonce, ciphertext = raw(
        fields, "parent_key", "key", "nonce", "ciphertext_and_tag")
    wrapped = tally.WrappedKey(fields["kind"], key_id(parent), key_id(key), nonce, ciphertext)
    aad = wrapped.aad(*raw(fields, "ledger_id", "tenant", "subject_tag"),
                      fields["retention_class"])
    return {"parent_key_id": wrapped.parent_key_id, "key_id": wrapped.key_id, "aad": aad,
            "bytes": wrapped.encode()}


def derive_wrapped_twk(fields: Fields) -> Fields:
    twk, blob = raw(fields, "twk", "blob")
    wrapped = tally.WrappedTWK(int(fields["epoch"]), key_id(twk), blob)
    context = wrapped.context(*raw(fields, "ledger_id", "tenant"))
    return {"twk_id": wrapped.twk_id, "context": context, "bytes": wrapped.encode()}


def derive_tag(fields: Fields) -> Fields:
    value, label = fields["value"].encode("utf-8"), fields["label"]
    return {"bytes": tally.tag_message(label, value),
            "tag": tally.blind_tag(bytes.fromhex(fields["index_key"]), label, value)}


def derive_event_id(fields: Fields) -> Fields:
    request, ordinal = fields["request"], int(fields["ordinal"])
    return {"bytes": tally.event_id_message(request, ordinal),
            "id": tally.event_id(bytes.fromhex(fields["index_key"]), request, ordinal)}


def derive_key_id(fields: Fields) -> Fields:
    return {"bytes": fields["key"], "id": key_id(bytes.fromhex(fields["key"]))}


def derive_body(fields: Fields) -> Fields:
    body = tally.encode_body(hexes(fields["parts"]))
    return {"bytes": body, "purged": tally.check_event(Leaf.decode(*raw(fields, "leaf")), body)}


def read_body(data: bytes, known: Fields) -> Fields:
    leaf = Leaf.decode(*raw(known, "leaf"))
    purged = tally.check_event(leaf, data)
    return {"parts": tally.decode_body(data, len(leaf.part_digest)), "purged": purged}


def derive_tree(fields: Fields) -> Fields:
    hashes = leaf_hashes(fields)
    return {"leaf_hashes": hashes, "root": tally.tree_root(hashes)}


def derive_inclusion(fields: Fields) -> Fields:
    hashes, index = leaf_hashes(fields), fields["index"]
    return {"leaf_hash": hashes[index], "size": len(hashes),
            "path": tally.inclusion_path(index, hashes), "root": tally.tree_root(hashes)}


def leaf_hashes(fields: Fields) -> List[bytes]:
    return [tally.hash_leaf(entry) for entry in hexes(fields["entries"])]


def read_inclusion(_: bytes, known: Fields) -> Fields:
    leaf_hash, root = raw(known, "leaf_hash", "root")
    index, size = int(known["index"]), int(known["size"])
    if not tally.is_included(leaf_hash, index, size, hexes(known["path"]), root):
        raise Refused("digest", "the path does not lead to the root")
    return {}


def derive_genesis(fields: Fields) -> Fields:
    place = (*raw(fields, "ledger_id", "tenant"), fields["slot"])
    return {"bytes": tally.genesis_message(*place), "previous": tally.genesis_previous(*place)}


def derive_document(fields: Fields) -> Fields:
    place, parts, aads = raw(fields, "ledger_id", "tenant", "stream_tag"), [], []
    for index, item in enumerate(fields["parts"]):
        key, nonce, ciphertext = raw(item, "key", "nonce", "ciphertext_and_tag")
        parts.append(SealedPart(key_id(key), nonce, ciphertext))
        aad = tally.document_part_aad(
            *place, int(fields["version"]), index, len(fields["parts"]), key_id(key))
        aads.append(aad + snapshot_binding(fields))
    return {"key_ids": [part.key_id for part in parts], "aads": aads,
            "bytes": tally.encode_document(parts)}


def snapshot_binding(fields: Fields) -> bytes:
    if "snapshot" not in fields:
        return b""
    snapshot = fields["snapshot"]
    return tally.snapshot_binding(int(snapshot["fold"]), int(snapshot["position"]),
                                  bytes.fromhex(snapshot["leaf_hash"]))


def read_document(data: bytes, _: Fields) -> Fields:
    return {"key_ids": [part.key_id for part in tally.decode_document(data)]}


def derive_state_root_leaf(fields: Fields) -> Fields:
    message = tally.state_root_message(
        bytes.fromhex(fields["stream_tag"]), fields["canonical_data"].encode("utf-8"),
        hexes(fields["part_digest"]))
    return {"bytes": message,
            "digest": tally.state_root_leaf(bytes.fromhex(fields["index_key"]), message)}


def derive_tenant_name(fields: Fields) -> Fields:
    index_key, key, ledger_id, tenant = raw(fields, "index_key", "key", "ledger_id", "tenant")
    name = from_fields(tally.TenantName, fields)
    tag = tally.blind_tag(index_key, "tenant", name.name.encode("utf-8"))
    sealed = sealed_part(fields)
    return {"name_tag": tag, "key_id": key_id(key), "padded": pad(name.encode()),
            "aad": tally.tenant_name_aad(ledger_id, tenant, key_id(key)), "bytes": sealed,
            "digest": tally.tenant_name_digest(tag, sealed)}


def derive_request_subject(fields: Fields) -> Fields:
    key, ledger_id, tenant, request = raw(fields, "key", "ledger_id", "tenant", "request")
    subject = from_fields(tally.RequestSubject, fields)
    return {"key_id": key_id(key), "padded": pad(subject.encode()),
            "aad": tally.request_subject_aad(ledger_id, tenant, request, key_id(key)),
            "bytes": sealed_part(fields)}


def derive_word(fields: Fields) -> Fields:
    index_key, key, ledger_id, tenant = raw(fields, "index_key", "key", "ledger_id", "tenant")
    word = from_fields(tally.Word, fields)
    tag = tally.blind_tag(index_key, tally.WORD_LABELS[word.label], word.word.encode("utf-8"))
    return {"tag": tag, "key_id": key_id(key), "padded": pad(word.encode()),
            "aad": tally.word_aad(ledger_id, tenant, tag, key_id(key)),
            "bytes": sealed_part(fields)}


def sealed_part(fields: Fields) -> bytes:
    key, nonce, ciphertext = raw(fields, "key", "nonce", "ciphertext_and_tag")
    return SealedPart(key_id(key), nonce, ciphertext).encode()


def derive_clear_json(fields: Fields) -> Fields:
    return {"bytes": tally.canonical_json(fields["value"])}


def read_clear_json(data: bytes, known: Fields) -> Fields:
    return {"value": tally.decode_clear_json(data, known["kind"])}


def read_lz4(data: bytes, known: Fields) -> Fields:
    return {"decoded": tally.lz4_decode(data, known["data_size"])}


def derive_journal(fields: Fields) -> Fields:
    record = from_fields(tally.JournalRecord, fields)
    return {"bytes": record.encode(), "digest": sha256(record.content())}


def read_journal_file(data: bytes, _: Fields) -> Fields:
    records, torn = tally.decode_journal(data)
    return {"records": [record.encode() for record in records], "torn": torn}


def derive_ed25519(fields: Fields) -> Fields:
    return {"verifies": tally.ed25519_verifies(
        *raw(fields, "public_key", "message", "signature"))}


def derive_approval(cls: Any) -> Callable[[Fields], Fields]:
    def derive(fields: Fields) -> Fields:
        approval = from_fields(cls, fields)
        public_key = bytes.fromhex(fields["public_key"])
        assert tally.decode_approval(approval.encode()) == approval
        return {"message": approval.message(), "bytes": approval.encode(),
                "operator_id": tally.operator_id(public_key),
                "signed": approval.is_signed_by(public_key)}

    return derive


def derive_signer_key(fields: Fields) -> Fields:
    public_key = bytes.fromhex(fields["public_key"])
    return {"form": tally.is_key_form(public_key), "usable": tally.is_signer_key(public_key)}


def derive_log(fields: Fields) -> Fields:
    lines = [json.dumps(line) for line in (fields["head"], *fields["rows"])]
    verifier = tally.LogVerifier(*tally.parse_dump("purged_log", lines))
    verifier.run()
    # These logs are about parts that are gone; nobody decided anything in them.
    findings = [[finding.name, finding.place] for finding in verifier.findings
                if finding.name != "undecided change"]
    return {"findings": findings,
            "purged_events": verifier.purged}


def derive_certificate(fields: Fields) -> Fields:
    certificate = tally.Certificate.decode(fields["text"].encode("utf-8"))
    verifier = tally.CertificateVerifier(certificate)
    checks = verifier.checks()
    return {"message_digest": sha256(certificate.message()),
            "failing": [check.name for check in checks if check.faults],
            "exit": verifier.exit_code(checks)}


def read_certificate(data: bytes, known: Fields) -> Fields:
    tally.Certificate.decode(known["text"].encode("utf-8") if "text" in known else data)
    return {}


# --- Between structures and the JSON of vectors ---------------------------------------------

# What vectors call the number of digests that some structures end with.
COUNTS = {tally.Leaf: "part_count", tally.DocumentPart: "m"}


def from_fields(cls: Any, fields: Fields) -> Any:
    """A structure of a vector's fields; annotations say how the vector spells them."""
    parsers: Dict[str, Callable[[Any], Any]] = {
        "int": int, "str": str, "bytes": bytes.fromhex, "Tuple[bytes, ...]": hexes}
    return cls(**{field.name: parsers[str(field.type)](fields[field.name])
                  for field in dataclasses.fields(cls)})


def struct_fields(struct: Any) -> Fields:
    """A structure's fields as the vectors spell them, version and count included."""
    fields = {"version": struct.VERSION} if struct.VERSION_SIZE else {}
    fields.update(members(struct))
    if type(struct) in COUNTS:
        fields[COUNTS[type(struct)]] = len(struct.part_digest)
    return fields


def members(struct: Any) -> Fields:
    return {field.name: to_json(getattr(struct, field.name))
            for field in dataclasses.fields(struct)}


def to_json(value: Any) -> Any:
    """Bytes as lower-case hex, integers from 2^53 on as decimal strings."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, int) and abs(value) > tally.MAX_SAFE_INTEGER:
        return str(value)
    return value


def hexes(values: Iterable[str]) -> Tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, values))


def raw(fields: Fields, *names: str) -> List[bytes]:
    return [bytes.fromhex(fields[name]) for name in names]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
