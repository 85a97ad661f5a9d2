// What a list of tenants says of each.

public import TallyCore
internal import TallyCrypto
package import TallyStore

/// A tenant and the head of its log.
public struct TenantSummary: Sendable, Identifiable {
    package let row: TenantRow
    /// The tenant's name; `nil` once its key is gone.
    public let name: String?

    package init(_ row: TenantRow, name: String?) {
        self.row = row
        self.name = name
    }

    /// Random, and never derived from the name.
    public var id: TenantID { row.id }
    /// Its permanent ordinal; 0 is the ledger's own tenant.
    public var slot: Int { row.slot }
    /// Where its data may be; empty where nobody said.
    public var region: String { row.region }
    /// When it was created.
    public var createdAt: Instant { Instant(micros: row.createdAt) }
    /// How many events its log has.
    public var eventCount: Int { row.size }
    /// When the newest of them was recorded.
    public var newestAt: Instant { Instant(micros: row.recordedAt) }
    /// The leaf hash of the newest event, 64 hexadecimal digits: it commits to the whole log.
    public var leafHash: String { row.lastLeafHash.hex }
    /// Whether it accepts events; `nil` for a row that was altered.
    public var state: TenantState? { TenantState(rawValue: row.state) }
    /// The tenant that it is a clone of.
    public var source: TenantID? { row.source }
}

extension Ledger {
    /// All tenants, oldest first; the ledger's own comes before them, with slot 0.
    ///
    /// - Complexity: one look-up of a key and one opened name per tenant.
    public func tenants() async throws(Problem) -> [TenantSummary] {
        var summaries: [TenantSummary] = []
        for row in try await registry.list() {
            summaries.append(TenantSummary(row, name: try await registry.name(of: row)))
        }
        return summaries
    }
}

extension Tenant {
    /// The tenant and the head of its log as they are now.
    public func summary() async throws(Problem) -> TenantSummary {
        TenantSummary(try await ledger.registry.find(name), name: name)
    }
}
