// Reads CSV by RFC 4180, on bytes and one row at a time: fields are ranges until asked for.
// Strict but for line ends: a line feed alone also ends a row, as in the demo's files.

/// A CSV text with a header, read row by row.
///
/// ```swift
/// var table = try CSVTable(bytes, file: "Teams.csv")
/// let year = try table.column("yearID")
/// while try table.next() { print(try table.text(year)) }
/// ```
struct CSVTable: Sendable {
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The names in the header, in order.
    private(set) var columns: [String] = []
    /// The line on which the current row begins, counted from 1.
    private(set) var line = 1

    private let bytes: [UInt8]
    private let file: String
    private var at = 0
    private var nextLine = 1
    private var fields: [Range<Int>] = []

    /// Reads the header.
    ///
    /// - Parameters:
    ///   - bytes: the whole text, UTF-8.
    ///   - file: the name that errors show.
    /// - Throws: `malformed`, also when two columns have the same name.
    init(_ bytes: [UInt8], file: String) throws(DemoError) {
        self.bytes = bytes
        self.file = file
        guard !bytes.isEmpty else { throw fault("there is no header") }
        try readRow()
        for field in fields.indices { columns.append(try text(field)) }
        guard Set(columns).count == columns.count else {
            throw fault("two columns have the same name")
        }
    }

    /// The index of the column of that name.
    func column(_ name: String) throws(DemoError) -> Int {
        guard let index = columns.firstIndex(of: name) else {
            throw fault("there is no column \(name)")
        }
        return index
    }

    /// Steps to the next row; gives `false` when there is none.
    mutating func next() throws(DemoError) -> Bool {
        guard at < bytes.count else { return false }
        try readRow()
        guard fields.count == columns.count else {
            throw fault("\(fields.count) fields where the header has \(columns.count)")
        }
        return true
    }

    /// The current row's field in that column, unquoted.
    func text(_ column: Int) throws(DemoError) -> String {
        let range = fields[column]
        guard !range.isEmpty else { return "" }
        let raw =
            bytes[range.lowerBound] == Self.quote
            ? unquoted(range) : bytes[range]
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw fault("column \(column + 1) is not UTF-8")
        }
        return text
    }

    /// What is between the quotes of a field, with doubled quotes made one.
    private func unquoted(_ range: Range<Int>) -> ArraySlice<UInt8> {
        var content: [UInt8] = []
        var index = range.lowerBound + 1
        while index < range.upperBound - 1 {
            content.append(bytes[index])
            index += bytes[index] == Self.quote ? 2 : 1
        }
        return content[...]
    }

    private mutating func readRow() throws(DemoError) {
        fields.removeAll(keepingCapacity: true)
        line = nextLine
        repeat {
            let start = at
            if at < bytes.count, bytes[at] == Self.quote {
                try skipQuoted()
            } else {
                try skipPlain()
            }
            fields.append(start..<at)
        } while takeComma()
        try takeLineEnd()
    }

    private mutating func skipPlain() throws(DemoError) {
        while at < bytes.count {
            let byte = bytes[at]
            if byte == Self.comma || byte == Self.lineFeed || byte == Self.carriageReturn {
                return
            }
            guard byte != Self.quote else { throw fault("a quote in an unquoted field") }
            at += 1
        }
    }

    private mutating func skipQuoted() throws(DemoError) {
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == Self.lineFeed { nextLine += 1 }
            guard byte == Self.quote else { continue }
            guard at < bytes.count, bytes[at] == Self.quote else { return }
            at += 1
        }
        throw fault("a quoted field does not end")
    }

    private mutating func takeComma() -> Bool {
        guard at < bytes.count, bytes[at] == Self.comma else { return false }
        at += 1
        return true
    }

    private mutating func takeLineEnd() throws(DemoError) {
        guard at < bytes.count else { return }
        if bytes[at] == Self.carriageReturn {
            at += 1
            guard at < bytes.count, bytes[at] == Self.lineFeed else {
                throw fault("a carriage return without a line feed")
            }
        }
        guard bytes[at] == Self.lineFeed else { throw fault("text after a closing quote") }
        at += 1
        nextLine += 1
    }

    private func fault(_ reason: String) -> DemoError {
        .malformed(file: file, line: line, reason: reason)
    }
}
