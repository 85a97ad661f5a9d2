// What became of a line, and the three ways to find out: in order up to the first that is refused,
// past those that are refused, or as a dry run.

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

    private static func inOrder(_ lines: [InputLine], _ tenant: Tenant) async -> [LineOutcome] {
        let events = requests(lines)
        let result = await tenant.append(inOrder: events)
        var outcomes = result.stored.map { LineOutcome.stored($0) }
        if let refusal = result.refusal {
            outcomes.append(.refused(refusal))
        } else if events.count < lines.count, case .failure(let problem) = lines[events.count].event
        {
            outcomes.append(.refused(problem))
        }
        return outcomes
    }

    /// The requests of the lines up to the first that holds no event.
    private static func requests(_ lines: [InputLine]) -> [(events: [NewEvent], id: String)] {
        var requests: [(events: [NewEvent], id: String)] = []
        for line in lines {
            guard case .success(let event) = line.event else { break }
            requests.append((events: [event], id: line.request))
        }
        return requests
    }

    private static func keepingGoing(
        _ lines: [InputLine],
        _ tenant: Tenant
    ) async -> [LineOutcome] {
        let events = lines.compactMap { line in
            (try? line.event.get()).map { (events: [$0], id: line.request) }
        }
        var results = await tenant.append(requests: events).makeIterator()
        return lines.map { line in
            switch line.event {
            case .failure(let problem): return .refused(problem)
            case .success:
                switch results.next() {
                case .success(let receipts): return .stored(receipts)
                case .failure(let problem): return .refused(problem)
                case nil: return .repeated
                }
            }
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
            return .refused(Problem(error))
        }
    }
}
