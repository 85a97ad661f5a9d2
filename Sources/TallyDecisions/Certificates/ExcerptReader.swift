// Reads a log once for its leaf hashes, and keeps the ledger's own events that a certificate needs.

internal import Synchronization
internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore

/// One of the ledger's own events, with the bytes that prove it.
struct ClearEvent: Sendable {
    let fact: ClearFact
    let leaf: [UInt8]
    let part: [UInt8]

    init?(_ row: StoredEvent) {
        guard let fact = ClearFact(row), Int(exactly: fact.position) == row.position else {
            return nil
        }
        self.fact = fact
        leaf = row.leaf
        part = Array(row.body.dropFirst(4))
    }
}

/// The parts that an erasure's events say were purged.
struct PurgedParts: Sendable {
    /// Positions and indexes, in order.
    let list: [(position: Int, index: Int)]

    var eventCount: Int { Set(list.map(\.position)).count }

    init(_ facts: [ClearFact], _ erasure: Erasure) {
        list = facts.filter { $0.kind == .partsPurged }
            .flatMap { $0.content["parts"]?.arrayValue ?? [] }
            .compactMap { pair in
                guard let numbers = pair.arrayValue, numbers.count == 2,
                    let position = numbers[0].uint64Value, let index = numbers[1].uint64Value
                else { return nil }
                return (Int(clamping: position), Int(clamping: index))
            }
            .sorted { $0 < $1 }
    }
}

/// Reads excerpts of logs.
struct ExcerptReader: Sendable {
    private static let page = 10_000
    private let reader: Session

    init(pool: ConnectionPool) {
        reader = Session(pool: pool)
    }

    private struct Page: Sendable {
        var hashes: [Digest] = []
        var events: [ClearEvent] = []
    }

    /// The events of a log that `isWanted` wants, with their proofs under the log's root as it is
    /// now.
    func read(
        _ tenant: TenantID,
        _ isWanted: @escaping @Sendable (ClearFact) -> Bool
    ) async throws(Problem) -> (facts: [ClearFact], excerpt: LogExcerpt) {
        let size = try await reader.size(tenant)
        var all = Page()
        for start in stride(from: 0, to: size, by: Self.page) {
            let range = start..<min(start + Self.page, size)
            let page = try await reader.read(tenant, range) { rows in
                var page = Page()
                var hash = SHA256()
                try rows { row in
                    page.hashes.append(Leaf.hash(row.leaf, with: &hash))
                    if row.stream == nil, let event = ClearEvent(row), isWanted(event.fact) {
                        page.events.append(event)
                    }
                }
                return page
            }
            guard page.hashes.count == range.count else { throw Self.gap }
            all.hashes += page.hashes
            all.events += page.events
        }
        return (all.events.map(\.fact), Self.excerpt(tenant, all))
    }

    private static let gap = Problem(
        .misconfigured,
        "the log lacks events that its head counts",
        hint: "run \(.verify): it names what was damaged"
    )

    private static func excerpt(_ tenant: TenantID, _ page: Page) -> LogExcerpt {
        let proofs = InclusionProofs(page.hashes)
        return LogExcerpt(
            tenant: tenant,
            size: UInt64(page.hashes.count),
            root: proofs.root,
            events: page.events.map { event in
                ExcerptedEvent(
                    leaf: event.leaf,
                    part: event.part,
                    path: proofs.path(of: Int(clamping: event.fact.position))
                )
            }
        )
    }

    /// The root of the RFC 9162 tree over purged parts: each leaf is event id, index and digest.
    func root(
        of parts: PurgedParts,
        _ tenant: TenantID
    ) async throws(Problem) -> Digest {
        var tree = MerkleTree()
        var rest = parts.list[...]
        while let first = rest.first {
            let page = rest.prefix(Self.page)
            let positions = Array(Set(page.map(\.position))).sorted()
            let rows = try await reader.scoped(tenant) {
                try Session.events($0, tenant, at: positions)
            }
            let leaves = Dictionary(
                rows.compactMap { row in
                    (try? Leaf(decoding: row.leaf)).map { (row.position, $0) }
                },
                uniquingKeysWith: { first, _ in first }
            )
            let last = rows.last?.position ?? first.position
            append(page.prefix { $0.position <= last }, leaves, to: &tree)
            rest = rest.drop { $0.position <= last }
        }
        var hash = SHA256()
        return tree.root(with: &hash)
    }

    private func append(
        _ parts: ArraySlice<(position: Int, index: Int)>,
        _ leaves: [Int: Leaf],
        to tree: inout MerkleTree
    ) {
        var hash = SHA256()
        for (position, index) in parts {
            guard let leaf = leaves[position], leaf.partDigests.indices.contains(index) else {
                continue
            }
            hash.update(0)
            hash.update(leaf.eventID.bytes)
            hash.update(UInt8(index))
            hash.update(leaf.partDigests[index])
            let leafHash = hash.finalize()
            tree.append(leafHash, with: &hash)
        }
    }
}
