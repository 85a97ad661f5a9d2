// The word that somebody most likely meant, for "did you mean".

/// Compares what was typed with what there is.
package enum Nearest {
    /// Words longer than this are not compared: the work grows with the square of their length.
    private static let longest = 64

    /// The word with the fewest letters to change; `nil` when none is near.
    ///
    /// - Complexity: O(words × length²), of words up to 64 letters.
    package static func word(to typed: String, in words: [String]) -> String? {
        let letters = Array(typed.lowercased().unicodeScalars)
        guard !letters.isEmpty, letters.count <= longest else { return nil }
        let near = words.compactMap { word -> (word: String, distance: Int)? in
            let other = Array(word.lowercased().unicodeScalars)
            guard other.count <= longest else { return nil }
            let distance = distance(letters, other)
            return distance <= max(1, min(letters.count, other.count) / 3) ? (word, distance) : nil
        }
        return near.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    /// How many letters have to be put in, left out, replaced or exchanged with their neighbour.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(last[column + 1], next[column]) + 1
                least = min(least, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], other == left[row - 1] {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }
}
