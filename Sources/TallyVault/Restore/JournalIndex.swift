// What journals hold, without the keys themselves: each tenant's wrapping keys, and where the
// newest word about each key is. So a journal may be larger than memory.

internal import TallyCore
internal import TallyCrypto

/// The first pass of a restore.
struct JournalIndex: Sendable {
    /// The wraps of each tenant's TWKs, by key id: the newest of each.
    private(set) var wraps: [TenantID: [KeyID: WrappedTWK]] = [:]
    /// The number of the last record about each key, by eight bytes of its id.
    private var last: [UInt64: Int] = [:]
    private var count = 0
    /// The newest TWK of each tenant: a later record of the same or a later epoch stands for an
    /// earlier one.
    private(set) var newest: [TenantID: WrappedTWK] = [:]

    /// Takes note of records, which come in the order in which they were written.
    mutating func add(_ records: [JournalRecord]) {
        for record in records {
            count += 1
            switch record.content {
            case .twk:
                guard let wrap = try? WrappedTWK(decoding: record.wrapped) else { continue }
                wraps[record.tenant, default: [:]][wrap.twkID] = wrap
                if wrap.epoch >= newest[record.tenant]?.epoch ?? 0 { newest[record.tenant] = wrap }
            case .key:
                guard let key = try? WrappedKey(decoding: record.wrapped) else { continue }
                last[Self.short(key.keyID)] = count
            }
        }
    }

    /// Whether the record of that number is the last about its key.
    func isLast(_ key: KeyID, _ number: Int) -> Bool { last[Self.short(key)] == number }

    /// The wraps of a tenant, the best first: of the latest epoch, of these the newest.
    func candidates(_ tenant: TenantID) -> [WrappedTWK] {
        let first = newest[tenant].map { [$0] } ?? []
        let others = (wraps[tenant] ?? [:]).values.filter { $0.twkID != first.first?.twkID }
        return first + others.sorted { $0.epoch > $1.epoch }
    }

    static func short(_ key: KeyID) -> UInt64 {
        key.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
