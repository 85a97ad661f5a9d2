// Whatever an error tells people to type has to exist.

import TallyCore
import Testing

struct TermTests {
    private static let commands: [Term] = [
        .initialize, .migrateSchema, .checkSchema, .verify, .verifyOpening, .examine, .listTenants,
        .showTenant, .thaw, .listEvents(query: "kind:operatorAction"), .documentHistory,
        .differences, .listOperators, .addOperator, .listRequests(all: true),
        .listRequests(all: false), .approve(nil), .refuse, .listHolds, .listErasures,
        .runErasure(nil), .spreadErasure(.random()), .requestTenantErasure, .planRestore,
        .listRestores, .showRestore, .abortRestore, .listProjections, .showProjection,
        .rebuildProjection("trail"), .retryProjection, .skipEvent, .removeProjection("trail"),
        .listKeys, .rotateKeys, .restoreKeys, .adoptKeys, .giveUpEpoch(2),
    ]
    private static let settings: [Term] = [.database, .keyStore, .keks, .keyJournal]

    @Test(arguments: commands)
    func aCommandIsThereWithItsFlags(term: Term) throws {
        let words = term.command.split(separator: " ").map(String.init)
        #expect(words.first == "tally")
        let verbs = words.dropFirst().prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } }
            .prefix(2).filter { !$0.hasPrefix("--") }
        let help = try TallyProcess.run(verbs + ["--help"], environment: [:])
        #expect(help.status == 0, "\(term.command)")
        for flag in words where flag.hasPrefix("--") {
            #expect(help.output.contains(flag), "\(term.command): \(flag)")
        }
    }

    @Test(arguments: settings)
    func aSettingIsAFlagOfEveryCommand(term: Term) throws {
        let help = try TallyProcess.run(["verify", "--help"], environment: [:]).output
        for flag in term.command.split(separator: " ") where flag.hasPrefix("--") {
            #expect(help.contains(flag), "\(flag)")
        }
    }
}
