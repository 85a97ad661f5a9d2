// What decisions cost: a signature, the fold of a log that is full of them with its registers, and
// a thousand people whom a tenant's own agent erases.

internal import Foundation
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

/// Measures decisions.
struct DecisionBenchmark {
    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    /// Prints each figure.
    func run() async throws {
        try signatures()
        try folds()
        try await erasures()
    }

    private func signatures() throws {
        for (structure, name) in [
            ("approval", "action_3"), ("passkey_approval", "p256"), ("passkey_approval", "ed25519"),
        ] {
            guard let arm = try ApprovalVerification(structure, name) else { continue }
            print("approval \(structure) \(name)  \(text(arm.milliseconds(), 3)) ms")
        }
    }

    private func folds() throws {
        for isSigned in [false, true] {
            let decisions = Setting.number("BENCH_DECISIONS", 100_000)
            let log = try DecidedHolds(decisions, isSigned: isSigned)
            let start = ContinuousClock.now
            let result = log.check()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            precondition(result.findings.isEmpty && result.total == result.sound)
            print(
                "fold and registers of \(decisions) decisions, "
                    + "\(isSigned ? "two signatures each" : "one person alone")  "
                    + "\(text(seconds, 2)) s"
            )
        }
    }

    private func erasures() async throws {
        let people = Setting.number("BENCH_ERASURES", 1_000)
        let agent = try OperatorKey(Ed25519PrivateKey())
        let ledger = site.ledger
        let tenant = try await ledger.createTenant(
            named: "owned-\(UInt32.random(in: 0 ... .max))",
            owners: [agent.publicKey]
        )
        for person in 0..<people {
            _ = try await tenant.append(
                .put(
                    "crm/contact/\(person)",
                    type: "contact.created",
                    data: "{}",
                    personal: ["person:\(person)": #"{"name":"N"}"#]
                )
            )
        }
        let start = ContinuousClock.now
        var destroyed = Duration.zero
        for person in 0..<people {
            let begin = ContinuousClock.now
            let request = try await ledger.erasures.request(
                subject: "person:\(person)",
                of: tenant,
                ground: "bench",
                by: agent
            )
            let clock = StepClock()
            let asked = ContinuousClock.now - begin
            _ = try await ledger.erasures.run(request.id) { clock.reach($0) }
            destroyed += asked + .milliseconds(clock.millisecondsUntil(.destructionRecorded))
        }
        let whole = (ContinuousClock.now - start) / .seconds(1)
        print(
            "\(people) erasures by an agent  \(text(destroyed / .seconds(1), 1)) s until their "
                + "keys are destroyed, \(text(whole, 1)) s until they are purged"
        )
    }

    private func text(_ number: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", number)
    }
}
