// A line that the first build stored: it wrote JSON of its own, in canonical form, where a line's
// bytes are kept now. Sent again, such a line has another digest, and is known all the same.

internal import TallyCore
internal import TallyStore
internal import Tallystick

/// A line as the first build would have sent it.
struct EarlierLine {
    let event: NewEvent
    let request: String

    /// The line in canonical form; `nil` where that is how it stands, or where it was refused for
    /// another reason than the use of its request id.
    init?(_ line: InputLine, refusedFor problem: Problem) {
        guard problem.code == .requestReused, case .success(let given) = line.event,
            let canonical = try? Self.canonical(given),
            canonical.data != given.data || canonical.personal != given.personal
        else { return nil }
        (event, request) = (canonical, line.request)
    }

    private static func canonical(_ event: NewEvent) throws -> NewEvent {
        var event = event
        event.data = try event.data.map { try JSONReader.parse($0).canonical() }
        event.personal = Sections(
            try event.personal.map { ($0.key, try JSONReader.parse($0.value).canonical()) }
        )
        return event
    }

    /// The receipts that are owed; `nil` where it is not what was stored either.
    func receipts(of tenant: Tenant) async -> [Receipt]? {
        try? await tenant.append([event], request: request)
    }
}
