// tally subject: what is held about a person, and the way back after an erasure.

internal import ArgumentParser
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct SubjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subject",
        abstract: "Find, show and export what is held about a person (GDPR Art. 15, 20).",
        discussion: """
            Examples:
              tally subject find customer:8812
              tally subject export acme customer:8812 -o json > customer-8812.json
            """,
        subcommands: [Find.self, Show.self, Export.self, Readmit.self]
    )

    struct Find: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find the tenants that know a subject.",
            discussion: """
                Examples:
                  tally subject find customer:8812
                  tally subject find customer:8812 -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The subject's name, as in customer:8812.")
        var subject: String

        func run() async throws {
            try await ledger.open { ledger in
                let places = try await ledger.subjects.find(subject)
                let keys = places.flatMap { place in
                    place.keys.map { (tenant: place.tenant, key: $0) }
                }
                guard !keys.isEmpty else {
                    throw Problem(
                        .notFound,
                        "nothing is or was held under the name \(subject) in any tenant",
                        hint: "name the subject as its events do"
                    )
                }
                let shown = try page.page(keys) { $0.key.id.hex }
                output.renderer.show(shown.rows.map { Self.record($0.tenant, $0.key) })
                output.more(shown.next)
            }
        }

        private static func record(_ tenant: String, _ key: KeyRecord) -> Record {
            Record([
                ("tenant", .text(tenant)), ("class", .text(key.name.retentionClass)),
                ("generation", .integer(key.generation)),
                ("state", .text(key.state == .active ? "readable" : "erased")),
                ("key_id", .text(key.id.hex)),
            ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the documents of a tenant hold about a subject now.",
            discussion: """
                Examples:
                  tally subject show acme customer:8812
                  tally subject show acme customer:8812 -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The subject's name, as in customer:8812.")
        var subject: String

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let access = ledger.subjects
                try await access.requireKnown(subject, in: tenant)
                let sections = try await access.sections(of: subject, in: tenant)
                // The streams in the order in which they came to know the subject.
                var known: Set<ByteText> = []
                let streams = sections.map(\.stream)
                    .filter { known.insert(ByteText($0)).inserted }
                let shown = try page.page(streams) { $0 }
                var records: [Record] = []
                for stream in shown.rows {
                    guard let document = try await tenant.document(stream) else { continue }
                    records += document.personal.compactMap {
                        Self.record(stream, $0.key, $0.value, of: subject)
                    }
                }
                output.renderer.show(records)
                output.more(shown.next)
            }
        }

        private static func record(
            _ stream: String,
            _ section: String,
            _ data: String,
            of subject: String
        ) -> Record? {
            let halves = section.utf8.split(separator: UInt8(ascii: "#"), maxSplits: 1)
                .map { String(decoding: $0, as: UTF8.self) }
            guard ByteText(halves[0]) == ByteText(subject) else { return nil }
            return Record([
                ("stream", .text(stream)), ("class", .text(halves.count > 1 ? halves[1] : "")),
                ("data", .json(Array(data.utf8))),
            ])
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Export every section about a subject, from the first event on.",
            discussion: """
                Examples:
                  tally subject export acme customer:8812 -o json > customer-8812.json
                  tally subject export acme customer:8812 -o csv > customer-8812.csv

                Everything that was sealed under the subject's keys and can be read, in the order
                in which it was recorded.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The subject's name, as in customer:8812.")
        var subject: String

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let access = ledger.subjects
                try await access.requireKnown(subject, in: tenant)
                let sections = try await access.sections(of: subject, in: tenant)
                output.renderer.show(sections.map { Self.record($0) })
                Talk.say("\(sections.count)/\(sections.count) ok")
            }
        }

        private static func record(_ section: SubjectSection) -> Record {
            Record([
                ("position", .integer(section.position)),
                ("recorded_at", .time(section.recordedAt)), ("stream", .text(section.stream)),
                ("type", .text(section.type)), ("class", .text(section.retentionClass)),
                ("data", .json(section.data)), ("event_id", .text(section.eventID)),
            ])
        }
    }

    struct Readmit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask that an erased subject may be recorded again, under new keys.",
            discussion: """
                Examples:
                  tally subject readmit acme customer:8812 --operator-key alice.pem
                  tally approval approve 9f02…11c4 --operator-key bob.pem

                What was erased does not come back.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var signer: OperatorKeyOption

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The subject's name, as in customer:8812.")
        var subject: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let key = try signer.key()
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                if dryRun { return Talk.say("would ask for a readmission in \(tenant.name)") }
                let request = try await ledger.decisions.readmit(subject, to: tenant, by: key)
                try DecisionView.show(request.id, request.state, output)
            }
        }
    }
}
