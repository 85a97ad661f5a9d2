// Requests as records, and how a command ends whose request waits for somebody else.

internal import TallyCore
internal import TallyCrypto
internal import TallyDecisions
internal import TallyStore
internal import Tallystick

/// Shows requests.
enum DecisionView {
    /// Shows what became of a request; exit 7 when it waits for a signature, of another owner where
    /// an owner has asked.
    static func show(
        _ id: DecisionID,
        _ state: DecisionState,
        _ output: OutputOptions,
        asOwner: Bool = false
    ) throws {
        output.renderer.show(
            [Record([("request", .text(id.hex)), ("state", .word(state.rawValue))])],
            isList: false
        )
        if state == .waiting { try wait(for: id, asOwner: asOwner) }
    }

    /// Says on standard error what a request asks for: the plan itself, in words.
    static func explain(_ id: DecisionID, _ ledger: Ledger) async throws {
        let request = try await ledger.decisions.toSign(id)
        Talk.say("to \(request.sentence)")
        guard let reach = try await ledger.decisions.reach(of: request) else { return }
        Talk.say(
            "it reaches \(count(reach.parts, "section")) in \(count(reach.streams, "stream")), and "
                + "\(count(reach.clones, "clone")); what stays: "
                + reach.stays.joined(separator: ", ")
        )
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Ends a command whose request waits.
    static func wait(for id: DecisionID, asOwner: Bool = false) throws {
        let signer = asOwner ? "owner" : "operator"
        Talk.say(
            "waits for another \(signer): tally approval approve \(id.hex) --\(signer)-key FILE"
        )
        throw ExitStatus(code: 7)
    }

    static func record(
        _ row: DecisionRequest,
        tenant: String?,
        subject: Record.Value
    ) -> Record {
        Record([
            ("request", .text(row.id.hex)), ("action", .word("\(row.action)")),
            ("tenant", .text(tenant ?? row.tenant.hex)), ("state", .word(row.state.rawValue)),
            ("subject", subject),
            ("requested_at", .time(row.requestedAt)),
            ("requester", row.requester == .zero ? .absent : .text(row.requester.hex)),
            ("plan", .json(shown(row.plan))), ("plan_sha256", .text(SHA256.hash(row.plan).hex)),
        ])
    }

    /// A plan with the number of its steps in place of them, which may be many thousands.
    static func shown(_ plan: [UInt8]) -> [UInt8] {
        guard var object = try? JSONReader.parse(plan).objectValue,
            let steps = object["steps"]?.arrayValue
        else { return plan }
        object["steps"] = .number(JSONNumber(steps.count))
        return JSONValue.object(object).canonical()
    }
}
