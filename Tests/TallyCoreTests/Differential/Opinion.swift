// What this implementation thinks of something, for the other one to think about, too.

import TallyCore
import TallyCrypto
import TallyTesting

/// One line for compare_verdicts.py: something, and what became of it here.
struct Opinion {
    let object: JSONObject

    /// An approval, and whether it is signed by a key.
    static func approval(_ bytes: [UInt8], key: [UInt8]) -> Opinion {
        let read = try? Approval(decoding: bytes)
        let signer = SignerKey(key)
        let verdict =
            read.map { approval in
                signer.map(approval.isSigned) ?? false ? "signed" : "not signed"
            } ?? "refused"
        return Opinion(
            object: ["of": "approval", "bytes": .hex(bytes), "key": .hex(key), "is": text(verdict)]
        )
    }

    /// A certificate, and which checks of it fail.
    static func certificate(_ bytes: [UInt8]) -> Opinion {
        var verdict = "refused"
        if let read = try? ErasureCertificate(decoding: bytes) {
            verdict = CertificateVerifier(read).checks().filter { !$0.passed }.map(\.name)
                .joined(separator: " ")
        }
        return Opinion(object: ["of": "certificate", "bytes": .hex(bytes), "is": text(verdict)])
    }

    /// The text of a clear event, and whether it is one of its kind.
    static func clearEvent(_ bytes: [UInt8], kind: EventKind) -> Opinion {
        let fits = ToldEvent(kind: kind, text: bytes).fact.map(ClearForm.fits) ?? false
        return Opinion(
            object: [
                "of": "clear event", "bytes": .hex(bytes),
                "kind": .number(JSONNumber(Int(kind.rawValue))),
                "is": text(fits ? "fits" : "refused"),
            ]
        )
    }

    /// The events of two logs, and which of them do not stand.
    static func decisions(_ log: ToldLog) -> Opinion {
        Opinion(
            object: [
                "of": "decisions", "ledger": .hex(log.ledger.bytes),
                "own_tenant": .hex(log.ownTenant.bytes),
                "tenant": .hex(log.tenant.bytes), "own": .array(log.own.map(\.json)),
                "events": .array(log.events.map(\.json)),
                "is": .array(log.faults().map { $0.map(text) ?? .null }),
            ]
        )
    }

    private static func text(_ text: String) -> JSONValue { .string(JSONString(text)) }
}

/// A clear event as somebody tells of it.
struct ToldEvent {
    var kind: EventKind
    var position: UInt64 = 0
    var recordedAt: UInt64 = 0
    var text: [UInt8]

    /// The event, if its text is in the one form of JSON.
    var fact: ClearFact? {
        ClearFact(
            Leaf(
                kind: kind,
                tenant: .zero,
                position: position,
                recordedAt: recordedAt,
                eventID: .zero,
                previous: SHA256.hash([]),
                partDigests: []
            ),
            clear: text
        )
    }

    var json: JSONValue {
        [
            "kind": .number(JSONNumber(Int(kind.rawValue))),
            "position": .number(JSONNumber(position)),
            "recorded_at": .number(JSONNumber(recordedAt)), "text": .hex(text),
        ]
    }
}

/// The clear events of a tenant, and of the ledger's own log, which says who the operators are.
struct ToldLog {
    let ledger: LedgerID
    let ownTenant: TenantID
    let tenant: TenantID
    var own: [ToldEvent]
    var events: [ToldEvent]

    /// The logs that a certificate has excerpts of.
    init(_ certificate: ErasureCertificate) throws {
        let body = certificate.body
        ledger = body["ledger"]?.bytes.flatMap { LedgerID($0) } ?? .zero
        ownTenant = body["ledger_tenant"]?.bytes.flatMap { TenantID($0) } ?? .zero
        tenant = body["tenant"]?.bytes.flatMap { TenantID($0) } ?? .zero
        (own, events) = (Self.events(body["ledger_log"]), Self.events(body["tenant_log"]))
    }

    private static func events(_ excerpt: JSONValue?) -> [ToldEvent] {
        (excerpt.flatMap { LogExcerpt($0)?.facts() } ?? []).map {
            ToldEvent(
                kind: $0.kind,
                position: $0.position,
                recordedAt: $0.recordedAt,
                text: JSONValue.object($0.content).canonical()
            )
        }
    }

    /// Why each event does not stand, those of the ledger's own log first; `nil` for one that does.
    func faults() -> [String?] {
        var ownFold = DecisionFold(ledger: ledger, ownTenant: ownTenant)
        let ownFaults = own.map { $0.fact.map { ownFold.add($0) } ?? "no text of an event" }
        var fold = DecisionFold(ledger: ledger, tenant: tenant, operators: ownFold.operators)
        return ownFaults + events.map { $0.fact.map { fold.add($0) } ?? "no text of an event" }
    }
}
