// The command of `tally dev --`, found as a shell would find it, before anything is made for it.

internal import Foundation
internal import TallyCore
internal import Tallystick

/// A program and its arguments.
struct JobCommand {
    /// What a shell answers for a command that it cannot find, or cannot run.
    static let notFound: Int32 = 127
    static let notRunnable: Int32 = 126

    private static let standardPath = "/usr/local/bin:/usr/bin:/bin"

    /// The path of the program.
    let program: String
    /// The words as they were given, the program's name first.
    let words: [String]

    /// Finds the program of the first word on the search path of `environment`.
    ///
    /// - Throws: ``ExitStatus`` 127 or 126, after it has said why.
    init(_ words: [String], environment: [String: String]) throws(ExitStatus) {
        self.words = words
        let name = words.first ?? ""
        let candidates =
            name.contains("/")
            ? [name]
            : Self.searchPath(environment).split(separator: ":").map { "\($0)/\(name)" }
        let found = candidates.filter { !name.isEmpty && Self.isFile($0) }
        guard let program = found.first(where: { access($0, X_OK) == 0 }) else {
            throw Self.refuse(name, isThere: !found.isEmpty)
        }
        self.program = program
    }

    /// The environment with the folder of this program first, so that the child finds `tally`.
    static func findingTally(_ environment: [String: String]) -> [String: String] {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        else { return environment }
        let folder = URL(fileURLWithPath: own).deletingLastPathComponent().path
        return environment.merging(["PATH": "\(folder):\(searchPath(environment))"]) { $1 }
    }

    private static func searchPath(_ environment: [String: String]) -> String {
        environment["PATH"] ?? standardPath
    }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func refuse(_ name: String, isThere: Bool) -> ExitStatus {
        let problem =
            isThere
            ? Problem(.notFound, "\(name) is no program", hint: "make it executable: chmod +x")
            : Problem(.notFound, "there is no command \(name)", hint: "check its name, and PATH")
        Failure.show(problem)
        return ExitStatus(code: isThere ? notRunnable : notFound)
    }
}
