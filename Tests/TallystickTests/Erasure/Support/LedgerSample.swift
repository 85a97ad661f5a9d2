// A tenant with a few people in it, and what its tables say of them.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// Events about Maria and Karl.
enum LedgerSample {
    /// The requests, in order; Maria's sections are in r0, r1 and r2, one of them of the class tax.
    static let requests: [[NewEvent]] = [
        [
            .put(
                "crm/contact/1",
                type: "contact.created",
                data: #"{"stage":"lead"}"#,
                personal: ["maria": #"{"name":"Maria"}"#, "karl": #"{"name":"Karl"}"#]
            )
        ],
        [
            .patch(
                "crm/contact/1",
                type: "contact.updated",
                data: #"{"stage":"won"}"#,
                personal: ["maria#tax": #"{"vat":"LV1"}"#]
            )
        ],
        [.personal("crm/contact/2", "maria")],
        [.personal("crm/contact/3", "karl")],
    ]
}

extension NewEvent {
    /// An event with one personal section.
    static func personal(_ stream: String, _ section: String) -> NewEvent {
        .put(stream, type: "contact.created", data: "{}", personal: [section: #"{"n":1}"#])
    }
}

extension Ledger {
    /// A tenant that holds ``LedgerSample``, its projections up to date.
    func sampleTenant(
        _ name: String,
        owners: [SignerKey] = [],
        quorum: Int = 1
    ) async throws -> Tenant {
        let tenant = try await createTenant(named: name, owners: owners, quorum: quorum)
        for (number, events) in LedgerSample.requests.enumerated() {
            _ = try await tenant.append(events, request: "r\(number)")
        }
        let stop = try await projectionRunner().catchUp(tenant.id, ["documents", "trail"])
        #expect(stop == nil)
        return tenant
    }
}

extension Witness {
    /// The states that the events of a tenant's erasures name, in order.
    func states(_ tenant: TenantID) throws -> [String] {
        let rows = try superuser().query(
            """
            SELECT convert_from(substr(body, 6), 'UTF8')::json->>'state' FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1)
                AND get_byte(leaf, 2) = 11 ORDER BY position
            """,
            [.uuid(tenant.bytes)]
        )
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    /// How many events the trail has for a subject.
    func tags(_ subject: BlindTag) throws -> Int {
        Int(
            try superuser().query(
                "SELECT count(*) FROM tally.event_tag WHERE tag = $1",
                [.bytea(subject.bytes)]
            ).integer(0, 0)
        )
    }
}

extension Witness {
    /// How many rows projections have of a tenant.
    func derivedRows(_ tenant: TenantID) throws -> Int {
        Int(
            try superuser().query(
                """
                SELECT (SELECT count(*) FROM tally.document d WHERE d.slot = t.slot)
                    + (SELECT count(*) FROM tally.event_tag e WHERE e.slot = t.slot)
                    + (SELECT count(*) FROM tally.dictionary d WHERE d.slot = t.slot)
                FROM tally.tenant t WHERE t.tenant_id = $1
                """,
                [.uuid(tenant.bytes)]
            ).integer(0, 0)
        )
    }
}

extension Instant {
    /// A time that no test lives to see.
    static let later = Instant(microsecondsSince1970: 4_000_000_000_000_000)
}
