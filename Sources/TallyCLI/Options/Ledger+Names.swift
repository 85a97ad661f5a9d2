// Tenants by the names that people type, and the one that was most likely meant.

internal import TallyReplay
internal import TallyStore
internal import Tallystick

extension Ledger {
    /// Of how many tenants the names are opened to find one that is near.
    private static let comparedTenants = 1000

    /// The tenant of that name.
    ///
    /// - Throws: `notFound`, with the name that was most likely meant: whoever runs a command with the keys at
    ///   hand may read them all.
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

    /// The row of the tenant of that name.
    func knownRow(_ name: String) async throws -> TenantRow {
        do throws(StoreError) {
            return try await registry.find(name)
        } catch {
            throw try await explained(Problem(error), name)
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
