// What became of a line, and the three ways to find out: in order up to the first that is refused,
// past those that are refused, or as a dry run.

internal import TallyCore
internal import TallyStore
internal import Tallystick

/// What became of one line.
enum LineOutcome {
    /// It is stored, now or since an earlier run.
    case stored([Receipt])
    /// A dry run found nothing against it.
    case wouldStore
    /// A dry run met the same request before.
    case repeated
    case refused(Problem)
}

/// How lines are appended.
enum LineMode {
    case inOrder, keepGoing
    case rehearsal(AppendRehearsal, keepGoing: Bool)

    /// Whether lines behind a refused one are looked at.
    var goesOn: Bool {
        switch self {
        case .inOrder: false
        case .keepGoing: true
        case .rehearsal(_, let keepGoing): keepGoing
        }
    }

    /// What became of lines, in their order: of all, or of those up to the first that is refused.
    mutating func outcomes(of lines: [InputLine], in tenant: Tenant) async -> [LineOutcome] {
        switch self {
        case .inOrder: return await Self.inOrder(lines, tenant)
        case .keepGoing: return await Self.keepingGoing(lines, tenant)
        case .rehearsal(var rehearsal, let keepGoing):
            defer { self = .rehearsal(rehearsal, keepGoing: keepGoing) }
            return await Self.rehearse(lines, &rehearsal, keepGoing)
        }
    }

    /// Goes on behind a line that the first build stored, with few at first: more like it may
    /// follow.
    private static func inOrder(_ lines: [InputLine], _ tenant: Tenant) async -> [LineOutcome] {
        var outcomes: [LineOutcome] = []
        var count = lines.count
        while outcomes.count < lines.count {
            let (stored, refusal) = await append(lines[outcomes.count...].prefix(count), tenant)
            outcomes += stored.map { .stored($0) }
            count *= 2
            guard let refusal else { continue }
            let earlier = EarlierLine(lines[outcomes.count], refusedFor: refusal)
            guard let receipts = await earlier?.receipts(of: tenant) else {
                return outcomes + [.refused(refusal)]
            }
            outcomes.append(.stored(receipts))
            count = 1
        }
        return outcomes
    }

    /// Appends lines up to the first that is refused or holds no event.
    private static func append(
        _ lines: ArraySlice<InputLine>,
        _ tenant: Tenant
    ) async -> (stored: [[Receipt]], refusal: Problem?) {
        let events = requests(lines)
        let result = await tenant.append(inOrder: events)
        guard result.refusal == nil, events.count < lines.count,
            case .failure(let problem) = lines[lines.startIndex + events.count].event
        else { return result }
        return (result.stored, problem)
    }

    /// The requests of the lines up to the first that holds no event.
    private static func requests(
        _ lines: ArraySlice<InputLine>
    ) -> [AppendRequest] {
        var requests: [AppendRequest] = []
        for line in lines {
            guard case .success(let event) = line.event else { break }
            requests.append(AppendRequest([event], id: line.request))
        }
        return requests
    }

    private static func keepingGoing(
        _ lines: [InputLine],
        _ tenant: Tenant
    ) async -> [LineOutcome] {
        let events = lines.compactMap { line in
            (try? line.event.get()).map { AppendRequest([$0], id: line.request) }
        }
        var results = await tenant.append(requests: events).makeIterator()
        var outcomes: [LineOutcome] = []
        for line in lines {
            switch line.event {
            case .failure(let problem): outcomes.append(.refused(problem))
            case .success: outcomes.append(await outcome(of: line, results.next(), tenant))
            }
        }
        return outcomes
    }

    private static func outcome(
        of line: InputLine,
        _ result: Result<[Receipt], Problem>?,
        _ tenant: Tenant
    ) async -> LineOutcome {
        switch result {
        case .success(let receipts): return .stored(receipts)
        case .failure(let problem):
            let earlier = EarlierLine(line, refusedFor: problem)
            return await earlier?.receipts(of: tenant).map { .stored($0) } ?? .refused(problem)
        case nil: return .repeated
        }
    }

    private static func rehearse(
        _ lines: [InputLine],
        _ rehearsal: inout AppendRehearsal,
        _ keepGoing: Bool
    ) async -> [LineOutcome] {
        var outcomes: [LineOutcome] = []
        for line in lines {
            outcomes.append(await rehearse(line, &rehearsal))
            if case .refused = outcomes.last, !keepGoing { break }
        }
        return outcomes
    }

    private static func rehearse(
        _ line: InputLine,
        _ rehearsal: inout AppendRehearsal
    ) async -> LineOutcome {
        do {
            switch try await rehearsal.judge([line.event.get()], request: line.request) {
            case .new: return .wouldStore
            case .stored(let receipts): return .stored(receipts)
            case .repeated: return .repeated
            }
        } catch {
            let problem = Problem(error)
            guard let earlier = EarlierLine(line, refusedFor: problem),
                case .stored(let receipts)? = try? await rehearsal.judge(
                    [earlier.event],
                    request: earlier.request
                )
            else { return .refused(problem) }
            return .stored(receipts)
        }
    }
}
