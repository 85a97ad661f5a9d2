// Two people who decide together in a benchmark.

internal import TallyCrypto
internal import TallyStore
internal import Tallystick

/// Two registered operators.
struct Signers {
    let asking: OperatorKey
    let approving: OperatorKey

    init(_ ledger: Ledger) async throws {
        asking = try OperatorKey(Ed25519PrivateKey())
        approving = try OperatorKey(Ed25519PrivateKey())
        for key in [asking, approving] {
            _ = try await ledger.decisions.addOperator(key.publicKey, by: nil)
        }
    }
}
