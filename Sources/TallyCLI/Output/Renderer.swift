// The one renderer: every command's data in every form, on stdout.

internal import ArgumentParser
internal import Foundation

/// The forms of `-o`.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    case table, json, jsonl, csv, id

    /// The form that arguments ask for, also where something else in them cannot be understood.
    static func asked(in arguments: [String]) -> OutputForm {
        let own = arguments.prefix { $0 != "--" }
        let named = zip(own, own.dropFirst()).filter { ["-o", "--output"].contains($0.0) }.map(\.1)
        let joined = own.filter { $0.hasPrefix("--output=") }.map { String($0.dropFirst(9)) }
        return (named + joined).lazy.compactMap { OutputForm(rawValue: $0) }.last ?? .table
    }
}

/// Writes records in the chosen form.
///
/// A table is aligned on a terminal and fits it, unless it shall be wide; in a pipe it is
/// tab-separated and whole.
struct Renderer {
    let form: OutputForm
    var isWide = false
    private let terminal = TerminalWidth.columns(of: STDOUT_FILENO)

    /// Shows records under one heading.
    ///
    /// - Parameters:
    ///   - records: what to show; all have the same fields.
    ///   - isList: whether JSON is an array even for one record.
    func show(_ records: [Record], isList: Bool = true) {
        switch form {
        case .table: table(records, isList: isList)
        case .json: json(records, isList: isList)
        case .jsonl: records.forEach { Page.line($0.json) }
        case .csv: csv(records)
        case .id: records.forEach { Page.line($0.fields.first?.value.cell ?? "") }
        }
    }

    /// Shows one record of a list that has no end, under a heading where it is the first.
    func stream(_ record: Record, isFirst: Bool) {
        func row(_ cells: [String]) {
            let shown = cells.map { form == .csv ? Self.csvCell($0) : Self.oneLine($0) }
            Page.line(shown.joined(separator: form == .csv ? "," : "\t"))
        }
        switch form {
        case .json, .jsonl: Page.line(record.json)
        case .id: Page.line(record.fields.first?.value.cell ?? "")
        case .table, .csv:
            if isFirst { row(record.fields.map(\.name)) }
            row(record.fields.map(\.value.cell))
        }
    }

    private func json(_ records: [Record], isList: Bool) {
        guard isList else { return records.forEach { Page.line($0.json) } }
        Page.line("[" + records.map(\.json).joined(separator: ",\n ") + "]")
    }

    private func table(_ records: [Record], isList: Bool) {
        guard let terminal else { return separated(records, by: "\t") { Self.oneLine($0) } }
        guard isList else { return records.forEach { pairs($0) } }
        Table(records, available: isWide ? nil : terminal).lines.forEach { Page.line($0) }
    }

    private func pairs(_ record: Record) {
        let width = record.fields.map(\.name.count).max() ?? 0
        for field in record.fields {
            let name = DisplayWidth.pad(field.name, to: width)
            Page.line("\(name)  \(Self.oneLine(field.value.cell))")
        }
    }

    private func csv(_ records: [Record]) {
        separated(records, by: ",") { Self.csvCell($0) }
    }

    private func separated(
        _ records: [Record],
        by separator: String,
        _ cell: (String) -> String
    ) {
        guard let first = records.first else { return }
        Page.line(first.fields.map { cell($0.name) }.joined(separator: separator))
        for record in records {
            Page.line(record.fields.map { cell($0.value.cell) }.joined(separator: separator))
        }
    }

    /// Control characters would let stored text move the cursor of whoever reads it.
    static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }

    /// RFC 4180, and no cell that a spreadsheet would take for a formula.
    ///
    /// By bytes: CR LF, and a comma with a combining mark behind it, are each a Character of their
    /// own.
    static func csvCell(_ text: String) -> String {
        let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let safe = isFormula && Double(text) == nil ? "'\(text)" : text
        guard safe.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return safe }
        let quote = UInt8(ascii: "\"")
        let doubled = safe.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
        return "\"\(String(decoding: doubled, as: UTF8.self))\""
    }
}
