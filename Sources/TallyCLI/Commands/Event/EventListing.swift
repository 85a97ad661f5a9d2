// The three lists of events: of a stream, of a query, and of the log as it is.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// Reads one page of events.
struct EventListing {
    /// Events with the position, or of a stream the version, to go on after.
    typealias Page = (events: [Event], next: Int?)

    let ledger: Ledger
    let tenant: Tenant
    let page: PageOptions
    let output: OutputOptions

    /// Shows a page.
    func show(_ found: Page) {
        output.renderer.show(found.events.map { EventView.record($0.opened) })
        output.more(found.next.map(String.init))
    }

    /// The events that a query asks for.
    func matching(_ query: String) async throws -> Page {
        let place = try await place()?.position(in: tenant, ledger)
        let (page, tenant) = (page, tenant)
        return try await CatchUp.whenBehind(ledger, tenant, output) { () throws(Problem) in
            page.reverse
                ? try await tenant.newestEvents(where: query, before: place, limit: page.limit)
                : try await tenant.events(where: query, after: place ?? -1, limit: page.limit)
        }
    }

    /// The events of a stream by their versions.
    func ofStream(_ stream: String, at moment: Moment? = nil) async throws -> Page {
        let version = try await version(in: stream)
        let limit = page.limit
        return page.reverse
            ? try await tenant.newestHistoryPage(
                of: stream,
                before: version,
                limit: limit,
                at: moment
            )
            : try await tenant.historyPage(
                of: stream,
                after: version ?? 0,
                limit: limit,
                at: moment
            )
    }

    /// The rows of the log, also where some are missing.
    func rows() async throws -> Page {
        let size = try await Session(pool: ledger.readers).size(tenant.id)
        let place = try await place()?.position(in: tenant, ledger)
        let range = range(place, size)
        var answer = Answer()
        var rest = range
        while !rest.isEmpty, answer.hasRoom {
            let page = try await page.reverse ? lastPage(of: rest) : firstPage(of: rest)
            let taken = answer.take(page.events)
            let whole = taken == page.events.count
            if self.page.reverse {
                let start = whole ? page.range.lowerBound : answer.last ?? rest.lowerBound
                rest = rest.lowerBound..<start
            } else {
                let end = whole ? page.range.upperBound : (answer.last ?? rest.lowerBound) + 1
                rest = end..<rest.upperBound
            }
        }
        guard page.reverse else {
            return (answer.events, rest.lowerBound < size ? rest.lowerBound - 1 : nil)
        }
        return (answer.events, rest.upperBound > 0 ? rest.upperBound : nil)
    }

    /// Events up to what one answer may hold.
    private struct Answer {
        private(set) var events: [Event] = []
        private var bytes = 0

        var hasRoom: Bool { bytes < ReplayLimits.answerBytes }
        var last: Int? { events.last?.position }

        /// Takes events in order while there is room; gives how many.
        mutating func take(_ more: [OpenedEvent]) -> Int {
            let fitting = more.prefix { event in
                defer { bytes += event.textBytes }
                return hasRoom
            }
            events += fitting.map { Event($0) }
            return fitting.count
        }
    }

    private typealias OpenedPage = (events: [OpenedEvent], range: Range<Int>)

    /// The first events of a range that fit into a page.
    private func firstPage(of range: Range<Int>) async throws -> OpenedPage {
        let rows = try await Session(pool: ledger.readers).page(tenant.id, range)
        let events = try await EventOpener(vault: ledger.vault).open(rows, of: tenant.id)
        let end = rows.last.map { $0.position + 1 } ?? range.upperBound
        return (events, range.lowerBound..<end)
    }

    /// The last events of a range that fit into a page, newest first: as few as it takes.
    private func lastPage(of range: Range<Int>) async throws -> OpenedPage {
        var count = range.count
        while true {
            let tail = range.upperBound - count..<range.upperBound
            let page = try await firstPage(of: tail)
            // Behind the last row there may be none because they are missing, or because they do
            // not fit.
            if count == 1 || page.range.upperBound == tail.upperBound {
                return (page.events.reversed(), tail)
            }
            count = max(1, min(count / 2, tail.upperBound - page.range.upperBound))
        }
    }

    private func range(_ place: Int?, _ size: Int) -> Range<Int> {
        if page.reverse {
            let end = max(0, min(place ?? size, size))
            return max(0, end - page.limit)..<end
        }
        let start = max(0, min(place ?? -1, size - 1) + 1)
        return start..<min(start + page.limit, size)
    }

    private func place() throws -> EventPlace? {
        try page.after.map { text in
            guard let place = EventPlace(argument: text) else {
                throw ValidationError("--after takes a position or an event's id, not \(text)")
            }
            return place
        }
    }

    /// The version that `--after` names: itself, or that of an event of the stream.
    private func version(in stream: String) async throws -> Int? {
        switch try place() {
        case nil: return nil
        case .position(let version): return max(0, min(version, Int(Int32.max) - 1))
        case .id(let id):
            let position = try await EventPlace.id(id).position(in: tenant, ledger)
            let row = try await Session(pool: ledger.readers)
                .events(tenant.id, position..<position + 1).first
            let tag = try await ledger.vault.indexKey(tenant.id).tag(.stream, stream)
            guard let row, row.stream == tag, let version = row.version else {
                throw Problem(
                    .notFound,
                    "event \(id.hex) is not one of \(stream)",
                    hint: "tally event show \(tenant.name) \(id.hex) says where it belongs"
                )
            }
            return version
        }
    }
}
