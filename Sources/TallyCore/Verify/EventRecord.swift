// What is left of an event once its bytes were hashed: all that the ordered pass needs.

package import TallyCrypto

/// One event after its own bytes were checked.
package struct EventRecord: Sendable {
    /// The row's position.
    package let position: Int
    /// The hash of the leaf's bytes, whatever they are.
    package let hash: Digest
    /// What the leaf's bytes name as the hash before it, as long as they are long enough.
    package let previous: Digest?
    /// The decoded leaf, or `nil` when its bytes break the format.
    package let leaf: Leaf?
    /// The clear JSON of the ledger's own kinds.
    package let clear: [UInt8]?
    /// Numbers of the parts of length 0.
    package let missingParts: [Int]
    /// Whether every part that is there matches its digest.
    package let soundBody: Bool
    /// What is wrong with the row by itself.
    package let findings: [Finding]

    /// The position that the leaf was written for; the row's where the leaf does not say.
    package var place: Int { leaf.map { Int(clamping: $0.position) } ?? position }

    /// Whether the row stands where its leaf says.
    package var isInPlace: Bool { place == position }

    /// Whether this is the next row, and its leaf was written as the next one.
    func follows(_ other: EventRecord) -> Bool {
        position == other.position &+ 1 && place == other.place &+ 1
    }

    /// The leaf's hash if it named another event as the one before it.
    func hash(naming previous: Digest) -> Digest? {
        guard var leaf else { return nil }
        leaf.previous = previous
        var hash = SHA256()
        return Leaf.hash(leaf.encoded(), with: &hash)
    }
}

extension EventRecord {
    /// The end of a log that is no event: what comes before the first, or the head.
    init(boundary position: Int, hash: Digest = .zero, previous: Digest? = nil) {
        self.init(
            position: position,
            hash: hash,
            previous: previous,
            leaf: nil,
            clear: nil,
            missingParts: [],
            soundBody: false,
            findings: []
        )
    }
}

/// Checks rows by themselves; rows of one log can be checked by many threads.
package struct EventHasher: ~Copyable {
    /// Where a leaf has the hash of the event before it.
    private static let previousBytes = 51..<83

    private let tenant: TenantID
    private var hash = SHA256()

    /// Checks rows of one tenant.
    package init(tenant: TenantID) {
        self.tenant = tenant
    }

    /// Hashes a row's leaf and every part of its body.
    package mutating func check(_ row: StoredEvent) -> EventRecord {
        let leafHash = Leaf.hash(row.leaf, with: &hash)
        let leaf: Leaf
        do throws(FormatError) {
            leaf = try Leaf(decoding: row.leaf)
        } catch {
            return EventRecord(
                position: row.position,
                hash: leafHash,
                previous: Self.previous(row.leaf),
                leaf: nil,
                clear: nil,
                missingParts: [],
                soundBody: false,
                findings: [Finding(.alteredLeaf, at: row.position, error.description)]
            )
        }
        let body = checkBody(row, leaf)
        return EventRecord(
            position: row.position,
            hash: leafHash,
            previous: leaf.previous,
            leaf: leaf,
            clear: body.clear,
            missingParts: body.missing,
            soundBody: body.findings.isEmpty,
            findings: placeFindings(row, leaf) + body.findings
        )
    }

    private static func previous(_ leaf: [UInt8]) -> Digest? {
        leaf.count < previousBytes.upperBound ? nil : Digest(leaf[previousBytes])
    }

    private func placeFindings(_ row: StoredEvent, _ leaf: Leaf) -> [Finding] {
        var findings: [Finding] = []
        if leaf.tenant != tenant {
            findings.append(
                Finding(.alteredLeaf, at: row.position, "the leaf names another tenant")
            )
        }
        if Int(exactly: leaf.position) != row.position {
            findings.append(
                Finding(
                    .swapped,
                    at: row.position,
                    "the leaf was written at \(leaf.position)"
                )
            )
        }
        let hasColumns = row.stream != nil && row.version != nil
        let hasNone = row.stream == nil && row.version == nil
        if leaf.kind.isSealed ? !hasColumns : !hasNone {
            findings.append(
                Finding(
                    .alteredColumn,
                    at: row.position,
                    "stream and version do not suit kind \(leaf.kind.rawValue)"
                )
            )
        }
        return findings
    }

    private mutating func checkBody(
        _ row: StoredEvent,
        _ leaf: Leaf
    ) -> (findings: [Finding], missing: [Int], clear: [UInt8]?) {
        let parts: [ArraySlice<UInt8>]
        do throws(FormatError) {
            parts = try EventBody.decode(row.body, leaf: leaf)
        } catch {
            // The one length that is refused is that of a clear part, which is never purged.
            let name = error.code == .length ? Finding.Name.missingBody : .alteredBody
            return ([Finding(name, at: row.position, error.description)], [], nil)
        }
        var findings: [Finding] = []
        var missing: [Int] = []
        for (index, (part, digest)) in zip(parts, leaf.partDigests).enumerated() {
            if part.isEmpty {
                missing.append(index)
            } else if let fault = fault(of: part, digest, leaf.kind) {
                findings.append(
                    Finding(.alteredBody, at: row.position, "part \(index)\(fault)")
                )
            }
        }
        let isClear = !leaf.kind.isSealed && findings.isEmpty && missing.isEmpty
        return (findings, missing, isClear ? parts.first.map { Array($0.dropFirst()) } : nil)
    }

    private mutating func fault(
        of part: ArraySlice<UInt8>,
        _ digest: Digest,
        _ kind: EventKind
    ) -> String? {
        hash.update(part)
        let found = hash.finalize()
        if found != digest { return ": committed \(digest.hex), found \(found.hex)" }
        guard part.first == (kind.isSealed ? 1 : 0) else {
            return " is of a suite that its kind does not allow"
        }
        return nil
    }
}
