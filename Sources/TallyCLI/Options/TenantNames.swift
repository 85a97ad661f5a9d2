// Names of tenants for lists whose rows have only their ids.

internal import TallyCore
internal import Tallystick

/// The names of all tenants, each opened once.
struct TenantNames {
    private var names: [TenantID: String] = [:]

    init(_ ledger: Ledger) async throws {
        for tenant in try await ledger.tenants() { names[tenant.id] = tenant.name }
    }

    subscript(id: TenantID) -> String? { names[id] }
}
