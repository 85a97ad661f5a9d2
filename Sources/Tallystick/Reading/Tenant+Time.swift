// The past of a tenant: what a moment means, and what changed between two.

public import TallyCore
internal import TallyCrypto
public import TallyReplay
internal import TallyStore

/// One document that is not the same at two moments.
public struct DocumentChange: Sendable, Equatable {
    /// What happened to it.
    public enum Kind: String, Sendable {
        case created, updated, deleted
    }

    /// The stream.
    public let stream: String
    /// The document at the earlier moment.
    public let before: Document?
    /// The document at the later moment.
    public let after: Document?

    init(_ change: ChangedDocument) {
        stream = change.after.stream
        before = change.before.flatMap { Document($0) }
        after = Document(change.after)
    }

    /// What happened to it.
    public var kind: Kind {
        switch (before, after) {
        case (nil, _): .created
        case (_, nil): .deleted
        default: .updated
        }
    }

    /// The members that differ, as `data.NAME` and `personal.SUBJECT`, sorted.
    public var members: [String] {
        guard let before, let after else { return [] }
        let subjects = (before.personal.keys + after.personal.keys).distinctByBytes()
            .filter { name in
                before.personal[name].map { ByteText($0) }
                    != after.personal[name].map { ByteText($0) }
            }
        let data = Self.members(before.data, after.data)
        return (data + subjects.map { "personal.\($0)" }).sortedByBytes()
    }

    private static func members(_ before: String, _ after: String) -> [String] {
        guard ByteText(before) != ByteText(after) else { return [] }
        let values = [before, after].map { try? JSONReader.parse(Array($0.utf8)) }
        guard let old = values[0]?.objectValue, let new = values[1]?.objectValue else {
            return ["data"]
        }
        let keys = Set(old.members.map(\.key)).union(new.members.map(\.key))
        return keys.filter { old[$0] != new[$0] }.map { "data.\($0.string)" }
    }
}

extension Tenant {
    /// What a moment means in this tenant's log.
    ///
    /// - Throws: `invalid` for a time that has not passed, `notFound` for an event that is not
    ///   there.
    public func resolve(_ moment: Moment) async throws(Problem) -> ResolvedMoment {
        try ResolvedMoment(await CutFinder(pool: ledger.readers).cut(id, at: moment))
    }

    /// The documents that differ between two moments.
    ///
    /// - Parameters:
    ///   - earlier: the earlier moment.
    ///   - later: the later one; `nil` for now.
    ///   - start: what the page before said; `nil` for the first page.
    ///   - limit: at most so many; fewer where they hold more than 32 MiB.
    ///   - progress: is told how many streams were looked at.
    /// - Returns: the changes in an order that is arbitrary but always the same, and what to ask
    ///   for next; `nil` when there are no more.
    /// - Throws: `invalid` when the moments stand in the wrong order.
    /// - Complexity: O(streams with events in between), not the tenant's history.
    public func differences(
        from earlier: Moment,
        to later: Moment? = nil,
        after start: String? = nil,
        limit: Int = 1000,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> (changes: [DocumentChange], next: String?) {
        do {
            let range = try await range(from: earlier, to: later)
            var changes: [DocumentChange] = []
            let last = try await reader.changes(
                id,
                range,
                after: try Self.place(start) ?? .zero,
                progress: progress
            ) { change in
                changes.append(DocumentChange(change))
                return changes.count < limit
            }
            return (changes, last?.hex)
        } catch {
            throw Problem(error)
        }
    }

    /// The documents that differ between two moments, those that were changed last first.
    ///
    /// - Parameters:
    ///   - earlier: the earlier moment.
    ///   - later: the later one; `nil` for now.
    ///   - position: what the page before said; `nil` for the first page.
    ///   - limit: at most so many.
    ///   - progress: is told how many streams were looked at.
    /// - Returns: the changes, and the position before which to go on; `nil` when there are no
    ///   more.
    /// - Throws: `invalid` when the moments stand in the wrong order.
    /// - Complexity: O(events in between).
    public func newestDifferences(
        from earlier: Moment,
        to later: Moment? = nil,
        before position: Int? = nil,
        limit: Int = 1000,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> (changes: [DocumentChange], next: Int?) {
        do {
            let range = try await range(from: earlier, to: later)
            let log = Session(pool: ledger.readers)
            var (changes, shown) = ([DocumentChange](), position ?? .max)
            var (bytes, seen) = (0, 0)
            while true {
                let page = try await log.newestStreams(id, before: shown, end: range.upperBound)
                let rows = page.prefix { $0.position >= range.lowerBound }
                let base = seen
                let last = try await reader.changes(
                    id,
                    of: Array(rows),
                    since: range.lowerBound,
                    progress: { progress(base + $0) }
                ) { change in
                    changes.append(DocumentChange(change))
                    bytes += change.weight
                    return changes.count < limit && bytes <= ReplayLimits.answerBytes
                }
                if let last { return (changes, last) }
                guard let oldest = rows.last, rows.count == page.count else {
                    return (changes, nil)
                }
                shown = oldest.position
                seen += rows.count
            }
        } catch {
            throw Problem(error)
        }
    }

    private func range(from earlier: Moment, to later: Moment?) async throws -> Range<Int> {
        let (start, end) = (try await end(at: earlier), try await end(at: later))
        guard start <= end else {
            throw Problem(
                .invalid,
                "the second moment is before the first",
                hint: "give the earlier one first"
            )
        }
        return start..<end
    }
}
