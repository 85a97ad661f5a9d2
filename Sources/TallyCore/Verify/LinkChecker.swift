// Which events were altered, told from which links of the chain are broken.

internal import TallyCrypto

/// Checks each event's `previous` against the hash of the one before it.
///
/// An event changed anywhere but in its `previous` breaks one link, the one to its successor; an
/// event whose `previous` was changed breaks two. So a single broken link names the event before
/// it, and a longer run names the events within.
struct LinkChecker {
    private var last: (position: Int, hash: Digest)?
    private var run: [(position: Int, committed: Digest, found: Digest)] = []
    private(set) var sound = 0
    private(set) var altered = 0

    init(genesis: Digest) {
        last = (-1, genesis)
    }

    /// Forgets the event before, because rows are missing.
    mutating func breakOff() {
        last = nil
    }

    /// Adds the next event; gives findings once a run of broken links has ended.
    mutating func add(_ record: EventRecord) -> [Finding] {
        defer { last = (record.position, record.hash) }
        guard let last, let previous = record.leaf?.previous else { return endRun() }
        return check(last, committed: previous)
    }

    /// Checks the head's hash; gives the last event's hash if there is one.
    mutating func finish(head: Digest, size: Int) -> ([Finding], Digest?) {
        guard let last, last.position == size - 1 else { return (endRun(), nil) }
        if last.hash == head {
            sound += 1
            return (endRun(), last.hash)
        }
        let wasSound = run.isEmpty
        run.append((last.position, head, last.hash))
        if wasSound { return (headFindings(), last.hash) }
        return (endRun(), last.hash)
    }

    private mutating func check(
        _ last: (position: Int, hash: Digest), committed: Digest
    ) -> [Finding] {
        guard last.hash != committed else {
            sound += 1
            return endRun()
        }
        run.append((last.position, committed, last.hash))
        return []
    }

    /// Only the head disagrees: either it or the last event is not what was written.
    private func headFindings() -> [Finding] {
        run.map {
            Finding(
                .alteredHead, at: $0.position,
                "the head commits to \($0.committed.hex), the last event hashes to "
                    + "\($0.found.hex); one of the two was altered")
        }
    }

    private mutating func endRun() -> [Finding] {
        defer { run.removeAll() }
        guard let first = run.first else { return [] }
        if run.count == 1, first.position < 0 {
            return [
                Finding(
                    .alteredTenant, at: 0,
                    "the genesis event was written for another ledger id, tenant or slot")
            ]
        }
        let blamed = run.count == 1 ? run[...] : run.dropFirst()
        altered += blamed.count
        return blamed.map {
            Finding(
                .alteredLeaf, at: $0.position,
                "committed \($0.committed.hex), found \($0.found.hex)")
        }
    }
}
