// The register of those to whom a tenant's data belongs.

internal import TallyCrypto

extension RegisterCheck {
    mutating func compareOwners() {
        let known = fold.owners
        let rows = pair(
            "owner",
            rows.owners,
            \.id,
            with: Set(known.terms.keys),
            about: { DecisionID($0.bytes) },
            text: \.hex
        )
        for (id, row) in rows {
            guard let term = known.terms[id] else { continue }
            note(
                "owner \(id.hex)",
                at: nil,
                [
                    ("public_key", term.key.bytes != row.publicKey),
                    ("actions", term.actions.map(\.rawValue).sorted() != row.actions),
                    ("quorum", known.quorum != row.quorum),
                    ("added_at", Self.isFar(row.addedAt, from: term.addedAt)),
                    ("ended_at", Self.isFar(row.endedAt, from: term.endedAt)),
                ]
            )
        }
    }
}
