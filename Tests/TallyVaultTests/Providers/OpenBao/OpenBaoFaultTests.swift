// What is said when OpenBao does not answer as it should, and that the token is in none of it.

import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Testing

@Suite struct OpenBaoFaultTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    /// A provider with a token that would be recognised in an error.
    private func provider(
        _ address: String,
        mount: String = OpenBaoServer.mount,
        token: String = "s.SECRET-token"
    ) throws -> OpenBaoTransitKEKProvider {
        try scratch.write(Array(token.utf8), as: "token")
        return try OpenBaoTransitKEKProvider(
            address: address,
            mount: mount,
            tokenFile: "\(scratch.path)/token",
            ledger: .random()
        )
    }

    /// Every operation fails with the code, and says each of the words but not the token.
    private func expectFailure(
        _ provider: OpenBaoTransitKEKProvider,
        _ code: VaultError.Code,
        _ words: [String]
    ) async throws {
        let key = try SecretKey.random()
        let blob = [UInt8](repeating: 1, count: 64)
        let operations: [@Sendable () async throws -> Void] = [
            { try await provider.create(epoch: 1) },
            { _ = try await provider.state(epoch: 1) },
            { _ = try await provider.wrap(key, epoch: 1, context: []) },
            { _ = try await provider.unwrap(blob, epoch: 1, context: []) },
            { _ = try await provider.destroy(epoch: 1) },
        ]
        for operation in operations {
            let error = await #expect(throws: VaultError(code, "")) { try await operation() }
            let text = error?.description ?? ""
            #expect(words.allSatisfy(text.contains), "\(text)")
            #expect(!text.contains("SECRET"))
        }
    }

    @Test func aTokenThatTheServerDoesNotKnowIsRefused() async throws {
        let address = try OpenBaoServer.shared.get().address
        try await expectFailure(provider(address), .provider, [address, "\(scratch.path)/token"])
    }

    @Test func theTokenIsReadAgainForEachRequest() async throws {
        let server = try OpenBaoServer.shared.get()
        let provider = try provider(server.address)
        await #expect(throws: VaultError(.provider, "")) { try await provider.state(epoch: 1) }
        try scratch.write(Array(server.token(.service).utf8), as: "token")
        #expect(try await provider.state(epoch: 1) == .absent)
    }

    @Test(arguments: ["", " \n", "SECRET SECRET", "SECRET\r\nX-Other: SECRET", "SECRET\u{e9}"])
    func aFileThatHoldsNoTokenIsNamedAndNotShown(content: String) async throws {
        let address = try OpenBaoServer.shared.get().address
        try await expectFailure(
            provider(address, token: content),
            .provider,
            ["\(scratch.path)/token"]
        )
    }

    @Test func aTokenFileMayHaveItsGreatestSizeAndNotAByteMore() async throws {
        let address = try OpenBaoServer.shared.get().address
        let longest = String(repeating: "x", count: VaultLimits.providerSecretBytes)
        try await expectFailure(provider(address, token: longest), .provider, ["refuses"])
        try await expectFailure(provider(address, token: longest + "x"), .provider, ["at most"])
    }

    @Test func aTokenFileThatIsNotThereIsNamed() async throws {
        let provider = try provider(OpenBaoServer.shared.get().address)
        try FileManager.default.removeItem(atPath: "\(scratch.path)/token")
        try await expectFailure(provider, .provider, ["no token file", "\(scratch.path)/token"])
    }

    @Test func aServerThatIsNotThereIsUnavailable() async throws {
        // Nothing listens on the discard port.
        let address = "http://127.0.0.1:9"
        try await expectFailure(provider(address), .unavailable, [address, "check that it runs"])
    }

    @Test func aSealedServerIsUnavailable() async throws {
        let server = try OpenBaoServer()
        defer { server.stop() }
        _ = try server.run(["operator", "seal"])
        try await expectFailure(
            provider(server.address, token: server.rootToken),
            .unavailable,
            ["sealed", server.address]
        )
    }

    @Test func aMountWithoutTransitIsNotAnEngineWithoutKeys() async throws {
        let server = try OpenBaoServer.shared.get()
        let root = try OpenBaoSite.provider(token: server.rootToken, mount: "nowhere")
        try await expectFailure(root, .provider, ["bao secrets enable -path=nowhere transit"])
    }

    @Test func nothingIsWrappedByAnEngineOfAnotherKind() async throws {
        let server = try OpenBaoServer.shared.get()
        _ = try server.run(["secrets", "enable", "-path=shelf", "-version=1", "kv"])
        let provider = try OpenBaoSite.provider(token: server.rootToken, mount: "shelf")
        await #expect(throws: VaultError(.provider, "")) { try await provider.create(epoch: 1) }
        await #expect(throws: VaultError(.provider, "")) {
            try await provider.wrap(SecretKey.random(), epoch: 1, context: [])
        }
        #expect(throws: (any Error).self) { try server.run(["list", "shelf/encrypt"]) }
    }

    @Test(arguments: ["301 Moved Permanently", "307 Temporary Redirect"])
    func theTokenDoesNotFollowARedirect(status: String) async throws {
        let answerer = try OneAnswerServer(
            "HTTP/1.1 \(status)\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n"
        )
        let provider = try provider(answerer.address)
        await #expect(throws: VaultError(.provider, "")) { try await provider.state(epoch: 1) }
        let requests = answerer.stop()
        #expect(requests.count == 1)
        #expect(!requests.contains { $0.contains("/elsewhere") })
    }

    @Test(arguments: [
        ("200 OK", "{}", VaultError.Code.provider), ("200 OK", "<html>", .provider),
        ("204 No Content", "", .provider), ("400 Bad Request", #"{"errors":["x"]}"#, .provider),
        ("404 Not Found", "<html>", .provider), ("418 Teapot", "", .provider),
        ("429 Too Many Requests", "", .unavailable), ("502 Bad Gateway", "", .unavailable),
    ])
    func anAnswerThatIsNotOfTransitIsNoKEK(
        status: String,
        body: String,
        code: VaultError.Code
    ) async throws {
        let answerer = try OneAnswerServer(
            "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
        )
        try await expectFailure(provider(answerer.address), code, [answerer.address])
        #expect(!answerer.stop().isEmpty)
    }

    @Test func anAnswerBeyondTheBoundIsNotRead() async throws {
        let length = VaultLimits.providerAnswerBytes * 8
        let answerer = try OneAnswerServer(
            "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\nConnection: close\r\n\r\n"
                + String(repeating: " ", count: length)
        )
        let provider = try provider(answerer.address)
        let error = await #expect(throws: VaultError(.unavailable, "")) {
            try await provider.state(epoch: 1)
        }
        #expect(error?.message.contains("\(VaultLimits.providerAnswerBytes) bytes") == true)
        #expect(answerer.stop().count == 1)
    }

    @Test(arguments: [
        ("http://bao.example:8200", "tally"), ("bao.example:8200", "tally"), ("", "tally"),
        ("https://", "tally"), ("https://user@bao.example", "tally"),
        ("https://bao.example/ui", "tally"), ("https://bao.example?x", "tally"),
        ("ftp://bao.example", "tally"), ("https://bao.example", ""),
        ("https://bao.example", "/tally"), ("https://bao.example", "tally/"),
        ("https://bao.example", "../sys"), ("https://bao.example", "a b"),
    ])
    func whatIsNoEngineIsRefusedBeforeAnythingIsSent(address: String, mount: String) {
        #expect(throws: VaultError(.provider, "")) { try provider(address, mount: mount) }
    }

    @Test(arguments: ["https://bao.example:8200/", "https://[::1]:8200", "http://localhost:8200"])
    func whatMayBeAnEngineIsTaken(address: String) throws {
        _ = try provider(address, mount: "namespace/tally-1.0")
    }
}
