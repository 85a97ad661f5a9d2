// Pieces of a whole, several of them on their way at a time, handed on in order.

/// Works on pieces ahead of whoever takes them.
package struct OrderedPrefetch: Sendable {
    private let width: Int

    /// Works on up to `jobs` pieces, 1 at least, while one more is being taken.
    package init(jobs: Int) {
        width = max(1, jobs) + 1
    }

    /// Gives `body` each piece with what came of it, in order.
    ///
    /// What `body` does counts for which piece is begun next, but for those on their way.
    /// - Parameters:
    ///   - next: the next piece to begin with; `nil` when there is none.
    ///   - work: what is done with a piece; pieces do not wait for each other.
    ///   - body: takes a piece that is done.
    /// - Throws: what `work` and `body` throw, once everything that was begun has ended.
    package func each<Piece: Sendable, Done: Sendable>(
        _ next: () -> Piece?,
        _ work: @escaping @Sendable (Piece) async throws -> Done,
        _ body: (Piece, Done) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Piece, Done).self) { group in
            var (begun, taken) = (0, 0)
            var early: [Int: (Piece, Done)] = [:]
            repeat {
                while begun - taken < width, let piece = next() {
                    let number = begun
                    group.addTask { (number, piece, try await work(piece)) }
                    begun += 1
                }
                while taken < begun, early[taken] == nil, let done = try await group.next() {
                    early[done.0] = (done.1, done.2)
                }
                guard let (piece, done) = early.removeValue(forKey: taken) else { return }
                taken += 1
                try await body(piece, done)
            } while true
        }
    }
}
