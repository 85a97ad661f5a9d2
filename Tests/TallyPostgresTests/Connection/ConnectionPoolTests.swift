// The pool: at most so many connections, callers in the order in which they came, none lost when it
// is full, closed, cancelled, or when a server goes; and who runs again on another server.

import Dispatch
import Synchronization
import TallyTesting
import Testing

@testable import TallyPostgres

struct ConnectionPoolTests {
    /// What a test does with a pool, which is closed afterwards.
    private static func withPool<Value>(
        _ configuration: ConnectionConfiguration? = nil,
        size: Int = 1,
        _ body: (ConnectionPool) async throws -> Value
    ) async throws -> Value {
        let chosen = try configuration ?? SharedServer.configuration()
        let pool = ConnectionPool(chosen, size: size)
        defer { pool.close() }
        return try await body(pool)
    }

    /// Holds a connection of a pool until it is told to let go.
    private final class Holder: Sendable {
        private let release = DispatchSemaphore(value: 0)
        private let task: Task<Int64, any Error>

        /// Returns once it has the connection.
        init(_ pool: ConnectionPool) async {
            let release = release
            let (held, hold) = AsyncStream.makeStream(of: Void.self)
            task = Task {
                try await pool.withConnection { connection in
                    hold.finish()
                    release.wait()
                    return try connection.process()
                }
            }
            for await _ in held {}
        }

        /// Lets go, and gives the process of the connection.
        func end() async throws -> Int64 {
            release.signal()
            return try await task.value
        }
    }

    private static func process(_ pool: ConnectionPool) async throws -> Int64 {
        try await pool.withConnection { try $0.process() }
    }

    /// Callers that have asked for a connection when this returns, and wait for it.
    private static func waiting(_ count: Int, _ pool: ConnectionPool) -> [Task<Int64, any Error>] {
        (0..<count).map { _ in Task.immediate { try await process(pool) } }
    }

    private static func code(_ pool: ConnectionPool) async -> PostgresError.Code? {
        let error = await #expect(throws: PostgresError.self) { try await process(pool) }
        return error?.code
    }

    @Test func callersOneAfterTheOtherShareAConnection() async throws {
        try await Self.withPool(size: 4) { pool in
            let first = try await Self.process(pool)
            // A thread that has answered may not be waiting again yet, so another one may come.
            var seen: Set = [first]
            for _ in 0..<40 { seen.insert(try await Self.process(pool)) }
            #expect(seen.count <= 4)
        }
        try await Self.withPool { pool in
            let first = try await Self.process(pool)
            for _ in 0..<40 { #expect(try await Self.process(pool) == first) }
        }
    }

    @Test func noMoreConnectionsAreOpenedThanItsSize() async throws {
        try await Self.withPool(size: 3) { pool in
            let seen = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<100 { group.addTask { try await Self.process(pool) } }
                return try await group.reduce(into: [Int64]()) { $0.append($1) }
            }
            #expect(seen.count == 100)
            #expect((1...3).contains(Set(seen).count))
        }
    }

    @Test func callersAtATimeHaveAConnectionEach() async throws {
        try await Self.withPool(size: 3) { pool in
            let holders = [await Holder(pool), await Holder(pool), await Holder(pool)]
            var seen: Set<Int64> = []
            for holder in holders { seen.insert(try await holder.end()) }
            #expect(seen.count == 3)
        }
    }

    @Test func whoWaitsGetsTheConnectionThatIsLetGoInTurn() async throws {
        try await Self.withPool { pool in
            let holder = await Holder(pool)
            let turns = Mutex<[Int]>([])
            let waiting = (0..<20).map { turn in
                Task.immediate { @Sendable in
                    try await pool.withConnection { connection in
                        turns.withLock { $0.append(turn) }
                        return try connection.process()
                    }
                }
            }
            let held = try await holder.end()
            for task in waiting { #expect(try await task.value == held) }
            #expect(turns.withLock { $0 } == Array(0..<20))
        }
    }

    @Test func whatTheBodyThrowsIsThrownAndTheConnectionKept() async throws {
        try await Self.withPool { pool in
            let process = try await Self.process(pool)
            await #expect(throws: Interruption(number: 3)) {
                try await pool.withConnection { _ in throw Interruption(number: 3) }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection { try $0.execute("SELECT 1/0") }
            }
            #expect(error?.sqlState == "22012")
            #expect(try await Self.process(pool) == process)
        }
    }

