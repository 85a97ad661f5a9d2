// Random histories of all operations against a model that remembers the document at every version
// and does nothing clever.

import TallyCore
import TallyTesting
import Testing

@Suite struct FoldModelTests {
    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func aFoldAtEveryVersionIsWhatTheModelRemembers(seed: UInt64) throws {
        print("fold: seed \(seed)")
        var random = JSONRandom(seed: seed)
        for _ in 0..<60 {
            let steps = Self.history(&random)
            let events = FoldStep.events(steps)
            let model = try Self.model(events)
            for version in 0...events.count {
                #expect(try StreamFold.fold(Array(events.prefix(version))) == model[version])
            }
            try Self.expectStreaming(events, model)
            try Self.expectOntoKnown(events, model, &random)
        }
    }

    /// From the newest event back to a version whose document is known.
    private static func expectOntoKnown(
        _ events: [FoldEvent],
        _ model: [DocumentContent?],
        _ random: inout JSONRandom
    ) throws {
        let known = Int.random(in: 0...events.count, using: &random)
        var chain = FoldChain(from: events.count)
        while chain.next > 0, chain.next != known { try chain.take(events[chain.next - 1]) }
        #expect(try chain.fold(onto: chain.next == known ? model[known] : nil) == model.last)
        // What a revert may name to get this document back.
        guard known < events.count, let last = events.last, last.version > 0 else { return }
        #expect(model[chain.resolved] == model[last.version])
        if chain.resolved > 0 { #expect(events[chain.resolved - 1].operation != .revert) }
    }

    /// Event by event, as a rebuild does it, with the model in the place of the log.
    private static func expectStreaming(
        _ events: [FoldEvent],
        _ model: [DocumentContent?]
    ) throws {
        var content: DocumentContent?
        for event in events {
            if event.operation == .revert {
                content = model[try #require(event.revertedVersion)]
            } else {
                try StreamFold.apply(event, to: &content)
            }
            #expect(content == model[event.version])
        }
    }

    private static func history(_ random: inout JSONRandom) -> [FoldStep] {
        var steps: [FoldStep] = []
        for number in 0..<Int.random(in: 1...40, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: steps.append(.note)
            case 1: steps.append(.delete)
            case 2, 3:
                let targets =
                    [0]
                    + (0..<number).filter { steps[$0].operation != .revert }
                    .map { $0 + 1 }
                steps.append(.revert(targets.randomElement(using: &random) ?? 0))
            case 4, 5: steps.append(.put(text(&random), sections(&random)))
            default: steps.append(.patch(text(&random), sections(&random)))
            }
        }
        return steps
    }

    private static func text(_ random: inout JSONRandom) -> String {
        String(decoding: JSONValue.object(random.object(depth: 3)).canonical(), as: UTF8.self)
    }

    /// Now and then as many sections as an event can have, some of them erased.
    private static func sections(_ random: inout JSONRandom) -> [String: String?] {
        let count = random.happens(oneIn: 10) ? 31 : Int.random(in: 0..<3, using: &random)
        var sections: [String: String?] = [:]
        for _ in 0..<count {
            let name = "person:\(Int.random(in: 0..<40, using: &random))"
            sections[name] = random.happens(oneIn: 4) ? .some(nil) : section(&random)
        }
        return sections
    }

    private static func section(_ random: inout JSONRandom) -> String {
        random.happens(oneIn: 5) ? "null" : text(&random)
    }

    private static func model(_ events: [FoldEvent]) throws -> [DocumentContent?] {
        var states: [DocumentContent?] = [nil]
        for event in events {
            let before = states[states.count - 1]
            switch event.operation {
            case .note: states.append(before)
            case .delete: states.append(nil)
            case .revert: states.append(states[event.revertedVersion ?? -1])
            case .put: states.append(try merge(DocumentContent(), event, isPatch: false))
            case .patch:
                states.append(try merge(before ?? DocumentContent(), event, isPatch: true))
            }
        }
        return states
    }

    private static func merge(
        _ before: DocumentContent,
        _ event: FoldEvent,
        isPatch: Bool
    ) throws -> DocumentContent {
        var content = before
        let data = try JSONReader.parse(event.data)
        content.data = isPatch ? NaiveMerge.patch(before.data, data) : data
        for section in event.sections {
            guard case .content(let name, let text) = section else {
                content.erasedParts += 1
                continue
            }
            let value = try JSONReader.parse(text)
            if isPatch, value == .null {
                content.personal.removeValue(forKey: name)
            } else {
                content.personal[name] =
                    isPatch ? NaiveMerge.patch(before.personal[name], value) : value
            }
        }
        content.partDigests += event.digests
        return content
    }
}
