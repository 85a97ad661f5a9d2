// tally approval show: what a signature would be for, here or on a machine without a database.

internal import ArgumentParser
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

struct ApprovalShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a request in words, or write it to a file that is signed elsewhere.",
        discussion: """
            Examples:
              tally approval show 9f02…11c4
              tally approval show 9f02…11c4 --to-sign > request.json
              tally approval show --offline request.json

            The words are made from the plan whose hash is signed. Where the keys are at hand
            the subject's name is compared with the plan's tag: it cannot be somebody else's. The
            file has that name: it is personal data.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Connection") var ledger: LedgerOptions

    @Argument(help: "The request's id, 32 hexadecimal digits.")
    var request: String?

    @Option(help: ArgumentHelp("Read a request from a file, and no database.", valueName: "file"))
    var offline: String?

    @Flag(help: "Write everything that is needed to sign it elsewhere, as JSON.")
    var toSign = false

    func validate() throws {
        guard (request == nil) != (offline == nil) else {
            throw ValidationError("name a request, or give --offline FILE")
        }
        guard offline == nil || !toSign else {
            throw ValidationError("a file is written of a request in the ledger: name it")
        }
    }

    func run() async throws {
        if let offline {
            return output.renderer.show(
                [Self.record(try SigningFile.read(offline), nil)],
                isList: false
            )
        }
        let id = try DecisionID.parse(request ?? "")
        try await ledger.open { ledger in
            let request = try await ledger.decisions.toSign(id)
            if toSign { return SigningFile.write(request) }
            let reach = try await ledger.decisions.reach(of: request)
            output.renderer.show([Self.record(request, reach)], isList: false)
        }
    }

    private static func record(_ request: SigningRequest, _ reach: DecisionReach?) -> Record {
        let counts: [(String, Record.Value)] = [
            ("parts", reach.map { .integer($0.parts) } ?? .absent),
            ("streams", reach.map { .integer($0.streams) } ?? .absent),
            ("clones", reach.map { .integer($0.clones) } ?? .absent),
            ("stays", reach.map { .text($0.stays.joined(separator: ", ")) } ?? .absent),
        ]
        return Record(
            [
                ("request", .text(request.id.hex)), ("says", .text("to \(request.sentence)")),
                ("tenant", .text(request.tenantName)),
                ("subject", request.subject.map { .text($0) } ?? .absent),
                ("requester", .text(request.draft.requester.hex)),
                ("signed", .text(request.isSigned ? "yes" : "no")),
                ("plan", .json(DecisionView.shown(request.plan))),
                ("plan_sha256", .text(SHA256.hash(request.plan).hex)),
            ] + counts
        )
    }
}

/// Requests in files.
enum SigningFile {
    /// Reads a request.
    ///
    /// - Throws: `invalid` for anything else.
    static func read(_ path: String) throws -> SigningRequest {
        try SigningRequest(
            decoding: ByteSource.contents(of: path, limit: InputLimits.signingBytes)
        )
    }

    static func write(_ request: SigningRequest) {
        Page.line(String(decoding: request.encoded(), as: UTF8.self))
    }
}
