// What every holder of KEKs must do, tried on each: a new provider is one more case of
// ProviderKind and passes all of this or is not one.

import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Testing

/// The providers that there are.
enum ProviderKind: CaseIterable, Sendable {
    case file, memory, openBao, pkcs11

    /// A provider without any KEK; a directory lives as long as the caller keeps it.
    func make(_ directory: ScratchDirectory) throws -> any KEKProvider {
        switch self {
        case .file:
            try FileKEKProvider(directory: "\(directory.path)/kek", ledger: .random())
        case .memory: InMemoryKEKProvider()
        case .openBao: try OpenBaoSite.provider(.keeper)
        case .pkcs11: try PKCS11Site.provider()
        }
    }
}

@Suite struct ProviderConformanceTests {
    private let directory: ScratchDirectory
    private let context: [UInt8] = [1, 2, 3]

    init() throws {
        directory = try ScratchDirectory()
    }

    @Test(arguments: ProviderKind.allCases)
    func aKEKIsAbsentThenActiveThenDestroyedForGood(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        #expect(try await provider.state(epoch: 1) == .absent)
        try await provider.create(epoch: 1)
        #expect(try await provider.state(epoch: 1) == .active)
        #expect(try await provider.state(epoch: 2) == .absent)
        let receipt = try await provider.destroy(epoch: 1)
        #expect(receipt.provider == provider.name)
        #expect(receipt.epoch == 1)
        #expect(receipt.assurance == provider.destructionAssurance)
        #expect(!receipt.assurance.isEmpty)
        #expect(try await provider.state(epoch: 1) == .destroyed)
        _ = try await provider.destroy(epoch: 1)
        #expect(try await provider.state(epoch: 1) == .destroyed)
    }

    @Test(arguments: ProviderKind.allCases)
    func aNoteIsThereForGoodOnceItWasLeft(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        #expect(try await !provider.hasNote("owner-1"))
        for _ in 0..<2 { try await provider.leaveNote("owner-1") }
        try await provider.create(epoch: 1)
        _ = try await provider.destroy(epoch: 1)
        #expect(try await provider.hasNote("owner-1"))
        #expect(try await !provider.hasNote("owner-11"))
        #expect(try await !provider.hasNote("owner"))
        let elsewhere = try ScratchDirectory()
        let other = try kind.make(elsewhere)
        #expect(try await !other.hasNote("owner-1"), "another ledger's notes are its own")
        withExtendedLifetime(elsewhere) {}
    }

    @Test(arguments: ProviderKind.allCases)
    func aKEKIsHeldAsLongAsItIsThere(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        #expect(try await !provider.holds(epoch: 1))
        try await provider.create(epoch: 1)
        #expect(try await provider.holds(epoch: 1))
        _ = try await provider.destroy(epoch: 1)
        #expect(try await !provider.holds(epoch: 1))
    }

    @Test(arguments: ProviderKind.allCases)
    func creatingAgainKeepsTheKEKThatIsThere(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        try await provider.create(epoch: 1)
        let key = try SecretKey.random()
        let blob = try await provider.wrap(key, epoch: 1, context: context)
        try await provider.create(epoch: 1)
        let found = try await provider.unwrap(blob, epoch: 1, context: context)
        #expect(found.id == key.id)
    }

    @Test(arguments: ProviderKind.allCases)
    func manyCreatorsMakeOneKEK(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        let key = try SecretKey.random()
        let context = context
        let blobs = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await provider.create(epoch: 9)
                    return try await provider.wrap(key, epoch: 9, context: context)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for blob in blobs {
            let found = try await provider.unwrap(blob, epoch: 9, context: context)
            #expect(found.id == key.id)
        }
        #expect(Set(blobs).count == 16, "a nonce is used once")
        #expect(blobs.allSatisfy { FormatLimits.providerBlob.contains($0.count) })
    }

    @Test(arguments: ProviderKind.allCases)
    func nothingIsWrappedWithoutAKEK(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        try await expectRefused(provider, [1], .wrongKEK)
        try await provider.create(epoch: 1)
        try await expectRefused(provider, [0, 2, .max], .wrongKEK)
    }

