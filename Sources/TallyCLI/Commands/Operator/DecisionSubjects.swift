// Whom requests are about, in words: plans have tags, and those of releases and readmissions only
// the id of the hold or erasure.

internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// Finds the subjects of decisions.
struct DecisionSubjects {
    private var names: SubjectNames
    private let tags: [DecisionID: BlindTag]

    /// Reads the registers of holds and erasures.
    init(_ ledger: Ledger) async throws {
        names = SubjectNames(ledger.decisionContext)
        var tags: [DecisionID: BlindTag] = [:]
        for hold in try await ledger.decisions.holds(inForceOnly: false) {
            tags[hold.id] = hold.tag
        }
        for erasure in try await ledger.erasures.list() {
            tags[erasure.id] = erasure.scope.subjectTag
        }
        self.tags = tags
    }

    /// The subject of a request: a name, else a tag; absent where it is about a whole tenant.
    mutating func subject(of row: DecisionRequest) async throws -> Record.Value {
        let plan = try? JSONReader.parse(row.plan).objectValue
        let named = ["hold", "erasure"].lazy
            .compactMap { plan?[JSONString($0)]?.stringValue }.compactMap { DecisionID($0) }.first
        let tag = plan?["subject_tag"]?.stringValue.flatMap { BlindTag($0) }
        return try await subject(tag ?? named.flatMap { tags[$0] }, in: row.tenant)
    }

    /// A subject's name, else its tag; absent where there is none.
    mutating func subject(_ tag: BlindTag?, in tenant: TenantID) async throws -> Record.Value {
        guard let tag, tag != .zero else { return .absent }
        return .text(try await names.name(tag, in: tenant) ?? tag.hex)
    }
}
