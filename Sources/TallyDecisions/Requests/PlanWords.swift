// A plan in words: a signature is asked only for what can be read. Nothing but the plan itself is
// needed, so a machine without a database can say it too.

package import TallyCore

/// Says what a plan asks for.
package struct PlanWords: Sendable {
    private let action: ApprovalAction
    private let plan: JSONObject
    private let tenant: String
    private let subject: String?

    /// Takes the canonical JSON of a plan; `nil` for text that is none of the action.
    ///
    /// - Parameters:
    ///   - plan: what is signed.
    ///   - action: what it is about.
    ///   - tenant: how the tenant is called.
    ///   - subject: how its subject is called; without it the plan's tag stands for the name.
    package init?(_ plan: [UInt8], _ action: ApprovalAction, tenant: String, subject: String?) {
        guard let object = (try? JSONReader.parse(plan))?.objectValue,
            object["action"]?.uint64Value == UInt64(action.rawValue)
        else { return nil }
        (self.plan, self.action, self.tenant) = (object, action, tenant)
        self.subject = subject
    }

    /// One sentence, without an end.
    package var sentence: String {
        switch action {
        case .restore, .undo: restore
        case .subjectErasure:
            "erase \(person) from \(tenant), \(classes), on the ground \(text("ground"))"
        case .tenantErasure:
            "erase the whole tenant \(tenant) on the ground \(text("ground"))"
                + (time("not_before").map { ", not before \($0)" } ?? "")
        case .hold:
            "hold back every erasure of \(person) in \(tenant), to be reviewed on "
                + (time("review_at") ?? "no date")
        case .release: "end the hold \(text("hold")) in \(tenant)"
        case .readmission: "let in again whom the erasure \(text("erasure")) erased from \(tenant)"
        case .operatorChange: operatorChange
        case .ownerChange: ownerChange
        case .skip, .declaration, .refusal: "\(action) in \(tenant)"
        }
    }

    private var restore: String {
        if let undone = plan["undoes"]?.stringValue {
            return "take back the restore \(undone) in \(tenant)"
        }
        let moment = "as of the first \(plan["cut"]?.uint64Value ?? 0) events"
        if plan["clone"] != nil { return "copy \(tenant) \(moment) into a new tenant" }
        let steps = plan["steps"]?.arrayValue?.count ?? 0
        return "bring \(steps) documents of \(tenant) back \(moment)"
    }

    private var operatorChange: String {
        if let ended = plan["operator"]?.stringValue { return "end the operator \(ended)" }
        let person = plan["person"]?.stringValue.map { ", another key of \($0)" } ?? ""
        return "add the operator \(key)\(person)"
    }

    private var ownerChange: String {
        if let ended = plan["owner"]?.stringValue { return "end the owner \(ended) of \(tenant)" }
        let actions = (plan["actions"]?.arrayValue ?? []).compactMap(\.uint64Value)
            .compactMap { ApprovalAction(rawValue: UInt8(clamping: $0)) }.map(Self.subject)
        return "let \(key) own the data of \(tenant) and decide about "
            + actions.joined(separator: ", ")
    }

    private static func subject(of action: ApprovalAction) -> String {
        switch action {
        case .subjectErasure: "the erasure of persons"
        case .tenantErasure: "that of the whole tenant"
        case .ownerChange: "its owners"
        default: "\(action)"
        }
    }

    /// Whose key a plan has, by the id that others know.
    private var key: String {
        (plan["public_key"]?.bytes).flatMap { SignerKey($0) }.map { OperatorID(of: $0).hex }
            ?? "of a key in no known form"
    }

    private var person: String {
        let tag = text("subject_tag")
        if tag.allSatisfy({ $0 == "0" }) { return "everybody" }
        return subject ?? "the subject with the tag \(tag)"
    }

    private var classes: String {
        let names = (plan["classes"]?.arrayValue ?? []).compactMap(\.stringValue)
        return names == ["*"]
            ? "all retention classes"
            : "retention class " + names.map { $0.isEmpty ? "(none)" : $0 }.joined(separator: ", ")
    }

    private func text(_ member: JSONString) -> String { plan[member]?.stringValue ?? "?" }

    private func time(_ member: JSONString) -> String? {
        plan[member]?.uint64Value.map { "\(Instant(micros: $0))" }
    }
}
