// A primary that goes away, and a standby that is there: reading goes on, writing waits for whoever
// writes, and nothing is stored twice.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.serialized)
struct FailoverTests {
    @Test func aStandbyIsReadAndWhatWritesNamesThePrimary() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let ledger = try await Ledger.open(site.configuration)
        let acme = try await ledger.createTenant(named: "acme")
        let first = try await acme.append([.put("c/1", type: "t", data: #"{"a":1}"#)])[0]
        let last = try await acme.append([.put("c/1", type: "t", data: #"{"a":2}"#)])[0]
        await ledger.close()
        let standby = try await site.standby()
        defer { try? standby.stop() }
        try await site.awaitReplay(on: standby)

        var configuration = site.configuration
        configuration.database = standby.uri(database: "ledger")
        configuration.keys = standby.uri(database: "keys")
        let copy = try await Ledger.open(configuration)
        let there = try await copy.tenant(named: "acme")
        #expect(try await there.document("c/1")?.data == #"{"a":2}"#)
        #expect(
            try await there.document("c/1", at: .time(first.recordedAt))?.data == #"{"a":1}"#
        )
        #expect(try await there.documents().documents.count == 1)
        #expect(try await there.events(where: "type:t").events.count == 2)
        var tail = try there.tail(after: first.cursor).makeAsyncIterator()
        #expect(try await tail.next()?.position == last.position)
        let open = await #expect(throws: Problem.self) {
            try await there.document("c/1", at: .time(last.recordedAt + .microseconds(1)))
        }
        #expect(open?.code == .unavailable && open?.message.contains("standby") == true)
        let written = await #expect(throws: Problem.self) {
            try await there.append([.put("c/1", type: "t", data: "3")])
        }
        #expect(written?.code == .misconfigured && written?.message.contains("primary") == true)
        let created = await #expect(throws: Problem.self) {
            try await copy.createTenant(named: "globex")
        }
        #expect(created?.message.contains("primary") == true)
        await copy.close()
    }

    @Test func whatWasNotSentWaitsForTheNextPrimary() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let standby = try await site.standby()
        defer { try? standby.stop() }
        var configuration = site.configuration
        configuration.database = Self.uri("ledger", site.cluster, standby)
        configuration.keys = Self.uri("keys", site.cluster, standby)
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.createTenant(named: "acme")
        _ = try await acme.append([.put("s", type: "t", data: "0")])
        try await site.awaitReplay(on: standby)
        try await offPool { try site.cluster.kill9() }
        // A new person needs a key, so the key store is waited for, too.
        let answers = Task {
            await callers(8) { number in
                await acme.answer([
                    .put("s/\(number)", type: "t", data: "1", personal: ["p:\(number)": "{}"])
                ])
            }
        }
        try Self.promote(standby)
        #expect(await answers.value.allSatisfy { $0.problem == nil })
        #expect(try await ledger.registry.find("acme").size == 10)
        await ledger.close()
    }

    @Test func aConnectionThatLeadsToAStandbyMeanwhileIsMadeAgain() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let standby = try await site.standby()
        defer { try? standby.stop() }
        let door = try Door(to: site.cluster)
        var configuration = site.configuration
        configuration.database = door.uri("ledger")
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.createTenant(named: "acme")
        _ = try await acme.append([.put("s", type: "t", data: "0")])
        try await site.awaitReplay(on: standby)
        let before = try Door.sessions(on: standby)
        try door.lead(to: standby)
        _ = try site.administrator().query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'ledger'"
        )
        let answers = Task {
            await callers(4) { await acme.answer([.put("s/\($0)", type: "t", data: "1")]) }
        }
        try await door.awaitCaller(on: standby, after: before)
        try Self.promote(standby)
        #expect(await answers.value.allSatisfy { $0.problem == nil })
        await ledger.close()
    }

    @Test func patienceHasAnEnd() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        var configuration = site.configuration
        configuration.connectPatience = .seconds(1)
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.createTenant(named: "acme")
        try await offPool { try site.cluster.stop() }
        #expect(await acme.answer([.put("s", type: "t", data: "0")]).problem == .unavailable)
        await ledger.close()
    }

    private static func promote(_ standby: PrivateCluster) throws {
        let admin = try Connection(ConnectionConfiguration(uri: standby.uri(database: "postgres")))
        _ = try admin.query("SELECT pg_promote(true, 60)")
    }

    private static func uri(_ database: String, _ servers: PrivateCluster...) -> String {
        let hosts = servers.map { $0.socketDirectory.replacing("/", with: "%2F") + ":5432" }
        return "postgresql://tally@\(hosts.joined(separator: ","))/\(database)"
            + "?target_session_attrs=read-write"
    }
}

/// An address behind which one server or another is, as behind a virtual one.
private final class Door {
    private let folder = "/tmp/tally-door-\(UUID().uuidString.prefix(8))"

    init(to server: PrivateCluster) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try lead(to: server)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func lead(to server: PrivateCluster) throws {
        let socket = "\(folder)/.s.PGSQL.5432"
        try? FileManager.default.removeItem(atPath: socket)
        try FileManager.default.createSymbolicLink(
            atPath: socket,
            withDestinationPath: "\(server.socketDirectory)/.s.PGSQL.5432"
        )
    }

    func uri(_ database: String) -> String {
        "postgresql://tally@\(folder.replacing("/", with: "%2F")):5432/\(database)"
    }

    /// Waits until somebody has come through to the ledger's database, and may have gone again.
    func awaitCaller(on server: PrivateCluster, after count: Int64) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try Self.sessions(on: server) > count { return }
            await Task.yield()
        }
        throw PostgresError(.unexpectedResult, message: "nobody came to the standby")
    }

    /// How many sessions there have been in the ledger's database.
    static func sessions(on server: PrivateCluster) throws -> Int64 {
        let admin = try Connection(ConnectionConfiguration(uri: server.uri(database: "postgres")))
        return try admin.query("SELECT sessions FROM pg_stat_database WHERE datname = 'ledger'")
            .integer(0, 0)
    }
}
