// The rows that make retries harmless are in no hash. They are held against the events they name,
// and against each other: together they cover every caller's event once.

import TallyCore
import TallyEvidence
import TallyStore
import TallyTesting
import Testing

/// Rows of tally.append_request.
@Suite(.serialized, .specimen) struct RequestTamperingTests {
    private func set(_ columns: String, _ request: String) -> String {
        """
        UPDATE tally.append_request SET \(columns)
        WHERE tenant_id = :acme AND request_id = '\(request)';
        """
    }

    private func insert(_ first: Int, _ count: Int) -> String {
        """
        INSERT INTO tally.append_request
        SELECT tenant_id, 'forged', NULL, \(first), \(count), recorded_at
        FROM tally.append_request WHERE tenant_id = :acme AND request_id = 'single 10'
        """
    }

    @Test("a changed first position is found")
    func firstPosition() async throws {
        try await Specimen.with { specimen in
            for first in [21, 23, 54, 0, -1, 60, 1 << 62, Int.max, Int.min] {
                try await specimen.tamper(
                    set("first_position = '\(first)'", "single 22"),
                    finds: [Named(.alteredRequest, first)],
                    short: ["requests": 1]
                )
            }
        }
    }

    @Test("a changed number of events is found")
    func eventCount() async throws {
        try await Specimen.with { specimen in
            for count in [2, 0, -1, 38, 39, Int(Int32.max), Int(Int32.min)] {
                try await specimen.tamper(
                    set("event_count = \(count)", "single 22"),
                    finds: [Named(.alteredRequest, 22)],
                    short: ["requests": 1]
                )
            }
        }
    }

    @Test("a changed time is found")
    func time() async throws {
        try await Specimen.with { specimen in
            for time in ["recorded_at + 1", "0", "-1", "\(Int.max)", "'\(Int.min)'"] {
                for request in ["single 22", "eight"] {
                    try await specimen.tamper(
                        set("recorded_at = \(time)", request),
                        finds: [Named(.alteredRequest, request == "eight" ? 46 : 22)],
                        short: ["requests": 1]
                    )
                }
            }
        }
    }

    @Test("a request that gave up its first event is found by the gap")
    func gap() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                set("first_position = first_position + 1, event_count = event_count - 1", "eight"),
                finds: [Named(.alteredRequest, 46)],
                short: ["requests": 1]
            )
            try await specimen.tamper(
                set("first_position = first_position - 1, event_count = event_count + 1", "eight"),
                finds: [Named(.alteredRequest, 45)],
                short: ["requests": 1]
            )
        }
    }

    @Test("a gap and an overlap of the same size are both found")
    func gapAndOverlap() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                set("first_position = first_position + 1, event_count = event_count - 1", "eight")
                    + set("first_position = 29, event_count = 2", "single 30"),
                finds: [Named(.alteredRequest, 29), Named(.alteredRequest, 46)],
                short: ["requests": 2]
            )
        }
    }

    @Test("a missing row between others is found by the gap")
    func missing() async throws {
        try await Specimen.with { specimen in
            for (request, position) in [("single 22", 22), ("eight", 46), ("single 59", 59)] {
                try await specimen.tamper(
                    """
                    DELETE FROM tally.append_request
                    WHERE tenant_id = :acme AND request_id = '\(request)'
                    """,
                    finds: [Named(.alteredRequest, position)],
                    short: ["requests": 2]
                )
            }
        }
    }

    @Test("a row for events that are not there, or that others name, is found")
    func forged() async throws {
        try await Specimen.with { specimen in
            for (first, count) in [
                (60, 1), (1000, 3), (0, 1), (-5, 2), (Int.max, Int(Int32.max)), (59, 2), (54, 1),
                (12, 1),
            ] {
                try await specimen.tamper(
                    insert(first, count),
                    finds: [Named(.alteredRequest, first)],
                    short: [:]
                )
            }
            try await specimen.tamper(
                insert(10, 1),
                finds: [Named(.alteredRequest, 10)],
                short: [:]
            )
        }
    }

    @Test("all rows changed at once are all counted, and no more than 1000 are listed")
    func all() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                """
                INSERT INTO tally.append_request
                SELECT :acme, 'forged ' || n, NULL, -n, 1, 0 FROM generate_series(1, 6000) n
                """
            )
            let verdict = try await specimen.verify(specimen.acme)
            #expect(verdict.findings.count == 1000)
            #expect(verdict.findingCount == 6000)
            #expect(verdict.passed["requests"] == 50)
        }
    }
}
