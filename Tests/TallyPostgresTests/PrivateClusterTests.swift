// The private PostgreSQL server: starting, stopping, dying and being found dead.
// Every test has a folder of its own, in a place that the server's user can read.

import Foundation
import Glibc
import Synchronization
import TallyPostgres
import Testing

@Suite(.serialized)
struct PrivateClusterTests {
    @Test func answersQueriesOverItsPrivateSocketUntilStopped() throws {
        try withFolder { folder in
            let cluster = try start(folder)
            #expect(try query(cluster, "select 1") == "1")
            #expect(try query(cluster, "show listen_addresses") == "")
            #expect(try query(cluster, "select current_user") == "tally")
            #expect(try query(cluster, "show data_checksums") == "on")
            #expect(try query(cluster, "show server_encoding") == "UTF8")
            #expect(try query(cluster, "show server_version_num") == "\(cluster.serverVersion)")
            _ = try query(cluster, "create database \"a/b ?ü\"")
            let name = try query(cluster, "select current_database()", database: "a/b ?ü")
            #expect(name == "a/b ?ü")
            #expect(cluster.uri(database: "a/b ?ü").hasSuffix(":5432/a%2Fb%20%3F%C3%BC"))
            #expect(permissions(cluster.dataDirectory) == 0o700)
            #expect(permissions(cluster.socketDirectory) == 0o700)
            try cluster.stop()
            try cluster.stop()
            #expect(access(cluster.socketDirectory, F_OK) != 0)
            #expect(processes(cluster).isEmpty)
        }
    }

    @Test func keepsItsDataOverARestart() throws {
        try withFolder { folder in
            let first = try start(folder)
            _ = try query(first, "create table kept as select 42 as answer")
            try first.stop()
            #expect(truncate(first.logFile, off_t(PrivateClusterLimits.logBytes + 1)) == 0)
            let second = try start(folder, durable: true)
            #expect(access("\(first.logFile).old", F_OK) == 0)
            #expect(try query(second, "select answer from kept") == "42")
            #expect(try query(second, "show fsync") == "on")
            try second.stop()
        }
    }

