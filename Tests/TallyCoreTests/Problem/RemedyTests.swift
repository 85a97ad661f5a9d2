// Remedies: sentences whose terms each surface says in its own words.

import TallyCore
import Testing

struct RemedyTests {
    @Test func theCommandLineSaysCommandsAndFlags() {
        let remedy: Remedy = "run \(.verify), or check \(.database) and \(.keyStore)"
        #expect("\(remedy)" == "run tally verify, or check --db and --keys")
        #expect(Problem(.misconfigured, "damaged", hint: remedy).hint == "\(remedy)")
    }

    @Test func anotherSurfaceSaysItsOwnWords() {
        let remedy: Remedy = "run \(.verify): it names what was damaged"
        let words = remedy.words { $0 == .verify ? "POST /v1/verify" : $0.command }
        #expect(words == "run POST /v1/verify: it names what was damaged")
        #expect(remedy.terms == [.verify])
    }

    @Test func sentencesAreJoinedWithTheirTerms() {
        let first: Remedy = "if it was lost, \(.restoreKeys)"
        let whole: Remedy = "\(first); otherwise give up epoch \(7)"
        #expect("\(whole)" == "if it was lost, tally key restore; otherwise give up epoch 7")
        #expect(whole.terms == [.restoreKeys])
        #expect(Remedy("").isEmpty && !whole.isEmpty)
    }

    @Test func aTermNamesWhatItIsAbout() {
        #expect(Term.giveUpEpoch(2).command == "tally key give-up 2")
        #expect(Term.giveUpEpoch(nil).command == "tally key give-up EPOCH")
        #expect(Term.runErasure(nil).command == "tally erasure run --all")
        #expect(Term.listEvents(query: nil).command == "tally event list")
    }
}
