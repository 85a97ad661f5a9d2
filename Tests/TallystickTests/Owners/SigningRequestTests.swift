// A request in a file: it says what its plan says, and whoever changes the file is found out.

import Foundation
import TallyCore
import TallyCrypto
import TallyDecisions
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct SigningRequestTests {
    /// An erasure that waits for its second signature.
    private func withRequest(
        _ body: (Ledger, TwoOperators, SigningRequest) async throws -> Void
    ) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let asked = try await ledger.erasures.request(
                subject: "maria",
                of: acme,
                ground: "art17-1-b",
                by: operators.asking
            )
            try await body(ledger, operators, try await ledger.decisions.toSign(asked.id))
        }
    }

    private static func changed(
        _ request: SigningRequest,
        _ member: JSONString,
        _ value: JSONValue?
    ) throws -> [UInt8] {
        var object = try #require(JSONReader.parse(request.encoded()).objectValue)
        object[member] = value
        return JSONValue.object(object).canonical()
    }

    @Test func aFileIsReadAsItWasWritten() async throws {
        try await withRequest { ledger, operators, request in
            #expect(request.sentence.hasPrefix("erase maria from acme, all retention classes"))
            let reach = try await ledger.decisions.reach(of: request)
            #expect(reach?.parts == 3)
            #expect(reach?.streams == 2)
            #expect(reach?.clones == 0)
            let now = Instant(Date())
            for file in [
                request, request.prepared(for: operators.approving.id, at: now),
                try request.signed(by: operators.approving, at: now),
            ] {
                let read = try SigningRequest(decoding: file.encoded())
                #expect(read.encoded() == file.encoded())
                #expect(read.sentence == file.sentence)
                #expect(read.isSigned == file.isSigned)
                #expect(read.challenge == file.challenge)
            }
        }
    }

    @Test func whatWasSignedElsewhereIsTakenOnce() async throws {
        try await withRequest { ledger, operators, request in
            let unsigned = await problemCode { _ = try await ledger.decisions.submit(request) }
            #expect(unsigned == .invalid)
            let own = try request.signed(by: operators.asking, at: Instant(Date()))
            #expect(
                await problemCode { _ = try await ledger.decisions.submit(own) } == .forbidden
            )
            let old = try request.signed(
                by: operators.approving,
                at: Instant(micros: Micros.now() - 25 * 3_600_000_000)
            )
            #expect(
                await problemCode { _ = try await ledger.decisions.submit(old) } == .forbidden,
                "a signature is submitted within a day"
            )
            let file = try request.signed(by: operators.approving, at: Instant(Date())).encoded()
            let read = try SigningRequest(decoding: file)
            #expect(try await ledger.decisions.submit(read) == .approved)
            #expect(
                await problemCode { _ = try await ledger.decisions.submit(read) } == .forbidden
            )
        }
    }

    @Test func aFileThatSomebodyChangedIsRefused() async throws {
        try await withRequest { ledger, operators, request in
            let signed = try request.signed(by: operators.approving, at: Instant(Date()))
            let plan = String(decoding: request.plan, as: UTF8.self)
                .replacing("art17-1-b", with: "art17-1-x")
            let members: [JSONString: JSONValue] = [
                "plan": .hex(Array(plan.utf8)), "tenant": .hex(TenantID.random().bytes),
                "request": .hex(DecisionID.random().bytes),
                "requester": .hex(OperatorID.random().bytes),
                "ledger": .hex(LedgerID.random().bytes), "head": .hex(SHA256.hash([]).bytes),
            ]
            for (name, value) in members {
                let file = try Self.changed(signed, name, value)
                let problem = #expect(throws: Problem.self, "\(name)") {
                    _ = try SigningRequest(decoding: file)
                }
                #expect(problem?.code == .forbidden, "\(name)")
                // Changed before it was signed: the ledger has another request than that.
                let unsigned = try SigningRequest(decoding: Self.changed(request, name, value))
                let lured = try unsigned.signed(by: operators.approving, at: Instant(Date()))
                let code = await problemCode { _ = try await ledger.decisions.submit(lured) }
                #expect(code == .forbidden || code == .notFound, "\(name)")
            }
            for name in members.keys {
                #expect(throws: Problem.self, "\(name)") {
                    _ = try SigningRequest(decoding: Self.changed(signed, name, nil))
                }
            }
        }
    }

    @Test func otherTextIsNoRequest() {
        for text in ["", "{}", "[]", #"{"plan":"00"}"#, "{", "\u{0}"] {
            #expect(throws: Problem.self, "\(text)") {
                _ = try SigningRequest(decoding: Array(text.utf8))
            }
        }
    }
}
