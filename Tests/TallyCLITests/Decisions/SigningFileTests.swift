// Signing where no database is: by a key in a file, and by a passkey whose answer a browser gives.

import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@Suite(.database)
struct SigningFileTests {
    /// Alice with a key in a file, Bob with one and a passkey on P-256, and a hold that waits.
    private struct Desk {
        let keys: KeyFolder
        let request: String

        init() throws {
            keys = try KeyFolder("alice", "bob")
            try keys.addPasskey("passkey")
            for name in ["alice", "bob"] {
                let added = try Self.tally("operator add --public-key \(keys.public(name))")
                #expect(added.status == 0, "\(added.errors)")
            }
            #expect(try Self.tally("tenant create acme").status == 0)
            let held = try Self.tally(
                "hold place acme --review +90d --operator-key \(keys.private("alice")) -o id"
            )
            #expect(held.status == 7, "\(held.errors)")
            request = held.output.split(separator: "\n").joined()
        }

        static func tally(
            _ words: String,
            _ environment: [String: String]? = nil
        ) throws
            -> TallyProcess
        {
            try TallyProcess.run(
                words.split(separator: " ").map(String.init),
                environment: environment
            )
        }

        /// Where there is no ledger at all.
        func elsewhere(_ words: String) throws -> TallyProcess {
            try Self.tally(words, ["PATH": "/usr/bin:/bin"])
        }

        /// Writes the request to a file.
        func export() throws -> String {
            let written = try Self.tally("approval show \(request) --to-sign")
            #expect(written.status == 0, "\(written.errors)")
            try keys.write(written.output, to: "request.json")
            return keys.path("request.json")
        }
    }

    @Test func aKeyInAFileSignsWithoutADatabase() throws {
        let desk = try Desk()
        defer { desk.keys.remove() }
        let file = try desk.export()
        let shown = try desk.elsewhere("approval show --offline \(file)")
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.contains("to hold back every erasure of everybody in acme"))
        let signed = try desk.elsewhere(
            "approval sign --to-sign \(file) --operator-key \(desk.keys.private("bob"))"
        )
        #expect(signed.status == 0, "\(signed.errors)")
        #expect(signed.errors.contains("to hold back"))
        try desk.keys.write(signed.output, to: "signed.json")
        let taken = try Desk.tally("approval submit \(desk.keys.path("signed.json"))")
        #expect(taken.status == 0 && taken.output.contains("applied"), "\(taken.errors)")
        let again = try Desk.tally("approval submit \(desk.keys.path("signed.json"))")
        #expect(again.status == 4, "\(again.errors)")
    }

    @Test func aPasskeySignsWhatItsPageIsGiven() throws {
        let desk = try Desk()
        defer { desk.keys.remove() }
        let keys = desk.keys
        let asked = try Desk.tally(
            "operator add --public-key \(keys.public("passkey")) --relying-party id.example.com "
                + "--person \(try Self.bob()) --operator-key \(keys.private("alice")) -o jsonl"
        )
        #expect(asked.status == 7, "\(asked.errors)")
        let added = try #require(try asked.lines().first)
        let request = try #require(added["request"]?.stringValue)
        let passkey = try #require(added["operator"]?.stringValue)
        let approve = "approval approve \(request) --operator-key"
        #expect(try Desk.tally("\(approve) \(keys.private("bob"))").status == 0)

        let file = try desk.export()
        let prepared = try desk.elsewhere("approval sign --to-sign \(file) --passkey \(passkey)")
        #expect(prepared.status == 0, "\(prepared.errors)")
        let challenge = try #require(Self.challenge(prepared.errors))
        try keys.write(prepared.output, to: "asked.json")
        let client = Passkey.clientData(challenge, "id.example.com")
        let authenticator = Passkey.authenticatorData("id.example.com")
        let signature = try keys.sign(authenticator + SHA256.hash(client).bytes, as: "passkey")
        try keys.write(
            """
            {"response":{"authenticatorData":"\(Passkey.base64URL(authenticator))",
            "clientDataJSON":"\(Passkey.base64URL(client))","signature":"\(Passkey.base64URL(signature))"}}
            """,
            to: "answer.json"
        )
        let signed = try desk.elsewhere(
            "approval sign --to-sign \(keys.path("asked.json")) "
                + "--assertion \(keys.path("answer.json"))"
        )
        #expect(signed.status == 0, "\(signed.errors)")
        try keys.write(signed.output, to: "signed.json")
        let taken = try Desk.tally("approval submit \(keys.path("signed.json"))")
        #expect(taken.status == 0 && taken.output.contains("applied"), "\(taken.errors)")
        #expect(try Desk.tally("verify --allow-missing checkpoints,witnesses").status == 0)
    }

    private static func bob() throws -> String {
        let operators = try Desk.tally("operator list -o id").output.split(separator: "\n")
        return String(try #require(operators.last))
    }

    private static func challenge(_ errors: String) -> [UInt8]? {
        let line = errors.split(separator: "\n").first { $0.hasPrefix("challenge: ") }
        let text = line?.dropFirst("challenge: ".count).replacing("-", with: "+")
            .replacing("_", with: "/")
        return text.flatMap { Data(base64Encoded: $0 + "=") }.map { [UInt8]($0) }
    }

    @Test func otherFilesAndKeysAreRefusedByName() throws {
        let desk = try Desk()
        defer { desk.keys.remove() }
        let (keys, file) = (desk.keys, try desk.export())
        try keys.write("{}", to: "empty.json")
        let alice = "--operator-key \(keys.private("alice"))"
        for (words, status) in [
            ("approval show --offline \(keys.path("empty.json"))", 1),
            ("approval show --offline \(keys.path("nowhere.json"))", 5),
            ("approval show", 64), ("approval show x --offline \(file)", 64),
            ("approval sign --to-sign \(file)", 64),
            ("approval sign --to-sign \(file) \(alice) --passkey \(desk.request)", 64),
            ("approval sign --to-sign \(file) --assertion \(keys.path("empty.json"))", 1),
            ("approval sign --to-sign \(file) --passkey no-id", 64),
        ] as [(String, Int32)] {
            let refused = try desk.elsewhere(words)
            #expect(refused.status == status, "\(words): \(refused.status) \(refused.errors)")
            #expect(refused.output.isEmpty, "\(words)")
        }
        let unsigned = try Desk.tally("approval submit \(file)")
        #expect(unsigned.status == 1 && unsigned.errors.contains("nobody has signed"))
        let own = try desk.elsewhere("approval sign --to-sign \(file) \(alice)")
        try keys.write(own.output, to: "own.json")
        #expect(try Desk.tally("approval submit \(keys.path("own.json"))").status == 4)
    }
}
