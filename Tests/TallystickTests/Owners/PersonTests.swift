// Four eyes are two people's: two keys of one human being are one.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct PersonTests {
    /// Alice with a second key, and Bob.
    private struct People {
        let alice: OperatorKey
        let alicesOther: OperatorKey
        let bob: OperatorKey

        init(_ ledger: Ledger) async throws {
            let keys = try (0..<3).map { _ in try OperatorKey(Ed25519PrivateKey()) }
            (alice, alicesOther, bob) = (keys[0], keys[1], keys[2])
            _ = try await ledger.decisions.addOperator(alice.publicKey, by: nil)
            let other = try await ledger.decisions.addOperator(
                alicesOther.publicKey,
                person: alice.id,
                by: nil
            )
            #expect(other.request == nil, "there is one person yet")
            _ = try await ledger.decisions.addOperator(bob.publicKey, by: nil)
        }
    }

    @Test func twoKeysOfOnePersonNeverDecideTogether() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let people = try await People(ledger)
            let pairs = [
                (people.alice, people.alicesOther), (people.alicesOther, people.alice),
                (people.alice, people.alice), (people.alicesOther, people.alicesOther),
            ]
            for (asking, approving) in pairs {
                let hold = try await ledger.decisions.placeHold(
                    on: "maria",
                    of: acme,
                    reviewAt: .later,
                    by: asking
                )
                #expect(hold.state == .waiting)
                let code = await problemCode {
                    _ = try await ledger.decisions.approve(hold.id, with: approving)
                }
                #expect(code == .forbidden)
                #expect(try await ledger.decisions.approve(hold.id, with: people.bob) == .applied)
            }
            #expect(try await Witness.current.findings(acme.id).isEmpty)
            #expect(try await Witness.current.findings(ledger.ownTenant).isEmpty)
        }
    }

    @Test func aThirdKeyOfAPersonIsVouchedForByTwo() async throws {
        try await TestLedger.current.open { ledger in
            let people = try await People(ledger)
            let third = try OperatorKey(Ed25519PrivateKey())
            let added = try await ledger.decisions.addOperator(
                third.publicKey,
                person: people.alice.id,
                by: people.alicesOther
            )
            let request = try #require(added.request)
            let code = await problemCode {
                _ = try await ledger.decisions.approve(request, with: people.alice)
            }
            #expect(code == .forbidden)
            #expect(try await ledger.decisions.approve(request, with: people.bob) == .applied)
            let persons = try await ledger.decisions.operators().map(\.person)
            #expect(Set(persons).count == 2)
            #expect(persons.filter { $0 == people.alice.id }.count == 3)
        }
    }

    @Test func aPersonIsNamedByTheFirstKey() async throws {
        try await TestLedger.current.open { ledger in
            let people = try await People(ledger)
            for person in [people.alicesOther.id, OperatorID.random()] {
                let code = await problemCode {
                    _ = try await ledger.decisions.addOperator(
                        SignerKey(Ed25519PrivateKey().publicKey),
                        person: person,
                        by: people.alice
                    )
                }
                #expect([.invalid, .notFound].contains(code))
            }
        }
    }
}
