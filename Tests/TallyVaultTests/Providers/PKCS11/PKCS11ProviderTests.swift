// What only PKCS#11 can get wrong: modules, tokens and PINs, and labels that are not unique.

import CPKCS11
import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@testable import TallyVault

@Suite struct PKCS11ProviderTests {
    private let ledger = LedgerID.random()
    private let softHSM: SoftHSM
    private let provider: PKCS11KEKProvider

    init() throws {
        softHSM = try SoftHSM.shared.get()
        provider = try PKCS11Site.provider(ledger: ledger)
    }

    private var label: String { "\(ledger.hex)-00000000000000000001" }

    /// Makes objects as another process would, between two steps of this one; in this process all
    /// calls take turns, because not every module survives others.
    private func make(_ kinds: [tally_p11_kind]) async throws {
        let token = try PKCS11Token(
            label: SoftHSM.labels[0],
            modulePath: softHSM.modulePath,
            pinFile: softHSM.pinFile()
        )
        let label = label
        try await token.run { (session) throws(VaultError) in
            for kind in kinds { try session.create(kind, label) }
        }
    }

    @Test func twoKEKsOfARaceBothServeAndBothGo() async throws {
        try await make([TALLY_P11_KEK])
        let key = try SecretKey.random()
        let first = try await provider.wrap(key, epoch: 1, context: [1])
        try await make([TALLY_P11_KEK])
        let second = try await provider.wrap(key, epoch: 1, context: [1])
        try await provider.create(epoch: 1)
        for blob in [first, second] {
            #expect(try await provider.unwrap(blob, epoch: 1, context: [1]).id == key.id)
            await #expect(throws: VaultError(.wrongKEK, "")) {
                try await provider.unwrap(blob, epoch: 1, context: [2])
            }
        }
        _ = try await provider.destroy(epoch: 1)
        for blob in [first, second] {
            await #expect(throws: VaultError(.epochDestroyed, "")) {
                try await provider.unwrap(blob, epoch: 1, context: [1])
            }
        }
    }

    @Test(arguments: [[TALLY_P11_KEK, TALLY_P11_MARK], [TALLY_P11_MARK, TALLY_P11_KEK]])
    func aKEKBesideAMarkIsNotUsed(kinds: [tally_p11_kind]) async throws {
        try await make(kinds)
        #expect(try await provider.state(epoch: 1) == .destroyed)
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await provider.wrap(SecretKey.random(), epoch: 1, context: [])
        }
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await provider.create(epoch: 1)
        }
        _ = try await provider.destroy(epoch: 1)
        #expect(try await provider.state(epoch: 1) == .destroyed)
    }

    @Test func everyProviderOfTheLedgerFindsTheKEKAndNoOtherLedgerDoes() async throws {
        try await provider.create(epoch: 1)
        let key = try SecretKey.random()
        let blob = try await provider.wrap(key, epoch: 1, context: [])
        let again = try PKCS11Site.provider(ledger: ledger)
        #expect(try await again.unwrap(blob, epoch: 1, context: []).id == key.id)
        #expect(try await PKCS11Site.provider().state(epoch: 1) == .absent)
    }

    @Test func aWrongPINIsNamedByItsFileAndNotShown() async throws {
        let file = try softHSM.pinFile("SECRET-wrong")
        let provider = try PKCS11Site.provider(token: SoftHSM.labels[1], pinFile: file)
        let error = await #expect(throws: VaultError(.provider, "")) {
            try await provider.state(epoch: 1)
        }
        #expect(error?.message.contains(file) == true)
        #expect(error?.message.contains("SECRET") == false)
    }

    @Test func aPINFileWithoutAPINIsNamed() async throws {
        for content in ["", "SECRET SECRET"] {
            let file = try softHSM.pinFile(content)
            let provider = try PKCS11Site.provider(pinFile: file)
            let error = await #expect(throws: VaultError(.provider, "")) {
                try await provider.create(epoch: 1)
            }
            #expect(error?.message.contains(file) == true)
            #expect(error?.message.contains("SECRET") == false)
        }
        let missing = try PKCS11Site.provider(pinFile: "/nowhere/pin")
        await #expect(throws: VaultError(.provider, "")) { try await missing.state(epoch: 1) }
    }

    @Test(arguments: ["/nowhere/module.so", "libc.so.6", "/etc/passwd"])
    func whatIsNoModuleIsNamed(path: String) async throws {
        let provider = try PKCS11Site.provider(module: path)
        let error = await #expect(throws: VaultError(.provider, "")) {
            try await provider.state(epoch: 1)
        }
        #expect(error?.message.contains(path) == true)
    }

    @Test func aTokenThatIsNotThereIsUnavailable() async throws {
        let longest = String(repeating: "t", count: 32)
        for token in ["tally", "nobody's", longest] {
            let provider = try PKCS11Site.provider(token: token)
            let error = await #expect(throws: VaultError(.unavailable, "")) {
                try await provider.create(epoch: 1)
            }
            #expect(error?.message.contains(token) == true)
        }
        for token in ["", longest + "t"] {
            #expect(throws: VaultError(.provider, "")) { try PKCS11Site.provider(token: token) }
        }
    }
}
