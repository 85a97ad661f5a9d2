// The two people who decide in the demo; their keys live as long as it does.

internal import TallyCrypto
internal import TallyStore
internal import Tallystick

/// Two registered operators.
struct DemoOperators {
    let alice: OperatorKey
    let bob: OperatorKey

    /// Registers both.
    init(_ stage: DemoStage, _ ledger: Ledger) async throws {
        func register(_ name: String) async throws -> OperatorKey {
            stage.prompt("tally operator add --public-key \(name).pub")
            let key = try OperatorKey(Ed25519PrivateKey())
            _ = try await ledger.decisions.addOperator(key.publicKey, by: nil)
            return key
        }
        alice = try await register("alice")
        bob = try await register("bob")
    }
}
