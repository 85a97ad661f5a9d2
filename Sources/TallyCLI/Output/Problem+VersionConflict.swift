// Why an expected version was not there: who has written to the stream since.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

extension Problem {
    /// Of how many versions the actors are told.
    private static let toldVersions = 100

    /// A version conflict with who wrote the versions since the expected one; every other problem
    /// as it is.
    func explained(_ event: NewEvent, in tenant: Tenant) async -> Problem {
        guard code == .versionConflict, let current = currentVersion else { return self }
        var expected = 0
        if case .version(let version) = event.expecting { expected = version }
        guard expected < current else { return self }
        do throws(Problem) {
            let events = try await tenant.newestHistory(
                of: event.stream,
                before: current + 1,
                limit: min(current - expected, Self.toldVersions)
            )
            guard let newest = events.first else { return self }
            let actors = Set(events.compactMap(\.actor).filter { !$0.isEmpty }).sorted()
            let by = actors.isEmpty ? "" : " by \(actors.joined(separator: ", "))"
            let since = "written to since version \(expected + 1)\(by)"
            return Problem(
                code,
                "\(message); \(since), last at \(newest.recordedAt)",
                hint: Remedy(hint),
                pointer: pointer,
                currentVersion: currentVersion
            )
        } catch {
            // The conflict is what counts; that nobody could be named is not another error.
            return self
        }
    }
}
