// What the ledger holds about one person (GDPR Art. 15 and 20).

public import TallyCore
public import TallyDecisions

/// Finds and exports what is held about a subject: the rights of GDPR Articles 15 and 20.
public struct Subjects: Sendable {
    let context: DecisionContext

    /// The tenants in which the subject has or had keys.
    ///
    /// - Complexity: one look-up a tenant.
    public func find(_ subject: String) async throws(Problem) -> [SubjectPlace] {
        try await SubjectSearch(context).find(subject)
    }

    /// Requires that the subject has or had a key in a tenant: of one that no event names nothing
    /// can be erased or held back, so the name was most likely mistyped.
    ///
    /// - Parameters:
    ///   - subject: the subject's name.
    ///   - classes: retention classes, one of which must be known too; empty for all.
    ///   - tenant: whose subject.
    /// - Throws: `notFound`; give the name as events do.
    public func requireKnown(
        _ subject: String,
        classes: [String] = [],
        in tenant: Tenant
    ) async throws(Problem) {
        try await SubjectSearch(context)
            .requireKnown(subject, classes: classes, in: (tenant.id, tenant.name))
    }

    /// Every section about the subject that can be read, in the order of the log.
    ///
    /// Complete by construction: sections are found by the key that sealed them, the trail is
    /// caught up first, and events that it left out are looked at one by one.
    /// - Throws: `projectionBehind` when an event stops the trail far before the end.
    /// - Complexity: O(events with the subject).
    public func sections(
        of subject: String,
        in tenant: Tenant
    ) async throws(Problem) -> [SubjectSection] {
        try await SubjectSearch(context).sections(of: subject, in: tenant.id)
    }
}

extension Ledger {
    /// What this ledger holds about people.
    public var subjects: Subjects { Subjects(context: decisionContext) }
}