    @Test func stopsOnceForManyCallersAndWithItsLastReference() throws {
        try withFolder { folder in
            let cluster = try start(folder)
            let failures = Mutex<[PrivateClusterError]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do throws(PrivateClusterError) {
                    try cluster.stop()
                    #expect(processes(cluster).isEmpty)
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
            #expect(failures.withLock { $0.isEmpty })
            try start(folder)
            #expect(processes(cluster).isEmpty)
        }
    }

    @Test func refusesAFolderThatIsInUseHereOrByHand() throws {
        try withFolder { folder in
            let cluster = try start(folder)
            try expectAlreadyRunning(folder, pid: cluster.postmasterPID)
            #expect(try query(cluster, "select 1") == "1")
            try cluster.stop()
            let byHand = ["\(cluster.binaryDirectory)/pg_ctl", "-s", "-w", "-D"]
            let socket = try SocketDirectory.create(account: ServerAccount.find())
            defer { socket.remove() }
            let options = ["-l", cluster.logFile, "-o", "-k \(socket.path)", "start"]
            #expect(try run(byHand + [cluster.dataDirectory] + options).status == 0)
            let pid = try #require(ServerProcesses(dataDirectory: cluster.dataDirectory).postmaster)
            try expectAlreadyRunning(folder, pid: pid)
            #expect(try run(byHand + [cluster.dataDirectory, "stop"]).status == 0)
            try start(folder).stop()
        }
    }

    @Test func letsOneOfTwoStartersWin() throws {
        try withFolder { folder in
            try start(folder).stop()
            let outcomes = Mutex<(clusters: [PrivateCluster], errors: [PrivateClusterError])>(
                ([], [])
            )
            DispatchQueue.concurrentPerform(iterations: 2) { _ in
                do throws(PrivateClusterError) {
                    let cluster = try start(folder)
                    outcomes.withLock { $0.clusters.append(cluster) }
                } catch {
                    outcomes.withLock { $0.errors.append(error) }
                }
            }
            let (clusters, errors) = outcomes.withLock { $0 }
            #expect(clusters.count == 1)
            #expect(errors.map(\.code) == [.alreadyRunning])
            for cluster in clusters { try cluster.stop() }
        }
    }

    @Test func refusesTheDataOfAnotherMajorVersion() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/data",
                withIntermediateDirectories: true
            )
            try "9.6\n".write(
                toFile: "\(folder)/data/PG_VERSION",
                atomically: true,
                encoding: .utf8
            )
            let owner = try ServerAccount.find()
            try owner.own(folder: folder, mode: 0o700)
            let error = #expect(throws: PrivateClusterError.self) { try start(folder) }
            #expect(error?.code == .wrongMajorVersion)
            #expect(error?.message.contains("PostgreSQL 9.6") == true)
        }
    }

    @Test func recoversAfterKill9WhateverThePIDFileSays() throws {
        try withFolder { folder in
            let first = try start(folder)
            _ = try query(first, "create table kept as select 42 as answer")
            try first.stop()
            for pid in [nil, "", "\(getpid())", "\(Int32.max)"] {
                let cluster = try start(folder)
                #expect(try query(cluster, "update kept set answer = answer returning 1") == "1")
                try cluster.kill9()
                #expect(processes(cluster).isEmpty)
                let path = "\(cluster.dataDirectory)/postmaster.pid"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                #expect(text.hasPrefix("\(cluster.postmasterPID)\n"))
                guard let pid else { continue }
                let stale = pid.isEmpty ? "" : pid + text.drop { $0 != "\n" }
                try stale.write(toFile: path, atomically: false, encoding: .utf8)
            }
            let last = try start(folder)
            #expect(try query(last, "select answer from kept") == "42")
            try last.stop()
        }
    }

    @Test func doesNotTakeTheDeadForTheLiving() throws {
        let child = try ChildProcess(["/bin/sleep", "60"], environment: [:], descriptors: [])
        #expect(try #require(ProcessStatus(of: child.pid)).isAlive)
        #expect(kill(child.pid, SIGKILL) == 0)
        let dies = BoundedWait.holds(within: .seconds(10)) {
            ProcessStatus(of: child.pid)?.isAlive == false
        }
        #expect(dies)
        #expect(kill(child.pid, 0) == 0)
        #expect(child.wait(atMost: .seconds(10)) == 128 + SIGKILL)
        #expect(ProcessStatus(of: child.pid) == nil)
    }

    @Test func isGoneWhenItsParentWasKilledAndStartsAgainAtOnce() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            let cluster = try start(folder)
            _ = try query(cluster, "create table kept as select 42 as answer")
            try "\(cluster.postmasterPID)\n\(cluster.socketDirectory)\n\(startSleeper())".write(
                toFile: "\(folder)/facts",
                atomically: true,
                encoding: .utf8
            )
            kill(getpid(), SIGKILL)
        }
        let facts = try String(contentsOfFile: "\(folder)/facts", encoding: .utf8)
            .components(separatedBy: "\n")
        let sleeper = try #require(pid_t(facts[2]))
        // A child of the dead parent lives on; the lifeline must not have leaked into it.
        #expect(kill(sleeper, 0) == 0)
        // Starting again waits for the supervisor of the dead parent, so the server is gone.
        let cluster = try start(folder)
        #expect(!processes(cluster).contains(try #require(pid_t(facts[0]))))
        #expect(access(facts[1], F_OK) != 0)
        #expect(kill(sleeper, SIGKILL) == 0)
        #expect(try query(cluster, "select answer from kept") == "42")
        try cluster.stop()
    }

    @Test func outlivesSignalsToItsSessionAndItsSupervisor() throws {
        try withFolder { folder in
            let cluster = try start(folder)
            let sessions = [getpid(), try supervisor(of: cluster), cluster.postmasterPID].map(
                getsid
            )
            #expect(Set(sessions).count == 3)
            for signal in [SIGHUP, SIGINT, SIGTERM] { kill(-(try supervisor(of: cluster)), signal) }
            #expect(try query(cluster, "select 1") == "1")
            let pid = try supervisor(of: cluster)
            #expect(pid > 0)
            kill(-pid, SIGKILL)
            #expect(try query(cluster, "select 1") == "1")
            try cluster.stop()
            #expect(processes(cluster).isEmpty)
            #expect(access(cluster.socketDirectory, F_OK) != 0)
        }
    }

    @Test func appliesItsOwnAndTheCallersSettings() throws {
        try withFolder { folder in
            let extra = ["max_connections": "33", "tally.note": #"it's a "\ ´"# + "\nline"]
            let cluster = try start(folder, settings: extra)
            #expect(try query(cluster, "show log_parameter_max_length") == "0")
            #expect(try query(cluster, "show log_parameter_max_length_on_error") == "0")
            #expect(try query(cluster, "show log_error_verbosity") == "terse")
            #expect(try query(cluster, "show shared_buffers") == "256MB")
            #expect(try query(cluster, "show max_wal_size") == "4GB")
            #expect(try query(cluster, "show fsync") == "off")
            #expect(try query(cluster, "show synchronous_commit") == "on")
            #expect(try query(cluster, "show max_connections") == "33")
            #expect(try query(cluster, "show tally.note") == extra["tally.note"])
            try cluster.stop()
        }
    }

    @Test(arguments: [
        ("port", "1"), ("Listen_Addresses", "*"), ("a b", "1"), ("", "1"), ("work_mem", "1\0"),
        ("x = 1\nfsync", "off"),
    ])
    func refusesASettingThatBreaksIt(_ name: String, _ value: String) {
        let configuration = PrivateClusterConfiguration(
            directory: "/nonexistent",
            settings: [name: value]
        )
        let error = #expect(throws: PrivateClusterError.self) {
            try PrivateCluster.start(configuration)
        }
        #expect(error?.code == .invalidSetting)
    }

    @Test func explainsAFailedStartWithTheServersOwnWords() throws {
        try withFolder { folder in
            let error = #expect(throws: PrivateClusterError.self) {
                try start(folder, settings: ["shared_buffers": "plenty"])
            }
            #expect(error?.code == .startFailed)
            #expect(error?.message.contains("shared_buffers") == true)
            let settings = try String(contentsOfFile: "\(folder)/data/tally.conf", encoding: .utf8)
            let socket = try #require(settings.firstMatch(of: /'(\/tmp\/tally-[^']+)'/)).1
            #expect(access(String(socket), F_OK) != 0)
            try start(folder).stop()
        }
    }

    @Test(arguments: [
        String(repeating: "long/", count: 12) + String(repeating: "x", count: 200),
        "it's a föld er",
    ])
    func runsInAFolderWithAnUnusualName(_ name: String) throws {
        try withFolder { folder in
            let cluster = try start("\(folder)/\(name)")
            #expect(try query(cluster, "select 1") == "1")
            try cluster.stop()
        }
    }

    @Test(arguments: ["", "/tmp/$(id)", "/tmp/a\"b", "/tmp/" + String(repeating: "/x", count: 500)])
    func refusesAPathThatItsToolsMangle(_ path: String) {
        let error = #expect(throws: PrivateClusterError.self) { try start(path) }
        #expect(error?.code == .unsupportedPath)
    }

    @Test func refusesASocketFolderThatIsTooLong() throws {
        let account = try ServerAccount.find()
        let error = #expect(throws: PrivateClusterError.self) {
            try SocketDirectory.create(
                under: "/tmp/" + String(repeating: "x", count: 76),
                account: account
            )
        }
        #expect(error?.code == .unsupportedPath)
        #expect(error?.message.contains("108") == true)
        let fitting = #expect(throws: PrivateClusterError.self) {
            try SocketDirectory.create(
                under: "/tmp/" + String(repeating: "x", count: 75),
                account: account
            )
        }
        #expect(fitting?.code == .systemCallFailed)
    }

    @Test func doesNotTakeOverAFolderOfSomebodyElse() throws {
        try withFolder { folder in
            try "theirs".write(toFile: "\(folder)/file", atomically: true, encoding: .utf8)
            let others = geteuid() == 0 ? folder : "/usr/lib"
            let error = #expect(throws: PrivateClusterError.self) { try start(others) }
            #expect(error?.code == .directoryUnusable)
        }
    }

    @Test func hidesTheParentsEnvironmentFromTheServer() {
        let parent = ["PATH": "/p", "PGPORT": "1", "PGPASSWORD": "x", "TALLY_KEY": "secret"]
        let seen = ServerRuntime.environment(from: parent, adding: ["A": "b", "PGDATA": "/"])
        #expect(seen == ["PATH": "/p", "LC_ALL": "C.UTF-8", "A": "b"])
    }

    @Test func saysWhatToInstall() {
        let error = #expect(throws: PrivateClusterError.self) {
            try ServerBinaries.find(chosen: nil, root: "/nonexistent", searchPath: "/nonexistent:")
        }
        #expect(error?.code == .postgresNotFound)
        #expect(error?.description.contains("apt-get install postgresql") == true)
        let missing = #expect(throws: PrivateClusterError.self) {
            try ServerAccount.find(effectiveUser: 0, packagedUser: "no-such-user")
        }
        #expect(missing?.code == .serverUserMissing)
    }

    @Test func takesTheNewestInstalledVersionBeforeThePath() throws {
        try withFolder { folder in
            for (place, version) in [("9", "9.6.1"), ("15", "15.2"), ("17", "17.4"), ("p", "16.1")]
            {
                try fakeServer("\(folder)/\(place)/bin", version: version)
            }
            let path = "\(folder)/p/bin"
            let newest = try ServerBinaries.find(chosen: nil, root: folder, searchPath: path)
            #expect(newest.version == 170_004)
            let onPath = try ServerBinaries.find(chosen: nil, root: "/none", searchPath: path)
            #expect(onPath.major == 16)
            #expect(try ServerBinaries.find(chosen: "\(folder)/17/bin").version == 170_004)
            for chosen in ["\(folder)/17", "17/bin", "\(folder)/9/bin"] {
                let refusal = #expect(throws: PrivateClusterError.self) {
                    try ServerBinaries.find(chosen: chosen)
                }
                #expect(refusal?.message.contains("TALLY_POSTGRES") == true)
            }
            #expect(throws: PrivateClusterError.self) {
                try ServerBinaries.find(chosen: nil, root: "/none", searchPath: "\(folder)/9/bin")
            }
        }
    }

    @Test(arguments: [
        ("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)", 150_013),
        ("postgres (PostgreSQL) 18beta1", 180_000), ("postgres (PostgreSQL) 16.0", 160_000),
    ])
    func readsTheVersion(_ line: String, _ version: Int) {
        #expect(ServerBinaries.parse(version: line) == version)
        #expect(ServerBinaries.parse(version: "bash 5.2") == nil)
    }
}

