// The flags of commands that operators decide about: who asks, and whether to ask back.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

/// Who signs a decision.
struct OperatorKeyOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("Your private key, Ed25519 in PEM form.", valueName: "file")
    )
    var operatorKey: String?

    /// The key, if one was given.
    func key() throws -> OperatorKey? {
        try operatorKey.map(PEMFile.privateKey)
    }
}

/// Who signs a decision that owners of a tenant's data can take, too.
struct SignerKeyOption: ParsableArguments {
    @OptionGroup var signer: OperatorKeyOption

    @Option(
        help: ArgumentHelp(
            "Your private key as an owner of the tenant's data.",
            valueName: "file"
        )
    )
    var ownerKey: String?

    func validate() throws {
        guard ownerKey == nil || signer.operatorKey == nil else {
            throw ValidationError("sign as one: give --operator-key or --owner-key")
        }
    }

    /// The key, if one was given.
    func key() throws -> OperatorKey? {
        try ownerKey.map(PEMFile.privateKey) ?? signer.key()
    }

    /// The key, which must have been given.
    func requireKey() throws -> OperatorKey {
        guard let key = try key() else {
            throw Problem(
                .approvalRequired,
                "a signature needs a key",
                hint: "give --operator-key FILE, or --owner-key FILE for a tenant of yours"
            )
        }
        return key
    }
}

/// A public key in a file.
struct PublicKeyOption: ParsableArguments {
    @Option(help: ArgumentHelp("The public key in PEM form.", valueName: "file"))
    var publicKey: String

    @OptionGroup var passkey: RelyingPartyOption

    func key() throws -> SignerKey { try PEMFile.publicKey(publicKey, passkey.relyingParty) }
}

/// What makes a public key that of a passkey.
struct RelyingPartyOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "For a passkey: the web site that it belongs to, as in id.example.com.",
            valueName: "domain"
        )
    )
    var relyingParty: String?
}

/// Keys in files.
enum PEMFile {
    static func publicKey(_ path: String, _ relyingParty: String? = nil) throws -> SignerKey {
        let bytes = try read(path)
        do throws(Problem) {
            return try SignerKey(pem: bytes, relyingParty: relyingParty)
        } catch {
            throw Problem(error.code, "\(path): \(error.message)", hint: error.remedy)
        }
    }

    static func privateKey(_ path: String) throws -> OperatorKey {
        let bytes = try read(path)
        do throws(CryptoError) {
            return try OperatorKey(Ed25519PrivateKey(pem: bytes))
        } catch {
            throw problem(path, error)
        }
    }

    /// The bytes of a key file.
    static func read(_ path: String) throws(Problem) -> [UInt8] {
        try ByteSource.contents(of: path, limit: InputLimits.pemBytes)
    }

    static func problem(_ path: String, _ error: CryptoError) -> Problem {
        Problem(
            .invalid,
            "\(path): \(error)",
            hint: "make one: openssl genpkey -algorithm ed25519 -out me.pem; "
                + "openssl pkey -in me.pem -pubout -out me.pub"
        )
    }
}

/// Asks back before something that changes much.
struct ConfirmOptions: ParsableArguments {
    @Flag(help: "Do not ask back; an approval is still needed.")
    var yes = false

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    /// Whether to go on: says what would happen, and asks on a terminal.
    ///
    /// - Throws: a usage error without a terminal, naming the flag; exit 2 for a no.
    func proceed(_ plan: String) throws -> Bool {
        if dryRun {
            Talk.say("would \(plan)")
            return false
        }
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("there is no terminal to ask on: give --yes to \(plan)")
        }
        Talk.ask(plan)
        guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
            throw ExitStatus(code: 2)
        }
        return true
    }
}

extension DecisionID {
    /// Reads the id of a request.
    ///
    /// - Throws: `invalid` for anything but 32 hexadecimal digits.
    static func parse(_ text: String) throws -> DecisionID {
        guard let id = DecisionID(text) else {
            throw Problem(
                .invalid,
                "not the id of a request",
                hint: "it has 32 hexadecimal digits: tally approval list"
            )
        }
        return id
    }
}
