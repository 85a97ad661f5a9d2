// A tenant whose data belongs to somebody, and clocks that can be turned on.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

/// A tenant whose data belongs to Carol and Dan, with an agent that erases persons.
struct TenantOwners {
    let tenant: Tenant
    let carol: OperatorKey
    let dan: OperatorKey
    let agent: OperatorKey

    init(_ name: String = "acme", quorum: Int = 1, in ledger: Ledger) async throws {
        let keys = try (0..<3).map { _ in try OperatorKey(Ed25519PrivateKey()) }
        (carol, dan, agent) = (keys[0], keys[1], keys[2])
        tenant = try await ledger.sampleTenant(
            name,
            owners: [carol.publicKey, dan.publicKey],
            quorum: quorum
        )
        let added = try await ledger.decisions.addOwner(
            agent.publicKey,
            deciding: [.subjectErasure],
            of: tenant,
            by: carol
        )
        if quorum == 2 {
            #expect(added.state == .waiting)
            #expect(try await ledger.decisions.approve(added.id, with: dan) == .applied)
        } else {
            #expect(added.state == .applied)
        }
    }

    /// Asks for the erasure of Maria.
    func erasure(
        by key: OperatorKey,
        _ ledger: Ledger
    ) async throws -> (id: DecisionID, state: DecisionState) {
        try await ledger.erasures.request(
            subject: "maria",
            of: tenant,
            ground: "art17-1-b",
            by: key
        )
    }
}

extension TestLedger {
    /// Runs `body` some time later: the clocks of the ledger's database and of this process are
    /// turned on.
    func open<Value>(
        after hours: UInt64,
        _ body: (Ledger) async throws -> Value
    ) async throws -> Value {
        let micros = hours * 3_600_000_000
        let superuser = try Connection(ConnectionConfiguration(uri: configuration.database))
        try superuser.execute(
            """
            CREATE OR REPLACE FUNCTION tally.now_micros() RETURNS bigint
                LANGUAGE sql VOLATILE
                RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + \(micros)
            """
        )
        var later = configuration
        later.clock = { Micros.now() + micros }
        later.backupRetention = .zero
        let ledger = try await Ledger.open(later)
        do {
            let value = try await body(ledger)
            await ledger.close()
            return value
        } catch {
            await ledger.close()
            throw error
        }
    }
}

/// The code of the problem that something ends with; `nil` when it goes well.
func problemCode(_ body: () async throws -> Void) async -> Problem.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? Problem)?.code
    }
}