private func makeFolder() throws -> String {
    var template = "/var/tmp/tally-cluster-XXXXXX".utf8CString.map { $0 }
    try #require(mkdtemp(&template) != nil)
    try #require(chmod(template, 0o755) == 0)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func removeFolder(_ folder: String) {
    try? FileManager.default.removeItem(atPath: folder)
}

private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = try makeFolder()
    defer { removeFolder(folder) }
    try body(folder)
}

@discardableResult
private func start(
    _ folder: String,
    settings: [String: String] = [:],
    durable: Bool = false
) throws(PrivateClusterError) -> PrivateCluster {
    try PrivateCluster.start(
        PrivateClusterConfiguration(directory: folder, settings: settings, durable: durable)
    )
}

private func run(_ command: [String]) throws -> CommandResult {
    try ServerRuntime().run(command, atMost: .seconds(30))
}

private func query(
    _ cluster: PrivateCluster,
    _ sql: String,
    database: String = "postgres"
) throws -> String {
    let uri = cluster.uri(database: database)
    let result = try run(["\(cluster.binaryDirectory)/psql", "-XAtq", "-d", uri, "-c", sql])
    try #require(result.status == 0, "\(result.output)")
    return result.output
}

private func expectAlreadyRunning(_ folder: String, pid: pid_t) throws {
    let error = #expect(throws: PrivateClusterError.self) { try start(folder) }
    #expect(error?.code == .alreadyRunning)
    #expect(error?.message.contains("process \(pid)") == true)
}

