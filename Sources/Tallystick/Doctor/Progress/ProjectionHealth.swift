// How far all projections have come, and which have stopped.

package import TallyCore
package import TallyReplay

/// A projection with its progress in every tenant.
package struct ProjectionHealth: Sendable {
    /// Its name.
    package let name: String
    /// Its live version.
    package let version: Int
    /// Where it stands, a tenant each.
    package let progress: [TenantProgress]

    /// The events that it has yet to apply, over all tenants.
    package var behind: Int { progress.reduce(0) { $0 + max(0, $1.size - $1.position) } }
    /// The tenants in which an event stops it.
    package var stopped: [TenantProgress] { progress.filter { $0.stop != nil } }

    /// All projections of a ledger by their names.
    ///
    /// - Throws: what reading throws.
    package static func read(_ ledger: Ledger) async throws(Problem) -> [ProjectionHealth] {
        var found: [ProjectionHealth] = []
        let versions = try await ProjectionRunner.versions(ledger.projectors)
        for (name, version) in versions.sorted(by: { $0.key < $1.key }) {
            let progress = try await ProjectionRunner.progress(ledger.projectors, name, version)
            found.append(ProjectionHealth(name: name, version: version, progress: progress))
        }
        return found
    }
}
