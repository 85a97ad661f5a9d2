// What the documented policies allow and what they do not, on a real server, and what keeps a
// destroyed epoch destroyed there.

import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Testing

@Suite struct OpenBaoPolicyTests {
    private let ledger = LedgerID.random()
    private let server: OpenBaoServer
    private let keeper: OpenBaoTransitKEKProvider

    init() throws {
        server = try OpenBaoServer.shared.get()
        keeper = try OpenBaoSite.provider(.keeper, ledger: ledger)
    }

    private func path(_ epoch: Int) -> String {
        "\(OpenBaoServer.mount)/keys/\(OpenBaoSite.keyName(ledger, epoch))"
    }

    private func mark(_ epoch: Int) -> String {
        "\(OpenBaoServer.mount)/keys/destroyed-\(OpenBaoSite.keyName(ledger, epoch))"
    }

    @Test func aServiceWrapsAndUnwrapsButNeitherCreatesNorDestroys() async throws {
        let service = try OpenBaoSite.provider(.service, ledger: ledger)
        await #expect(throws: VaultError(.provider, "")) { try await service.create(epoch: 1) }
        #expect(try await service.state(epoch: 1) == .absent)
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await service.wrap(SecretKey.random(), epoch: 1, context: [1])
        }
        try await keeper.create(epoch: 1)
        let key = try SecretKey.random()
        let blob = try await service.wrap(key, epoch: 1, context: [1])
        #expect(try await service.unwrap(blob, epoch: 1, context: [1]).id == key.id)
        await #expect(throws: VaultError(.provider, "")) { try await service.destroy(epoch: 1) }
        #expect(try await service.state(epoch: 1) == .active)
    }

    @Test(arguments: OpenBaoServer.Policy.allCases)
    func encryptingMakesNoKeyUnderADocumentedPolicy(policy: OpenBaoServer.Policy) throws {
        let token = try server.token(policy)
        let encrypt = path(1).replacing("/keys/", with: "/encrypt/")
        #expect(throws: (any Error).self) {
            try server.run(["write", encrypt, "plaintext=AAAA"], token: token)
        }
        // The root token shows that the engine itself would make one.
        #expect(throws: (any Error).self) { try server.run(["read", path(1)]) }
        _ = try server.run(["write", encrypt, "plaintext=AAAA"])
        _ = try server.run(["read", path(1)])
    }

    @Test func wrappingMakesNoKeyEvenUnderATokenThatMay() async throws {
        let root = try OpenBaoSite.provider(token: server.rootToken, ledger: ledger)
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await root.wrap(SecretKey.random(), epoch: 1, context: [])
        }
        #expect(try await root.state(epoch: 1) == .absent)
        #expect(throws: (any Error).self) { try server.run(["read", path(1)]) }
    }

    @Test func theMarkOfADestroyedEpochCannotBeRemovedByItsKeeper() async throws {
        try await keeper.create(epoch: 1)
        _ = try await keeper.destroy(epoch: 1)
        #expect(throws: (any Error).self) { try server.run(["read", path(1)]) }
        let token = try server.token(.keeper)
        for command in [
            ["write", "\(mark(1))/config", "deletion_allowed=true"], ["delete", mark(1)],
            ["delete", "\(mark(1))/soft-delete"], ["write", mark(1), "exportable=true"],
        ] {
            #expect(throws: (any Error).self) { try server.run(command, token: token) }
        }
        #expect(try await keeper.state(epoch: 1) == .destroyed)
    }

    @Test func aNoteCannotBeRemovedByItsKeeper() async throws {
        try await keeper.leaveNote("owner-1")
        let token = try server.token(.keeper)
        let note = "\(OpenBaoServer.mount)/keys/owner-1-\(ledger.hex)"
        for command in [["write", "\(note)/config", "deletion_allowed=true"], ["delete", note]] {
            #expect(throws: (any Error).self) { try server.run(command, token: token) }
        }
        #expect(try await keeper.hasNote("owner-1"))
        let service = try OpenBaoSite.provider(.service, ledger: ledger)
        #expect(try await service.hasNote("owner-1"))
        await #expect(throws: VaultError(.provider, "")) { try await service.leaveNote("owner-2") }
    }

    @Test func aDestructionThatDiedHalfWayIsADestruction() async throws {
        try await keeper.create(epoch: 1)
        let blob = try await keeper.wrap(SecretKey.random(), epoch: 1, context: [])
        _ = try server.run(["write", mark(1), "type=aes256-gcm96"])
        try await expectDestroyed(blob)
        _ = try server.run(["read", path(1)])
        _ = try await keeper.destroy(epoch: 1)
        #expect(throws: (any Error).self) { try server.run(["read", path(1)]) }
    }

    @Test func aKeyThatACreatorLeftBesideTheMarkIsNotUsed() async throws {
        _ = try await keeper.destroy(epoch: 1)
        _ = try server.run(["write", path(1), "type=aes256-gcm96"])
        try await expectDestroyed([UInt8](repeating: 0, count: 64))
    }

    @Test(arguments: ["exportable=true", "allow_plaintext_backup=true"])
    func aKeyThatCanLeaveTheServerIsNotTaken(option: String) async throws {
        _ = try server.run(["write", path(1), "type=aes256-gcm96", option])
        await #expect(throws: VaultError(.provider, "")) { try await keeper.create(epoch: 1) }
    }

    @Test func aKeyOfAnotherKindIsNotTaken() async throws {
        _ = try server.run(["write", path(1), "type=chacha20-poly1305"])
        await #expect(throws: VaultError(.provider, "")) { try await keeper.create(epoch: 1) }
        await #expect(throws: VaultError(.provider, "")) {
            try await keeper.wrap(SecretKey.random(), epoch: 1, context: [])
        }
    }

    @Test func blobsOfEarlierVersionsOpenAfterARotationOfTheTransitKey() async throws {
        try await keeper.create(epoch: 1)
        let key = try SecretKey.random()
        let first = try await keeper.wrap(key, epoch: 1, context: [])
        _ = try server.run(["write", "-force", "\(path(1))/rotate"])
        let second = try await keeper.wrap(key, epoch: 1, context: [])
        for blob in [first, second] {
            #expect(try await keeper.unwrap(blob, epoch: 1, context: []).id == key.id)
        }
    }

    private func expectDestroyed(_ blob: [UInt8]) async throws {
        #expect(try await keeper.state(epoch: 1) == .destroyed)
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await keeper.wrap(SecretKey.random(), epoch: 1, context: [])
        }
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await keeper.unwrap(blob, epoch: 1, context: [])
        }
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await keeper.create(epoch: 1)
        }
    }
}
