// What is derived from the log, as operators handle it: how far it has come, whether it is right,
// and what to do about an event that holds it up.

public import TallyCore
public import TallyReplay
internal import TallyStore

/// The projections of a ledger: documents, trail, tables, and those of applications.
public struct Projections: Sendable {
    let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// The projections in the order of their names, each with the version that readers see.
    public func list() async throws(Problem) -> [(name: String, version: Int)] {
        try await ProjectionRunner.versions(ledger.projectors).sorted { $0.key < $1.key }
            .map { (name: $0.key, version: $0.value) }
    }

    /// How far a projection has come with each tenant, in order of slots.
    ///
    /// - Throws: `notFound` when there is none of that name.
    public func progress(of name: String) async throws(Problem) -> [TenantProgress] {
        try await ProjectionRunner.progress(ledger.projectors, name, try await version(of: name))
    }

    /// The live version of a projection.
    ///
    /// - Throws: `notFound`, with the name that was most likely meant.
    package func version(of name: String) async throws(Problem) -> Int {
        let all = try await list()
        if let found = all.first(where: { $0.name == name }) { return found.version }
        let names = all.map(\.name)
        let meant = Nearest.word(to: name, in: names).map { "did you mean \($0)? " } ?? ""
        throw Problem(
            .notFound,
            "there is no projection \(name)",
            hint: "\(meant)the projections are \(names.joined(separator: ", "))"
        )
    }

    /// Takes projections of one tenant forward to the end of its log as it is now.
    ///
    /// - Parameters:
    ///   - names: which, such as `documents` and `trail`.
    ///   - tenant: whose.
    ///   - progress: is told how many events were applied.
    /// - Returns: the event that holds one of them up, if one does; the others go on.
    /// - Throws: `unavailable` when a database cannot be reached; what was applied stays applied.
    public func catchUp(
        _ names: [String],
        of tenant: Tenant,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> ProjectionStop? {
        try await ledger.projectionRunner().catchUp(tenant.id, names, progress: progress)
    }

    /// Builds a projection again from the log, beside the one in use, which readers see until then.
    ///
    /// - Parameters:
    ///   - name: `documents`, `trail` or a table.
    ///   - jobs: pages that are read and opened at a time.
    ///   - progress: is told how many events are done.
    /// - Returns: what was made, and of which tenants not all events could be applied.
    /// - Throws: `notFound` for another name, `unavailable` when a database cannot be reached,
    ///   `invalid` when another rebuild or an erasure came in between; the version in use stays
    ///   then.
    /// - Complexity: O(all events).
    public func rebuild(
        _ name: String,
        jobs: Int = 2,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RebuildReport {
        _ = try await version(of: name)
        let rebuild = ProjectionRebuild(
            readers: ledger.readers,
            projectors: ledger.projectors,
            vault: ledger.vault,
            jobs: jobs
        )
        return try await rebuild.run(name, ledger.registry.list().map(\.id), progress: progress)
    }

    // MARK: - Events that hold a projection up

    /// Lets a projection try the event again that holds it up with a tenant.
    ///
    /// - Returns: the event that holds it up now; `nil` when it goes on.
    public func retry(_ name: String, of tenant: Tenant) async throws(Problem) -> ProjectionStop? {
        _ = try await ProjectionStopping(projectors: ledger.projectors).retry(tenant.id, name)
        return try await catchUp([name], of: tenant)
    }

    /// Lets a projection leave out the event that holds it up with a tenant.
    ///
    /// - Parameters:
    ///   - position: the event's position.
    ///   - name: the projection.
    ///   - tenant: whose.
    ///   - reason: a reference of 1 to 64 letters, digits and `. _ : / # -`, stored in the clear.
    /// - Returns: the position of the event that says so.
    /// - Throws: `notFound` when that event does not hold the projection up.
    public func skip(
        _ position: Int,
        in name: String,
        of tenant: Tenant,
        reason: String
    ) async throws(Problem) -> Int {
        try await ProjectionStopping(projectors: ledger.projectors)
            .skip(tenant.id, name, position, reason: reason, operators: ledger.operators)
    }

    /// Takes a skip back: the event is applied, in table projections too.
    ///
    /// - Returns: the position of the event that says so.
    public func unskip(
        _ position: Int,
        in name: String,
        of tenant: Tenant,
        reason: String
    ) async throws(Problem) -> Int {
        let unskip = try await ledger.projectionRunner().unskipping()
        return try await unskip.run(
            tenant.id,
            name,
            position,
            reason: reason,
            operators: ledger.operators
        )
    }

    /// Forgets a projection that nobody wants any more; the table of a table projection is dropped.
    ///
    /// - Returns: whether it had a table; those of an application's own are its to drop.
    /// - Throws: `notFound` when there is none of that name, `forbidden` for a built-in one.
    public func remove(_ name: String) async throws(Problem) -> Bool {
        let registry = TableRegistry(projectors: ledger.projectors)
        let isTable = try await registry.find(name) != nil
        try await ProjectionStopping.remove(name, operators: ledger.operators)
        return isTable
    }
}

extension Ledger {
    /// What is derived from this ledger's logs.
    public var projections: Projections { Projections(self) }
}
