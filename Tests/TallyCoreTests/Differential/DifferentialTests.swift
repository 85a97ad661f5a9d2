// Two implementations, one opinion: whatever is done to approvals, certificates, clear events and
// logs, Swift and Python say the same of it. TALLY_DIFFERENTIAL is how often; make differential.

import Foundation
import TallyCore
import TallyTesting
import Testing

/// Damaged things, judged by both implementations.
@Suite struct DifferentialTests {
    private static let count =
        ProcessInfo.processInfo.environment["TALLY_DIFFERENTIAL"].flatMap { Int($0) } ?? 2_000

    private static let seed =
        ProcessInfo.processInfo.environment["TALLY_SEED"].flatMap { UInt64($0) } ?? 1

    /// Lets Python judge as well, and expects it to agree about all.
    private func expectAgreement(_ opinions: [Opinion]) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let lines = opinions.map { JSONValue.object($0.object).canonical() + [10] }
        try Data(lines.joined()).write(to: file)
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", Self.script, file.path]
        process.standardOutput = pipe
        try process.run()
        let output = String(
            decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(),
            as: UTF8.self
        )
        process.waitUntilExit()
        let agreed = output == "\(opinions.count) compared, 0 differ\n"
        #expect(agreed, "\(output)the lines are in \(file.path)")
        if agreed { try FileManager.default.removeItem(at: file) }
    }

    private static var script: String {
        URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
            + "/docs/format/compare_verdicts.py"
    }

    /// How many of each verdict there must be at least, so that the damage is worth something.
    private func expectBoth(_ opinions: [Opinion], _ verdicts: [JSONValue]) {
        for verdict in verdicts {
            let found = opinions.count { $0.object["is"] == verdict }
            #expect(found > opinions.count / 100, "\(verdict)")
        }
    }

    @Test(arguments: ["approval", "passkey_approval"])
    func approvals(_ structure: String) throws {
        let vectors = try VectorFile(structure).vectors
        let opinions = try (0..<UInt64(Self.count)).map { number in
            var random = ByteMutator(seed: Self.seed << 32 + number)
            let vector = try #require(vectors.randomElement(using: &random))
            let bytes = try vector.bytes("bytes")
            let isSound = number % 8 == 0
            return try Opinion.approval(
                isSound ? bytes : random.mutated(bytes),
                key: vector.fields.bytes("public_key")
            )
        }
        expectBoth(opinions, ["signed", "not signed", "refused"])
        try expectAgreement(opinions)
    }

    @Test func certificates() throws {
        let texts = try VectorFile("certificate").vectors.map {
            Array(try $0.fields.text("text").utf8)
        }
        let opinions = try (0..<UInt64(Self.count / 4)).map { number in
            var random = SeededRandom(seed: Self.seed << 32 + number)
            let text = try #require(texts.randomElement(using: &random))
            guard number % 4 != 0, let value = try? JSONReader.parse(text) else {
                var bytes = ByteMutator(seed: Self.seed << 32 + number)
                return Opinion.certificate(bytes.mutated(text))
            }
            return Opinion.certificate(random.damaged(value).canonical())
        }
        expectBoth(opinions, ["refused", "signatures"])
        try expectAgreement(opinions)
    }

    @Test func clearEvents() throws {
        let vectors = try VectorFile("clear_json").vectors
        let opinions = try (0..<UInt64(Self.count)).map { number in
            var random = SeededRandom(seed: Self.seed << 32 + number)
            let vector = try #require(vectors.randomElement(using: &random))
            let kind: EventKind = try vector.fields.numbered("kind")
            var bytes = random.damaged(try vector.fields.value("value")).canonical()
            if number % 4 == 0 {
                var damage = ByteMutator(seed: Self.seed << 32 + number)
                bytes = damage.mutated(try vector.bytes("bytes"))
            }
            return Opinion.clearEvent(bytes, kind: kind)
        }
        expectBoth(opinions, ["fits", "refused"])
        try expectAgreement(opinions)
    }

    @Test func decisions() throws {
        let logs = try VectorFile("certificate").vectors.compactMap { vector -> ToldLog? in
            let text = Array(try vector.fields.text("text").utf8)
            return try (try? ErasureCertificate(decoding: text)).map(ToldLog.init)
        }
        .filter { !$0.events.isEmpty }
        #expect(logs.count > 10)
        let opinions = try (0..<UInt64(Self.count / 4)).map { number in
            var random = SeededRandom(seed: Self.seed << 32 + number)
            let log = try #require(logs.randomElement(using: &random))
            return Opinion.decisions(random.damaged(log))
        }
        try expectAgreement(opinions)
    }
}
