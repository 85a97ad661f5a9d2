// Turns a franchise's books into events: who came, what they were paid and did, who left.
// Both sources fill it, so that the sample has the shape of the real records.

/// All years of one franchise, as entries of its books.
struct FranchiseHistory: Sendable {
    /// What an entry is about, in the order in which a year's entries are made.
    enum Kind: String, CaseIterable, Sendable {
        case salary, batting, fielding, pitching, manager
    }

    /// One line of a year's books.
    struct Entry: Sendable {
        let kind: Kind
        /// The opaque id of whom it is about.
        let person: String
        /// What tells apart a person's entries of one kind and year; `nil` when there is one.
        let key: String?
        /// The salary or the object of statistics, as JSON text.
        let json: String
    }

    /// The tenant's name.
    let name: String
    /// The name for people.
    let title: String
    private var entries: [Int: [Entry]] = [:]

    /// Begins with empty books.
    init(name: String, title: String) {
        self.name = name
        self.title = title
    }

    /// Adds an entry to a year.
    mutating func add(_ entry: Entry, year: Int) {
        entries[year, default: []].append(entry)
    }

    /// The events of all years, oldest first.
    ///
    /// Who has an entry in a year belongs to the franchise in that year. Nobody leaves after the
    /// last year, of which the next one is unknown.
    ///
    /// - Parameter people: each person's name and birth, as JSON text.
    /// - Returns: the tenant, the same for the same entries.
    func tenant(people: [String: String]) -> DemoTenant {
        let years = entries.keys.sorted()
        let present = entries.mapValues { Set($0.map(\.person)) }
        var events: [DemoEvent] = []
        for year in years {
            let here = present[year, default: []]
            let came = here.subtracting(present[year - 1, default: []]).sorted()
            let gone = here.subtracting(present[year + 1, default: []]).sorted()
            var season = Season(tenant: name, year: year)
            for person in came { season.join(person, personal: people[person]) }
            for entry in inOrder(entries[year, default: []]) { season.record(entry) }
            for person in gone where year != years.last { season.leave(person) }
            events += season.events
        }
        return DemoTenant(name: name, title: title, events: events)
    }

    private func inOrder(_ entries: [Entry]) -> [Entry] {
        Kind.allCases.flatMap { kind in entries.filter { $0.kind == kind } }
    }
}

/// One year's events under construction.
private struct Season {
    let tenant: String
    let year: Int
    private(set) var events: [DemoEvent] = []

    init(tenant: String, year: Int) {
        self.tenant = tenant
        self.year = year
    }

    mutating func join(_ person: String, personal: String?) {
        let data = JSONText.object([
            ("franchise", JSONText.string(tenant)), ("joined", String(year)),
        ])
        add(
            stream: "staff/player/\(person)",
            type: "player.joined",
            .put,
            data: data,
            personal: personal.map { ["person:\(person)": $0] } ?? [:],
            actor: "system:roster",
            day: 45,
            request: "joined-\(person)"
        )
    }

    mutating func leave(_ person: String) {
        add(
            stream: "staff/player/\(person)",
            type: "player.left",
            .delete,
            actor: "system:roster",
            day: 325,
            request: "left-\(person)"
        )
    }

    mutating func record(_ entry: FranchiseHistory.Entry) {
        let request = [entry.kind.rawValue, entry.person, entry.key].compactMap(\.self)
            .joined(separator: "-")
        guard entry.kind != .salary else {
            let salaries = JSONText.object("salaries", JSONText.object("\(year)", entry.json))
            return add(
                stream: "staff/player/\(entry.person)",
                type: "salary.agreed",
                .patch,
                personal: ["person:\(entry.person)": salaries],
                actor: "office:payroll",
                day: 75,
                request: request
            )
        }
        let statistics = entry.key.map { JSONText.object($0, entry.json) } ?? entry.json
        add(
            stream: "season/\(year)/\(entry.person)",
            type: entry.kind == .manager ? "manager.season" : "\(entry.kind.rawValue).recorded",
            .patch,
            data: JSONText.object(entry.kind.rawValue, statistics),
            actor: "scorer:\(year)",
            day: 280,
            request: request
        )
    }

    private mutating func add(
        stream: String,
        type: String,
        _ operation: DemoOperation,
        data: String? = nil,
        personal: [String: String] = [:],
        actor: String,
        day: Int,
        request: String
    ) {
        events.append(
            DemoEvent(
                stream: stream,
                type: type,
                operation: operation,
                data: data,
                personal: personal,
                actor: actor,
                occurredAt: moment(day: day),
                request: "\(tenant)-\(year)-\(request)"
            )
        )
    }

    /// An instant on that day of the year, later for each event.
    private func moment(day: Int) -> Int64 {
        let leapDays = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477
        let days = (year - 1970) * 365 + leapDays + day
        return Int64(days * 86_400 + 9 * 3_600 + events.count * 47) * 1_000_000
    }
}
