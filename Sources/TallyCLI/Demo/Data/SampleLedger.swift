// The demo's data when there is no network: invented clubs and people, the same in each run.
// It fills the same books as the real records and so has their shape, at a ninth of their size.

/// A generator of sample data.
struct SampleLedger {
    /// What to show wherever the sample is shown.
    static let notice = "Generated sample: all clubs, people and figures are invented."

    /// Someone under contract.
    private struct Player {
        let id: String
        let position: String
        let salary: Int
    }

    private static let years = 1996...2020
    private static let rosterSize = 21
    private static let positions = ["P", "P", "P", "C", "1B", "2B", "3B", "SS", "OF", "OF"]
    private static let firstNames = [
        "Ada", "Béla", "Cleo", "Dov", "Eino", "Fatou", "Gwen", "Hugo", "Ines", "Jūlija", "Kofi",
        "Lars", "Mina", "Noël", "Olga", "Pál", "Quinn", "Rosa", "Søren", "Tove",
    ]
    private static let nicknames = ["Dash", "Moss", "Pepper", "Tally"]
    private static let lastNames = [
        "Ashgrove", "Birkwood", "Culverly", "Dunmarrow", "Eastlake", "Fernsby", "Glæde",
        "Hollowick", "Ironbridge", "Juniper", "Kestrel", "Larkmoor", "Marchbanks", "Nightingale",
        "O'Thistle", "Pemberwick", "Quillon", "Ravensdale", "Silverton", "Thornby",
    ]

    private var histories = [
        FranchiseHistory(name: "HAR", title: "Harbour Herons (generated sample)"),
        FranchiseHistory(name: "MES", title: "Mesa Meteors (generated sample)"),
        FranchiseHistory(name: "VAL", title: "Valley Voles (generated sample)"),
    ]
    private var rosters: [[Player]] = [[], [], []]
    private var managers: [String?] = [nil, nil, nil]
    /// Players without a club.
    private var free: [Player] = []
    /// Name and birth of everyone, as JSON text by id.
    private var people: [String: String] = [:]
    private var state: UInt64 = 1996

    private init() {}

    /// Makes three tenants with about 6,000 events; each call gives the same.
    static func make() -> [DemoTenant] {
        var ledger = SampleLedger()
        for year in years { ledger.play(year) }
        return ledger.histories.map { $0.tenant(people: ledger.people) }
    }

    private mutating func play(_ year: Int) {
        for club in histories.indices { dismiss(from: club) }
        for club in histories.indices {
            hire(for: club, year)
            for player in rosters[club] { record(player, club, year) }
            manage(club, year)
        }
    }

    /// Ends about a sixth of a club's contracts.
    private mutating func dismiss(from club: Int) {
        for index in rosters[club].indices.reversed() where chance(1, in: 6) {
            free.append(rosters[club].remove(at: index))
        }
    }

    /// Fills a club's roster, a third with players that others let go.
    private mutating func hire(for club: Int, _ year: Int) {
        while rosters[club].count < Self.rosterSize {
            let isKnown = !free.isEmpty && chance(1, in: 3)
            rosters[club].append(isKnown ? free.remove(at: below(free.count)) : discover(year))
        }
    }

    private mutating func discover(_ year: Int) -> Player {
        let salary = 300_000 + below(40) * 5_000
        return Player(id: newPerson(year), position: pick(Self.positions), salary: salary)
    }

    /// Invents someone and gives the id.
    private mutating func newPerson(_ year: Int) -> String {
        let id = "sample\(1_001 + people.count)"
        var first = pick(Self.firstNames)
        if chance(1, in: 8) { first += " \"\(pick(Self.nicknames))\"" }
        people[id] = JSONText.object([
            ("nameFirst", JSONText.string(first)),
            ("nameLast", JSONText.string(pick(Self.lastNames))),
            ("birthYear", String(year - 19 - below(10))),
            ("birthMonth", String(1 + below(12))),
            ("birthDay", String(1 + below(28))),
        ])
        return id
    }

    private mutating func record(_ player: Player, _ club: Int, _ year: Int) {
        let salary = player.salary * (100 + (year - 1996) * 6) / 100
        add(.salary, player.id, nil, String(salary), club, year)
        let games = 20 + below(140)
        add(.batting, player.id, "1", batting(games), club, year)
        add(.fielding, player.id, "1-\(player.position)", fielding(games), club, year)
        guard player.position == "P" else { return }
        add(.pitching, player.id, "1", pitching(games), club, year)
    }

    /// Records the manager's season; one in five is a new manager's.
    private mutating func manage(_ club: Int, _ year: Int) {
        let staying = chance(1, in: 5) ? nil : managers[club]
        let manager = staying ?? newPerson(year)
        managers[club] = manager
        let won = 60 + below(43)
        let season = figures([("G", 162), ("W", won), ("L", 162 - won)])
        add(.manager, manager, "1", season, club, year)
    }

    private mutating func add(
        _ kind: FranchiseHistory.Kind,
        _ person: String,
        _ key: String?,
        _ json: String,
        _ club: Int,
        _ year: Int
    ) {
        let entry = FranchiseHistory.Entry(kind: kind, person: person, key: key, json: json)
        histories[club].add(entry, year: year)
    }

    private mutating func batting(_ games: Int) -> String {
        let atBats = games * (2 + below(3))
        let hits = atBats * (190 + below(140)) / 1_000
        return figures([
            ("G", games), ("AB", atBats), ("R", hits / 2), ("H", hits),
            ("HR", below(hits / 4 + 1)), ("BB", below(games)),
        ])
    }

    private mutating func fielding(_ games: Int) -> String {
        figures([
            ("G", games), ("PO", games * (1 + below(3))), ("A", below(games * 2)), ("E", below(15)),
        ])
    }

    private mutating func pitching(_ games: Int) -> String {
        let outs = games * (3 + below(5))
        let runs = outs * (6 + below(14)) / 100
        let average = runs * 2_700 / outs
        let cents = String(average % 100 + 100).dropFirst()
        return JSONText.object([
            ("G", String(games)), ("IPouts", String(outs)), ("ER", String(runs)),
            ("ERA", "\(average / 100).\(cents)"),
        ])
    }

    private func figures(_ figures: [(name: String, value: Int)]) -> String {
        JSONText.object(figures.map { ($0.name, String($0.value)) })
    }

    private mutating func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

    private mutating func chance(_ hits: Int, in all: Int) -> Bool { below(all) < hits }

    /// A pseudo-random number below a bound, by SplitMix64.
    private mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
