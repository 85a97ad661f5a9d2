// Owners at the command line: they erase what is theirs, and the certificate says so.

import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct OwnerCommandTests {
    private func tally(_ words: String) throws -> TallyProcess {
        try TallyProcess.run(words.split(separator: " ").map(String.init))
    }

    private func acme(_ options: String) throws {
        let made = try tally("tenant create acme \(options)")
        #expect(made.status == 0, "\(made.errors)")
        let event = ["append", "acme", "c/1", "t", "--data", "1", "--personal", #"p:1={"n":1}"#]
        #expect(try TallyProcess.run(event).status == 0)
    }

    @Test func anAgentErasesWithoutAnOperator() throws {
        let people = try KeyFolder("carol", "agent")
        defer { people.remove() }
        try acme("--owner \(people.public("carol"))")
        let added = try tally(
            "owner add acme --agent --public-key \(people.public("agent")) "
                + "--owner-key \(people.private("carol"))"
        )
        #expect(added.status == 0, "\(added.errors)")
        let listed = try tally("owner list acme -o jsonl").lines()
        #expect(listed.map { $0["state"]?.stringValue } == ["active", "active"])
        #expect(listed.last?["decides"] == "subject_erasure")
        let agent = people.private("agent")
        let asked = try tally("erasure request acme p:1 --ground g --owner-key \(agent) -o id")
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(asked.errors.contains("to erase p:1 from acme, all retention classes"))
        let id = asked.output.split(separator: "\n").joined()
        #expect(try tally("erasure run \(id) --yes").status == 0)
        let certificate = try tally("erasure certificate \(id)")
        #expect(certificate.output.contains(#""authority":"owner""#))
    }

    @Test func whereTwoOwnersDecideTheFirstWaitsForAnother() throws {
        let people = try KeyFolder("carol", "dan", "mallory")
        defer { people.remove() }
        let (carol, dan) = (people.public("carol"), people.public("dan"))
        try acme("--owner \(carol) --owner \(dan) --owner-quorum 2")
        let asked = try tally(
            "erasure request acme p:1 --ground g --owner-key \(people.private("carol")) -o id"
        )
        #expect(asked.status == 7)
        #expect(asked.errors.contains("waits for another owner: tally approval approve"))
        let id = asked.output.split(separator: "\n").joined()
        let unsigned = try tally("approval refuse \(id) --ground g")
        #expect(unsigned.status == 7, "\(unsigned.errors)")
        let stranger = try tally("approval approve \(id) --owner-key \(people.private("mallory"))")
        #expect(stranger.status == 4, "\(stranger.errors)")
        let approved = try tally("approval approve \(id) --owner-key \(people.private("dan"))")
        #expect(approved.status == 0 && approved.output.contains("approved"))
    }

    @Test func badInputIsNamedAndStoresNothing() throws {
        let people = try KeyFolder("carol")
        defer { people.remove() }
        let carol = people.public("carol")
        for (words, status) in [
            ("tenant create acme --owner \(people.private("carol"))", 1),
            ("tenant create acme --owner /nowhere.pub", 5),
            ("tenant create acme --owner \(carol) --owner-quorum 2", 64),
            ("tenant create acme --owner \(carol) --owner-quorum 3", 64),
            ("tenant create acme --owner \(carol) --owner \(carol)", 1),
        ] as [(String, Int32)] {
            let refused = try tally(words)
            #expect(refused.status == status, "\(words): \(refused.status) \(refused.errors)")
            #expect(refused.output.isEmpty, "\(words)")
        }
        #expect(try !tally("tenant list").output.contains("acme"))
    }
}
