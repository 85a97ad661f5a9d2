// The demo's act about forgetting: one person whom all employers know is erased everywhere, the
// chains still verify, and a certificate says so to anybody.

internal import Foundation
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// Erases one person in every tenant.
struct DemoErasure {
    let stage: DemoStage
    let source: DemoSource
    let ledger: Ledger
    let directory: String
    let check: DemoCheck
    let operators: DemoOperators

    /// Plays the act.
    func play(_ act: Int) async throws {
        let subject = source.sharedSubject
        stage.act(act, "Erase one person everywhere")
        let began = ContinuousClock.now
        try await find(subject)
        var erasures: [DecisionID] = []
        for place in try await ledger.subjects.find(subject) {
            erasures.append(try await erase(subject, place.tenant))
        }
        stage.prompt("tally key rotate")
        let rotation = try await ledger.keys.rotate()
        stage.say(
            "epoch \(rotation.epoch): \(rotation.keys.grouped) keys under new wrapping keys; the "
                + "KEK "
                + "of epoch \(rotation.destroyed.first ?? 0) is destroyed, and with it every copy"
        )
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        stage.good("\(erasures.count) erasures in \(String(format: "%.1f", seconds)) s")
        try await find(subject)
        try await proof(erasures, operators.alice)
    }

    private func find(_ subject: String) async throws {
        stage.prompt("tally subject find \(subject)")
        for place in try await ledger.subjects.find(subject) {
            let tenant = try await ledger.tenant(named: place.tenant)
            let sections = try await ledger.subjects.sections(of: subject, in: tenant)
            let isErased = place.keys.allSatisfy { $0.state == .destroyed }
            stage.say(
                "\(place.tenant)  \(isErased ? "erased" : "readable")   "
                    + "\(sections.count) sections can be read"
            )
        }
    }

    private func erase(
        _ subject: String,
        _ tenant: String
    ) async throws -> DecisionID {
        stage.prompt(
            "tally erasure request \(tenant) \(subject) --ground art17-1-a --operator-key alice.pem"
        )
        let found = try await ledger.tenant(named: tenant)
        let erasures = ledger.erasures
        let request = try await erasures.request(
            subject: subject,
            of: found,
            ground: "art17-1-a",
            by: operators.alice
        )
        stage.say("request \(request.id.hex.prefix(8))… waits for another operator")
        stage.prompt("tally erasure approve \(request.id.hex.prefix(8))… --operator-key bob.pem")
        _ = try await ledger.decisions.approve(request.id, with: operators.bob)
        stage.prompt("tally erasure run \(request.id.hex.prefix(8))…")
        let row = try await erasures.run(request.id)
        stage.say("\(row.state.rawValue): \(row.purgedParts) sealed parts are gone from the log")
        return request.id
    }

    private func proof(_ erasures: [DecisionID], _ signer: OperatorKey) async throws {
        stage.prompt("tally verify --open --allow-missing checkpoints,witnesses")
        let status = try await check.run()
        stage.good("exit \(status): the chains hold, and say what was erased")
        guard let id = erasures.first else { return }
        let certificate = try await CertificateBuilder(ledger.decisionContext).build(
            id,
            signedBy: signer
        )
        let path = "\(directory)/erased.json"
        try Data(certificate.encoded() + [UInt8(ascii: "\n")]).write(
            to: URL(fileURLWithPath: path)
        )
        stage.prompt("tally erasure certificate \(id.hex.prefix(8))… > \(path)")
        stage.prompt("tally erasure verify \(path)")
        let checks = CertificateVerifier(certificate).checks()
        let passed = checks.filter(\.passed).map(\.name)
        stage.good("\(passed.count)/\(checks.count) ok: \(passed.joined(separator: ", "))")
        guard status == 0, passed.count == checks.count else { throw ExitStatus(code: 1) }
    }
}

extension DemoSource {
    /// The person who is known to most employers, and has most entries there.
    var sharedSubject: String {
        var seen: [String: (tenants: Set<String>, events: Int)] = [:]
        for tenant in tenants {
            for event in tenant.events {
                for subject in event.personal.keys {
                    seen[subject, default: ([], 0)].tenants.insert(tenant.name)
                    seen[subject, default: ([], 0)].events += 1
                }
            }
        }
        let most = seen.max { left, right in
            let (first, second) = (left.value, right.value)
            return (first.tenants.count, first.events, right.key)
                < (second.tenants.count, second.events, left.key)
        }
        return most?.key ?? "person:\(star)"
    }
}
