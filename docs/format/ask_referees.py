#!/usr/bin/env python3
"""Asks other implementations of W3C Web Authentication about the vectors of passkeys.

    python3 docs/format/ask_referees.py docs/format/vectors

Whatever the format takes for a passkey's signature, `webauthn` and `fido2` must take for one, too.
What it refuses and they accept must be in the list of what the format is stricter about. `make
referees` installs both.

Exit codes: 0 they agree, 1 they do not, 64 usage or unreadable input.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import Any, Callable, Dict, List, Set

from fido2 import cbor
from fido2.cose import ES256, CoseKey, EdDSA
from fido2.webauthn import AuthenticatorData, CollectedClientData
from webauthn import verify_authentication_response
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

EXIT_OK, EXIT_DIFFER, EXIT_USAGE = 0, 1, 64

ES256_ALGORITHM = 2

# The sites of the vectors; keys name them by their hash alone.
SITES = ("id.example.com", "localhost", "example.com", "com")

Fields = Dict[str, Any]


def main(arguments: List[str]) -> int:
    if len(arguments) != 1:
        print("usage: ask_referees.py DIR", file=sys.stderr)
        return EXIT_USAGE
    with open(os.path.join(arguments[0], "passkey_approval.json"), encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    results = [ask(name, referee, vectors) for name, referee in REFEREES.items()]
    return EXIT_OK if all(results) else EXIT_DIFFER


def ask(name: str, referee: Callable[[Fields], None], vectors: List[Fields]) -> bool:
    """Whether a referee agrees; what it is told apart by is printed."""
    lax: Set[str] = set()
    wrong = 0
    for vector in vectors:
        accepted, reason = judge(referee, vector)
        if vector["signed"] and not accepted:
            wrong += 1
            print(f"{name} refuses {vector['name']}: {reason}")
        if accepted and not vector["signed"]:
            lax.add(vector["name"])
    for unexpected in sorted(lax - STRICTER):
        wrong += 1
        print(f"{name} accepts {unexpected}")
    print(f"{name}: {len(vectors)} asked, {len(lax & STRICTER)} where the format is stricter, "
          f"{wrong} wrong")
    return not wrong


def judge(referee: Callable[[Fields], None], vector: Fields) -> tuple:
    try:
        referee(vector)
        return True, ""
    except Exception as refusal:  # Each referee has many types of its own.
        return False, repr(refusal)


# --- Referees -------------------------------------------------------------------------------

def ask_webauthn(vector: Fields) -> None:
    fields = vector["fields"]
    site = site_of(fields)
    verify_authentication_response(
        credential=AuthenticationCredential(
            id="AA", raw_id=b"\0", response=AuthenticatorAssertionResponse(
                client_data_json=bytes.fromhex(fields["client_data"]),
                authenticator_data=bytes.fromhex(fields["authenticator_data"]),
                signature=bytes.fromhex(fields["signature"]))),
        expected_challenge=challenge(vector),
        expected_rp_id=site,
        expected_origin=origins(site),
        credential_public_key=cbor.encode(cose_map(fields)),
        credential_current_sign_count=0,
        require_user_verification=True,
    )


def ask_fido2(vector: Fields) -> None:
    fields = vector["fields"]
    client_data = CollectedClientData(bytes.fromhex(fields["client_data"]))
    data = AuthenticatorData(bytes.fromhex(fields["authenticator_data"]))
    site = site_of(fields)
    require(client_data.type == "webauthn.get", "type")
    require(client_data.challenge == challenge(vector), "challenge")
    require(client_data.origin in origins(site), "origin")
    require(data.rp_id_hash == hashlib.sha256(site.encode()).digest(), "relying party")
    require(data.is_user_present() and data.is_user_verified(), "flags")
    CoseKey.parse(cose_map(fields)).verify(bytes(data) + client_data.hash,
                                           bytes.fromhex(fields["signature"]))


REFEREES = {"webauthn": ask_webauthn, "fido2": ask_fido2}


# --- What they need -------------------------------------------------------------------------

def require(holds: bool, reason: str) -> None:
    if not holds:
        raise ValueError(reason)


def challenge(vector: Fields) -> bytes:
    return hashlib.sha256(bytes.fromhex(vector["message"])).digest()


def site_of(fields: Fields) -> str:
    """The site that a key names by its hash."""
    named = bytes.fromhex(fields["public_key"])[1:33]
    for site in SITES:
        if hashlib.sha256(site.encode()).digest() == named:
            return site
    raise ValueError("a key of no site")


def origins(site: str) -> List[str]:
    """Which origins a site would list."""
    return [f"https://{site}", f"https://login.{site}:8443", "http://localhost:8080"]


def cose_map(fields: Fields) -> Dict[int, Any]:
    key = bytes.fromhex(fields["public_key"])
    if key[0] == ES256_ALGORITHM:
        return {1: 2, 3: ES256.ALGORITHM, -1: 1, -2: key[34:66], -3: key[66:98]}
    return {1: 1, 3: EdDSA.ALGORITHM, -1: 6, -2: key[33:65]}


# What the format refuses and others accept.
STRICTER = {
    # The approval says another algorithm than its key has.
    "algorithm_of_another_key",
    # JSON that two readers could read as two things.
    "byte_order_mark", "half_a_surrogate", "member_twice", "nested_member_twice", "not_a_number",
    "null_character", "too_deep",
    # A challenge has one spelling.
    "challenge_with_padding",
    # A frame in somebody else's page, where nobody sees what is signed.
    "cross_origin_0", "in_a_frame", "in_a_frame_of_a_site",
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
