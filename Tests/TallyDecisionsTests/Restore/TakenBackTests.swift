// Where names decide what is restored: those that Unicode calls equivalent are not the same.

import TallyCore
import TallyStore
import Testing

@testable import TallyDecisions

struct TakenBackTests {
    private let names = ("\u{e9}", "e\u{301}")

    @Test func aRestoreTakesBackOnlyWhatIsNamed() {
        let event = StoredEvent(position: 1, stream: nil, version: 1, leaf: [], body: [])
        func envelope(_ stream: String, _ actor: String) -> Envelope {
            Envelope(
                operation: .note,
                stream: stream,
                type: "t",
                actor: actor,
                data: PartData(identity: [])
            )
        }
        for scope in [RestoreScope.actor(names.0), .stream(names.0), .collection(names.0)] {
            let own = scope == .collection(names.0) ? "\(names.0)/1" : names.0
            let other = scope == .collection(names.0) ? "\(names.1)/1" : names.1
            let takenBack = TakenBack.scope(scope)
            #expect(takenBack.contains(event, envelope(own, names.0)))
            #expect(!takenBack.contains(event, envelope(other, names.1)))
        }
    }
}
