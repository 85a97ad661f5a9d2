// Tenants by the names that people type, and the one that was most likely meant.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

extension Ledger {
    /// Of how many tenants the names are opened to find one that is near.
    private static let comparedTenants = 1000

    /// The tenant of that name.
    ///
    /// - Throws: `notFound`, with the name that was most likely meant: whoever runs a command with
    ///   the keys at hand may read them all.
    func known(_ name: String) async throws -> Tenant {
        do throws(Problem) {
            return try await tenant(named: name)
        } catch {
            throw try await explained(error, name)
        }
    }

    /// The tenant that `--tenant` names; `nil` where it was not given.
    func known(_ name: String?) async throws -> Tenant? {
        guard let name else { return nil }
        return try await known(name) as Tenant
    }

    /// The tenant of that name, or all tenants, each with the number of its events.
    func named(_ name: String?) async throws -> [(tenant: Tenant, size: Int)] {
        if let name {
            let tenant = try await known(name) as Tenant
            return [(tenant, try await tenant.summary().eventCount)]
        }
        return try await tenants().map { summary in
            let name = summary.name ?? summary.id.hex
            return (Tenant(ledger: self, name: name, id: summary.id), summary.eventCount)
        }
    }

    private func explained(_ problem: Problem, _ name: String) async throws -> Problem {
        guard problem.code == .notFound else { return problem }
        var names: [String] = []
        for row in try await registry.list().prefix(Self.comparedTenants) {
            if let name = try await registry.name(of: row) { names.append(name) }
        }
        guard let meant = Nearest.word(to: name, in: names) else { return problem }
        return Problem(.notFound, problem.message, hint: "did you mean \(meant)? tally tenant list")
    }
}
