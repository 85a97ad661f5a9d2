// tally approval sign and submit: a signature that is made where no database is.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct ApprovalSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a request in a file, without a database; then tally approval submit.",
        discussion: """
            Examples:
              tally approval sign --to-sign request.json --operator-key bob.pem > signed.json
              tally approval sign --to-sign request.json --passkey 4be1…77ad > asked.json
              tally approval sign --to-sign asked.json --assertion answer.json > signed.json

            Read the file first: tally approval show --offline request.json. For a passkey the
            file is prepared: its challenge goes to navigator.credentials.get on a page of the
            passkey's site, and what that returns, as JSON, is the answer. A signature counts if
            it is submitted within a day.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: SignerKeyOption
    @OptionGroup(title: "Connection") var ledger: LedgerOptions

    @Argument(help: "A request of the ledger, which is signed as approve does.")
    var request: String?

    @Option(help: ArgumentHelp("The request, as tally approval show writes it.", valueName: "file"))
    var toSign: String?

    @Option(
        help: ArgumentHelp("Prepare it for the passkey of this id.", valueName: "operator"),
        transform: OperatorID.parse
    )
    var passkey: OperatorID?

    @Option(help: ArgumentHelp("What the passkey has answered, as JSON.", valueName: "file"))
    var assertion: String?

    func validate() throws {
        guard (request == nil) != (toSign == nil) else {
            throw ValidationError("give --to-sign FILE, as tally approval show --to-sign writes it")
        }
        let keys = [signer.ownerKey, signer.signer.operatorKey].compactMap { $0 }.count
        guard keys + (passkey == nil ? 0 : 1) + (assertion == nil ? 0 : 1) == 1 else {
            throw ValidationError("give one of --operator-key, --owner-key, --passkey, --assertion")
        }
    }

    func run() async throws {
        guard let toSign else {
            let (id, key) = (try DecisionID.parse(request ?? ""), try signer.requireKey())
            return try await ledger.open { try await ApproveCommand.approve(id, key, $0, output) }
        }
        let request = try SigningFile.read(toSign)
        let now = Instant(Date())
        Talk.say("to \(request.sentence)")
        if let passkey {
            let prepared = request.prepared(for: passkey, at: now)
            Talk.say("challenge: \(Base64URL.encode(prepared.challenge ?? []))")
            return SigningFile.write(prepared)
        }
        if let assertion {
            let answer = try PasskeyAnswer.read(assertion)
            return SigningFile.write(
                try request.answered(
                    withAuthenticatorData: answer.authenticatorData,
                    clientData: answer.clientData,
                    signature: answer.signature
                )
            )
        }
        SigningFile.write(try request.signed(by: signer.requireKey(), at: now))
    }
}

struct ApprovalSubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Take a request that was signed elsewhere.",
        discussion: """
            Examples:
              tally approval submit signed.json
              tally approval submit signed.json -o json
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Connection") var ledger: LedgerOptions

    @Argument(help: "The file that tally approval sign has written; - reads standard input.")
    var file: String

    func run() async throws {
        let request = try SigningFile.read(file)
        try await ledger.open { ledger in
            let state = try await ledger.decisions.submit(request)
            try DecisionView.show(request.id, state, output)
        }
    }
}

/// What a browser's `PublicKeyCredential.toJSON()` gives for an answer.
private struct PasskeyAnswer {
    let authenticatorData: [UInt8]
    let clientData: [UInt8]
    let signature: [UInt8]

    static func read(_ path: String) throws -> PasskeyAnswer {
        let text = try ByteSource.contents(of: path, limit: InputLimits.signingBytes)
        let response = (try? JSONReader.parse(text))?.objectValue?["response"]?.objectValue
        func bytes(_ name: JSONString) -> [UInt8]? {
            response?[name]?.stringValue.flatMap(Base64URL.decode)
        }
        guard let authenticator = bytes("authenticatorData"), let client = bytes("clientDataJSON"),
            let signature = bytes("signature")
        else {
            throw Problem(
                .invalid,
                "\(path): not the answer of a passkey",
                hint: "give what PublicKeyCredential.toJSON() returns in the browser"
            )
        }
        return PasskeyAnswer(
            authenticatorData: authenticator,
            clientData: client,
            signature: signature
        )
    }
}

/// RFC 4648, section 5, without padding.
private enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    static func decode(_ text: String) -> [UInt8]? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map { [UInt8]($0) }
    }
}