private func processes(_ cluster: PrivateCluster) -> [pid_t] {
    ServerProcesses(dataDirectory: cluster.dataDirectory).all()
}

private func permissions(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

private func supervisor(of cluster: PrivateCluster) throws -> pid_t {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
    let found = names.compactMap { pid_t($0) }.first { pid in
        let command = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        let text = String(decoding: command, as: UTF8.self)
        return text.hasPrefix("/bin/sh\0") && text.contains("\0\(cluster.socketDirectory)\0")
            && getpgid(pid) == pid
    }
    return try #require(found)
}

// Without Foundation, whose Process closes descriptors: this child inherits all that it can, but
// for the low ones, which belong to the test's own machinery.
private func startSleeper() throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for low in 0..<Int32(16) { posix_spawn_file_actions_addclose(&actions, low) }
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sleep"), strdup("60"), nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, "/bin/sleep", &actions, nil, arguments, [nil]) == 0)
    return pid
}

private func fakeServer(_ directory: String, version: String) throws {
    try FileManager.default.createDirectory(
        atPath: directory,
        withIntermediateDirectories: true
    )
    for name in ["postgres", "initdb", "pg_ctl"] {
        let path = "\(directory)/\(name)"
        try "#!/bin/sh\necho 'postgres (PostgreSQL) \(version)'\n".write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        try #require(chmod(path, 0o755) == 0)
    }
}
