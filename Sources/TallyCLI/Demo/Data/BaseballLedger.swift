// Reads the Baseball Databank into three tenants: every year of three franchises.
// Names, births and salaries become personal sections; statistics stay plain data.

internal import Foundation

/// The reader of the downloaded CSV files.
struct BaseballLedger {
    /// The credit that the data's licence asks for; shown wherever the data is shown.
    static let attribution = """
        Baseball Databank 2021.2 by Chadwick Baseball Bureau, based in part on the Lahman \
        Baseball Database, copyright 1996-2015 by Sean Lahman. Licensed under CC BY-SA 3.0, \
        https://creativecommons.org/licenses/by-sa/3.0/. Changed: three franchises were \
        selected and turned into ledger events.
        """

    /// The files that are read.
    static let files = ["Teams.csv"] + sheets.map(\.file) + ["People.csv"]

    /// A file of entries: one row for each person, year, team and key.
    private struct Sheet {
        let file: String
        let kind: FranchiseHistory.Kind
        let keys: [String]
    }

    private static let sheets = [
        Sheet(file: "Salaries.csv", kind: .salary, keys: []),
        Sheet(file: "Batting.csv", kind: .batting, keys: ["stint"]),
        Sheet(file: "Fielding.csv", kind: .fielding, keys: ["stint", "POS"]),
        Sheet(file: "Pitching.csv", kind: .pitching, keys: ["stint"]),
        Sheet(file: "Managers.csv", kind: .manager, keys: ["inseason"]),
    ]

    private static let identifying: Set<String> = ["playerID", "yearID", "teamID", "lgID"]

    private static let personal = [
        "nameFirst", "nameLast", "nameGiven", "birthYear", "birthMonth", "birthDay",
        "birthCountry", "birthState", "birthCity",
    ]

    private let folder: URL
    private var histories = [
        FranchiseHistory(name: "NYY", title: "New York Yankees"),
        FranchiseHistory(name: "BOS", title: "Boston Red Sox"),
        FranchiseHistory(name: "CHC", title: "Chicago Cubs"),
    ]
    /// The index of the history to which a year's team belongs.
    private var teams: [String: Int] = [:]
    /// Everyone who has an entry.
    private var persons: Set<String> = []

    private init(folder: URL) {
        self.folder = folder
    }

    /// Reads the tenants with all their events.
    ///
    /// - Parameter folder: what ``DemoDownload/fetch()`` gave.
    /// - Returns: the three tenants, the same at each call.
    /// - Throws: `file` or `malformed`.
    static func load(from folder: URL) throws(DemoError) -> [DemoTenant] {
        var ledger = BaseballLedger(folder: folder)
        try ledger.readTeams()
        for sheet in sheets { try ledger.read(sheet) }
        let people = try ledger.readPeople()
        return ledger.histories.map { $0.tenant(people: people) }
    }

    private func open(_ file: String) throws(DemoError) -> CSVTable {
        let url = folder.appending(path: file)
        let content: Data
        do {
            content = try Data(contentsOf: url)
        } catch {
            throw .file(path: url.path, reason: error.localizedDescription)
        }
        return try CSVTable([UInt8](content), file: file)
    }

    private mutating func readTeams() throws(DemoError) {
        var table = try open("Teams.csv")
        let year = try table.column("yearID")
        let team = try table.column("teamID")
        let franchise = try table.column("franchID")
        while try table.next() {
            let name = try table.text(franchise)
            guard let index = histories.firstIndex(where: { $0.name == name }) else { continue }
            teams["\(try table.text(year))\(try table.text(team))"] = index
        }
    }

    private mutating func read(_ sheet: Sheet) throws(DemoError) {
        var table = try open(sheet.file)
        let person = try table.column("playerID")
        let year = try table.column("yearID")
        let team = try table.column("teamID")
        let keys = try columns(sheet.keys, of: table)
        let statistics = table.columns.indices.filter {
            !Self.identifying.contains(table.columns[$0]) && !keys.contains($0)
        }
        while try table.next() {
            let season = try table.text(year)
            guard let index = teams[season + (try table.text(team))] else { continue }
            let id = try table.text(person)
            let key = try texts(keys, of: table).joined(separator: "-")
            let entry = FranchiseHistory.Entry(
                kind: sheet.kind,
                person: id,
                key: keys.isEmpty ? nil : key,
                json: sheet.kind == .salary
                    ? JSONText.scalar(try table.text(try table.column("salary")))
                    : try object(statistics, of: table)
            )
            histories[index].add(entry, year: try calendarYear(season, in: table, sheet.file))
            persons.insert(id)
        }
    }

    /// Reads name and birth of everyone who has an entry, as JSON text by id.
    private func readPeople() throws(DemoError) -> [String: String] {
        var table = try open("People.csv")
        let id = try table.column("playerID")
        let details = try columns(Self.personal, of: table)
        var people: [String: String] = [:]
        while try table.next() {
            let person = try table.text(id)
            guard persons.contains(person) else { continue }
            people[person] = try object(details, of: table)
        }
        return people
    }

    private func columns(
        _ names: [String],
        of table: CSVTable
    ) throws(DemoError) -> [Int] {
        try names.map { name throws(DemoError) in try table.column(name) }
    }

    private func texts(_ columns: [Int], of table: CSVTable) throws(DemoError) -> [String] {
        try columns.map { column throws(DemoError) in try table.text(column) }
    }

    /// An object of the fields that are not empty.
    private func object(_ columns: [Int], of table: CSVTable) throws(DemoError) -> String {
        var members: [(key: String, json: String)] = []
        for column in columns {
            let field = try table.text(column)
            guard !field.isEmpty else { continue }
            members.append((table.columns[column], JSONText.scalar(field)))
        }
        return JSONText.object(members)
    }

    private func calendarYear(
        _ text: String,
        in table: CSVTable,
        _ file: String
    ) throws(DemoError) -> Int {
        guard let year = Int(text), (1800...2200).contains(year) else {
            throw .malformed(file: file, line: table.line, reason: "\(text) is not a year")
        }
        return year
    }
}