    @Test(arguments: ProviderKind.allCases)
    func nothingIsUsedAfterItsDestructionAndNoNameTwice(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        try await provider.create(epoch: 1)
        try await provider.create(epoch: 2)
        let blob = try await provider.wrap(SecretKey.random(), epoch: 1, context: context)
        _ = try await provider.destroy(epoch: 1)
        // An epoch that was never made can be destroyed too, so that it never will be.
        _ = try await provider.destroy(epoch: 3)
        try await expectRefused(provider, [1, 3], .epochDestroyed)
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await provider.unwrap(blob, epoch: 1, context: context)
        }
        for epoch in [1, 3] as [UInt64] {
            await #expect(throws: VaultError(.epochDestroyed, "")) {
                try await provider.create(epoch: epoch)
            }
            #expect(try await provider.state(epoch: epoch) == .destroyed)
        }
        try await expectRefused(provider, [1, 3], .epochDestroyed)
        _ = try await provider.wrap(SecretKey.random(), epoch: 2, context: context)
    }

    @Test(arguments: ProviderKind.allCases)
    func aDestructionAndACreationAtOnceEndDestroyed(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        for epoch in 1...20 as ClosedRange<UInt64> {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await provider.destroy(epoch: epoch) }
                for _ in 0..<4 {
                    group.addTask { try? await provider.create(epoch: epoch) }
                }
            }
            #expect(try await provider.state(epoch: epoch) == .destroyed)
            try await expectRefused(provider, [epoch], .epochDestroyed)
        }
    }

    @Test(arguments: ProviderKind.allCases)
    func aBlobOpensForItsOwnContextAndEpochOnly(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        let elsewhere = try ScratchDirectory()
        let other = try kind.make(elsewhere)
        for epoch in [1, 2] as [UInt64] { try await provider.create(epoch: epoch) }
        try await other.create(epoch: 1)
        let key = try SecretKey.random()
        let blob = try await provider.wrap(key, epoch: 1, context: context)
        var bent = [blob + [0], Array(blob.dropLast()), [], Array(blob.reversed())]
        for index in blob.indices {
            var changed = blob
            changed[index] ^= 1
            bent.append(changed)
        }
        for (blob, epoch, context) in bent.map({ ($0, 1, context) })
            + [(blob, 2, context), (blob, 1, []), (blob, 1, context + [0]), (blob, 1, [3, 2, 1])]
        {
            await #expect(throws: VaultError(.wrongKEK, "")) {
                try await provider.unwrap(blob, epoch: UInt64(epoch), context: context)
            }
        }
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await other.unwrap(blob, epoch: 1, context: context)
        }
        withExtendedLifetime(elsewhere) {}
        let found = try await provider.unwrap(blob, epoch: 1, context: context)
        #expect(found.id == key.id)
    }

    @Test(arguments: ProviderKind.allCases)
    func aBatchKeepsItsOrderAndFailsAsOne(kind: ProviderKind) async throws {
        let provider = try kind.make(directory)
        try await provider.create(epoch: 1)
        #expect(try await provider.wrap([], epoch: 1).isEmpty)
        #expect(try await provider.unwrap([], epoch: 1).isEmpty)
        let keys = try (0..<VaultLimits.providerBatch * 2 + 1).map { index in
            (key: try SecretKey.random(), context: [UInt8](repeating: 7, count: index))
        }
        let blobs = try await provider.wrap(keys, epoch: 1)
        var wrapped = zip(blobs, keys).map { (blob: $0, context: $1.context) }
        let found = try await provider.unwrap(wrapped, epoch: 1)
        #expect(found.map(\.id) == keys.map(\.key.id))
        let last = try await provider.unwrap(blobs[200], epoch: 1, context: keys[200].context)
        #expect(last.id == keys[200].key.id)
        wrapped[100].context.append(0)
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await provider.unwrap(wrapped, epoch: 1)
        }
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await provider.wrap(keys, epoch: 2)
        }
        _ = try await provider.destroy(epoch: 1)
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await provider.unwrap(wrapped, epoch: 1)
        }
    }

    private func expectRefused(
        _ provider: any KEKProvider,
        _ epochs: [UInt64],
        _ code: VaultError.Code
    ) async throws {
        let key = try SecretKey.random()
        for epoch in epochs {
            await #expect(throws: VaultError(code, "")) {
                try await provider.wrap(key, epoch: epoch, context: context)
            }
            await #expect(throws: VaultError(code, "")) {
                try await provider.unwrap(
                    [UInt8](repeating: 1, count: 60),
                    epoch: epoch,
                    context: []
                )
            }
        }
    }
}
