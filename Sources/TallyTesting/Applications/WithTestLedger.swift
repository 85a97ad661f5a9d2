// A ledger for the tests of an application: real databases, real keys, gone when the test ends.

internal import TallyPostgres
public import Tallystick

/// Runs `body` with a ledger of its own, on a private PostgreSQL server that all tests of the
/// process share.
///
/// ```swift
/// @Test func aPaidInvoiceIsListed() async throws {
///     try await withTestLedger { ledger in
///         let acme = try await ledger.createTenant(named: "acme")
///         …
///     }
/// }
/// ```
///
/// PostgreSQL 15 or newer must be installed; nothing has to be set up, and nothing else uses the
/// server. It answers fast because it does not wait for the disk, so it says nothing about speed. A
/// few ledgers are open at a time, further tests wait for their turn.
/// - Parameters:
///   - hasSingleOperator: whether one person decides alone, so that erasures and restores need no
///     key; `false` for tests of your own approvals.
///   - clock: what the ledger's process takes for the time; `nil` for the system clock.
///   - body: the test.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws, or why there is no server.
public func withTestLedger<Value>(
    hasSingleOperator: Bool = true,
    clock: TestClock? = nil,
    _ body: (Ledger) async throws -> Value
) async throws -> Value {
    try await Admission.shared.admit {
        try await TestLedger.with(hasSingleOperator: hasSingleOperator) {
            var configuration = try TestLedger.current.configuration
            if let clock { configuration.clock = { clock.now.micros } }
            return try await TestLedger(configuration: configuration).open(body)
        }
    }
}