    @Test func aConnectionThatWasEndedIsReplacedBeforeItIsUsed() async throws {
        try await Self.withPool { pool in
            let process = try await Self.process(pool)
            try SharedServer.terminate(process)
            #expect(try await Self.process(pool) != process)
        }
    }

    @Test func aConnectionThatIsLostInMidCallIsNotTriedAgain() async throws {
        try await Self.withPool { pool in
            let runs = Mutex(0)
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withConnection { connection in
                    runs.withLock { $0 += 1 }
                    try connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.code == .connectionLost)
            #expect(runs.withLock { $0 } == 1)
            _ = try await Self.process(pool)
        }
    }

    @Test func aServerThatIsNotThereIsToldToEachCaller() async throws {
        let nowhere = ConnectionConfiguration(uri: "postgresql:///x?host=/nowhere")
        try await Self.withPool(nowhere, size: 2) { pool in
            for _ in 0..<3 { #expect(await Self.code(pool) == .unreachable) }
        }
    }

    @Test func aClosedPoolRefusesEverybody() async throws {
        for isUsed in [true, false] {
            try await Self.withPool { pool in
                if isUsed { _ = try await Self.process(pool) }
                pool.close()
                #expect(await Self.code(pool) == .closed)
                pool.close()
                #expect(await Self.code(pool) == .closed)
            }
        }
    }

    @Test func closingLetsCallersThatWaitFinish() async throws {
        try await Self.withPool { pool in
            let holder = await Holder(pool)
            let waiting = Self.waiting(20, pool)
            pool.close()
            #expect(await Self.code(pool) == .closed)
            let held = try await holder.end()
            for task in waiting { #expect(try await task.value == held) }
        }
    }

    @Test func closingEndsIdleConnections() async throws {
        let key = 7_301_002
        try await Self.withPool { pool in
            try await pool.withConnection { try $0.execute("SELECT pg_advisory_lock(\(key))") }
            let other = try SharedServer.connect()
            #expect(try !other.query("SELECT pg_try_advisory_lock(\(key))").bool(0, 0))
            pool.close()
            try other.execute("SELECT pg_advisory_lock(\(key))")
        }
    }

    @Test func aPoolThatNobodyHoldsEndsItsConnections() async throws {
        let key = 7_301_003
        let lock = "SELECT pg_advisory_lock(\(key))"
        try await ConnectionPool(SharedServer.configuration(), size: 1)
            .withConnection { try $0.execute(lock) }
        try SharedServer.connect().execute(lock)
    }

    @Test func whoComesWhenTooManyWaitIsRefusedAtOnce() async throws {
        try await Self.withPool { pool in
            let holder = await Holder(pool)
            let waiting = Self.waiting(ConnectionPool.maximumWaiting, pool)
            let refused = Self.waiting(1, pool)
            let held = try await holder.end()
            let error = await #expect(throws: PostgresError.self) { try await refused[0].value }
            #expect(error?.code == .overloaded)
            for task in waiting { #expect(try await task.value == held) }
            #expect(try await Self.process(pool) == held)
        }
    }

    @Test func aCallerThatIsCancelledWhileItWaitsIsAnsweredAllTheSame() async throws {
        try await Self.withPool { pool in
            let holder = await Holder(pool)
            let waiting = Self.waiting(2, pool)
            waiting[0].cancel()
            let held = try await holder.end()
            for task in waiting { #expect(try await task.value == held) }
            #expect(try await Self.process(pool) == held)
        }
    }
}
