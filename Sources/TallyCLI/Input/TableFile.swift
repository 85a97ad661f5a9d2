// Declarations of table projections in YAML; whatever it does not know it refuses, with the line.

internal import TallyCore
internal import TallyReplay
internal import Tallystick
internal import Yams

/// Reads `tables:`, a mapping of names to collections, columns and indexes.
struct TableFile {
    /// The bytes that a file may have.
    static let bytes = 1 << 20

    /// The file's name, as its user gave it.
    let path: String

    /// The tables in the order of the file.
    ///
    /// - Throws: ``Problem`` `invalid`, with file and line.
    func tables(_ text: String) throws(Problem) -> [TableDefinition] {
        let root = try map(node(text), "the file", ["tables"])
        guard let tables = root["tables"] else {
            throw refusal(nil, "there are no tables", "begin with tables:")
        }
        var definitions: [TableDefinition] = []
        for (key, value) in try pairs(tables, "tables") {
            definitions.append(try table(key, value))
        }
        return definitions
    }

    private func node(_ text: String) throws(Problem) -> Node {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw refusal(nil, "the file is empty", "begin with tables:")
            }
            return node
        } catch let problem as Problem {
            throw problem
        } catch {
            throw refusal(nil, "not YAML: \(error)", "correct the file")
        }
    }

    // MARK: - Tables

    private func table(_ name: String, _ node: Node) throws(Problem) -> TableDefinition {
        let fields = try map(node, name, ["collection", "columns", "indexes", "logged"])
        guard let collection = fields["collection"], let columns = fields["columns"] else {
            throw refusal(node, "\(name) has no collection or no columns", "give both")
        }
        let place = try scalar(collection)
        var declared: [TableColumn] = []
        for (key, value) in try pairs(columns, "columns") {
            declared.append(try column(key, value))
        }
        var indexes: [[String]] = []
        for index in try fields["indexes"].map({ node throws(Problem) in try list(node) }) ?? [] {
            indexes.append(try list(index).map { node throws(Problem) in try scalar(node) })
        }
        let logged = try fields["logged"].map { node throws(Problem) in try bool(node) }
        return try at(node) { () throws(Problem) in
            try TableDefinition(
                name: name,
                collection: place,
                columns: declared,
                indexes: indexes,
                isLogged: logged
            )
        }
    }

    /// A column: its path alone, or its path with what else is to be said.
    private func column(_ name: String, _ node: Node) throws(Problem) -> TableColumn {
        if let path = node.string {
            return try at(node) { () throws(Problem) in
                try TableColumn(name, from: ColumnPath(path))
            }
        }
        let fields = try map(node, name, ["from", "type", "subject", "mismatch"])
        guard let path = try fields["from"].map({ node throws(Problem) in try scalar(node) }) else {
            throw refusal(node, "column \(name) has no path", "give from: $.data.\(name)")
        }
        let type = try type(fields["type"])
        let subject = try fields["subject"].map { node throws(Problem) in try scalar(node) }
        let isLenient = try isLenient(fields["mismatch"])
        return try at(node) { () throws(Problem) in
            try TableColumn(
                name,
                type,
                from: ColumnPath(path),
                of: subject.map { text throws(Problem) in try SubjectPattern(text) },
                isLenient: isLenient
            )
        }
    }

    private func type(_ node: Node?) throws(Problem) -> ColumnType {
        guard let node else { return .text }
        guard let type = ColumnType(rawValue: try scalar(node)) else {
            let names = ColumnType.allCases.map(\.rawValue).joined(separator: ", ")
            throw refusal(node, "there is no such type", "the types are \(names)")
        }
        return type
    }

    private func isLenient(_ node: Node?) throws(Problem) -> Bool {
        guard let node else { return false }
        switch try scalar(node) {
        case "stop": return false
        case "null": return true
        default: throw refusal(node, "mismatch says neither", "write mismatch: stop, or null")
        }
    }

    // MARK: - Nodes

    private func pairs(_ node: Node, _ what: String) throws(Problem) -> [(String, Node)] {
        guard let mapping = node.mapping else {
            throw refusal(node, "\(what) is no mapping", "write name: value, a line each")
        }
        var pairs: [(String, Node)] = []
        for (key, value) in mapping { pairs.append((try scalar(key), value)) }
        return pairs
    }

    private func map(
        _ node: Node,
        _ what: String,
        _ known: Set<String>
    ) throws(Problem) -> [String: Node] {
        var fields: [String: Node] = [:]
        for (key, value) in try pairs(node, what) {
            guard known.contains(key) else {
                throw refusal(
                    value,
                    "\(what) has no field \(key.prefix(64))",
                    "the fields are \(known.sorted().joined(separator: ", "))"
                )
            }
            fields[key] = value
        }
        return fields
    }

    private func list(_ node: Node) throws(Problem) -> [Node] {
        guard let sequence = node.sequence else {
            throw refusal(node, "indexes are no lists", "write indexes: [[stage], [stage, owner]]")
        }
        return Array(sequence)
    }

    private func scalar(_ node: Node) throws(Problem) -> String {
        guard let scalar = node.scalar else { throw refusal(node, "not a text", "write one value") }
        return scalar.string
    }

    private func bool(_ node: Node) throws(Problem) -> Bool {
        guard let value = node.bool else {
            throw refusal(node, "neither true nor false", "write logged: false")
        }
        return value
    }

    private func at<Value>(
        _ node: Node,
        _ body: () throws(Problem) -> Value
    ) throws(Problem) -> Value {
        do throws(Problem) {
            return try body()
        } catch {
            throw refusal(node, error.message, error.hint)
        }
    }

    private func refusal(_ node: Node?, _ message: String, _ hint: String) -> Problem {
        let place = node?.mark.map { "\(path):\($0.line)" } ?? path
        return Problem(.invalid, "\(place): \(message)", hint: Remedy(hint))
    }
}
