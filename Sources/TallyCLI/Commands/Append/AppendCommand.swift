// tally append: one event from flags, or many from NDJSON lines.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append events to a tenant.",
        discussion: """
            Examples:
              tally append acme crm/contact/42 contact.created --data '{"stage":"lead"}'
              tally append acme < events.ndjson

            With TENANT alone, each line of standard input is one event, a JSON object whose
            fields are those of the flags: stream, type, operation, data, personal, actor,
            on_behalf_of, occurred_at, correlation, causation, expect, request. Lines with
            request ids can be appended again without repeating an event.

            Lines are stored in their order. A line that is refused ends the import: all before
            it are stored, and none behind it. With --keep-going those behind it are stored,
            too, and the refused ones are listed. -o jsonl gives a receipt for each line.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The tenant's name.", completion: .tenant)
    var tenant: String

    @Argument(help: "The stream, e.g. crm/contact/42: an opaque id, never a person's name.")
    var stream: String?

    @Argument(help: "The event's type, e.g. contact.created.")
    var type: String?

    @Option(help: "put, patch, delete or note.")
    var operation = "put"

    @Option(help: ArgumentHelp("JSON, @FILE, or - for stdin.", valueName: "json"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "A personal section; may be repeated.",
            valueName: "subject=json"
        )
    )
    var personal: [String] = []

    @Option(help: "Who acted, an opaque id.")
    var actor = ""

    @Option(help: "For whom, an opaque id.")
    var onBehalfOf = ""

    @Option(help: "When it happened by your account, RFC 3339.")
    var occurredAt: String?

    @Option(help: "What it belongs to.")
    var correlation = ""

    @Option(help: "What caused it.")
    var causation = ""

    @Option(help: "The version the stream must have: a number, none or any.")
    var expect = "any"

    @Option(help: "An id that makes a retry harmless.")
    var request: String?

    @Flag(help: "Store the lines behind one that is refused, and list the refused ones.")
    var keepGoing = false

    @Flag(help: "Check all that the append would, say what would be done, and do nothing.")
    var dryRun = false

    func validate() throws {
        guard (stream == nil) == (type == nil) else {
            throw ValidationError("give STREAM and TYPE, or neither for NDJSON on stdin")
        }
        guard !keepGoing || stream == nil else {
            throw ValidationError("--keep-going is for NDJSON on stdin, without STREAM and TYPE")
        }
        guard EventArguments.operation(operation) != nil else {
            throw ValidationError("--operation must be put, patch, delete or note")
        }
        guard EventArguments.expectation(expect) != nil else {
            throw ValidationError("--expect must be a number from 1, none or any")
        }
        if let occurredAt, Instant(occurredAt) == nil {
            throw ValidationError("--occurred-at must be RFC 3339, e.g. 2026-11-20T12:00:00Z")
        }
        if stream == nil, isatty(STDIN_FILENO) == 1 {
            throw ValidationError("give STREAM and TYPE, or pipe NDJSON lines in")
        }
    }

    func run() async throws {
        let event = try eventOfFlags()
        try await ledger.open { ledger in
            let tenant = try await ledger.known(tenant)
            guard let event else {
                return try await LineAppend(
                    tenant: tenant,
                    output: output,
                    isRehearsal: dryRun,
                    keepGoing: keepGoing
                ).run()
            }
            let id = request ?? RequestID.draw(at: Micros.now())
            if dryRun { return try await rehearse(event, id, tenant) }
            let receipts = try await append(event, id, tenant)
            output.renderer.show(receipts.map { Self.record($0, request: id) }, isList: false)
        }
    }

    private func append(
        _ event: NewEvent,
        _ id: String,
        _ tenant: Tenant
    ) async throws(Problem) -> [Receipt] {
        do throws(Problem) {
            return try await tenant.append([event], request: id)
        } catch  where error.code == .outcomeUnknown {
            throw Problem(error.code, error.message, hint: "send it again with --request \(id)")
        } catch {
            throw await error.inLine.explained(event, in: tenant)
        }
    }

    private func rehearse(
        _ event: NewEvent,
        _ id: String,
        _ tenant: Tenant
    ) async throws(Problem) {
        var rehearsal = try tenant.rehearsal()
        do throws(Problem) {
            if case .stored(let receipts) = try await rehearsal.judge([event], request: id) {
                let position = receipts.first.map { " as event \($0.position)" } ?? ""
                return Talk.say("would append nothing to \(tenant.name): it is stored\(position)")
            }
        } catch {
            throw error.inLine
        }
        Talk.say("would append 1 event to \(tenant.name)")
    }

    /// The event that the flags describe; `nil` when there is only a tenant.
    private func eventOfFlags() throws(Problem) -> NewEvent? {
        guard let stream, let type else { return nil }
        var event = NewEvent(
            EventArguments.operation(operation) ?? .note,
            stream: stream,
            type: type,
            personal: try EventArguments.personal(personal)
        )
        if let data { event.data = try EventArguments.data(data) }
        event.actor = actor
        event.onBehalfOf = onBehalfOf
        event.occurredAt = occurredAt.flatMap { Instant($0) }
        event.correlation = correlation
        event.causation = causation
        event.expecting = EventArguments.expectation(expect) ?? .any
        return event
    }

    static func record(_ receipt: Receipt, request: String) -> Record {
        Record(fields(receipt, request))
    }

    static func record(_ receipt: Receipt, _ line: InputLine) -> Record {
        Record(fields(receipt, line.request) + [("line", .integer(line.number))])
    }

    private static func fields(_ receipt: Receipt, _ request: String) -> [(String, Record.Value)] {
        [
            ("position", .integer(receipt.position)), ("version", .integer(receipt.version)),
            ("recorded_at", .time(receipt.recordedAt)), ("event_id", .text(receipt.eventID)),
            ("leaf_hash", .text(receipt.leafHash)), ("request", .text(request)),
        ]
    }
}
