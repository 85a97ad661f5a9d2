// The scanner finds what it is meant to find, wherever and however it is written, and says what it
// could not look into.

import Foundation
import TallyTesting
import Testing

@testable import TallyTesting

@Suite struct RemanenceScannerTests {
    private static let window = 64
    private let needle = Needle.canary("canary")

    private func scan(_ bytes: [UInt8]) -> [RemanenceScanner.Hit] {
        RemanenceScanner([needle], window: Self.window)
            .scan([.memory(name: "m", bytes: bytes)]).hits
    }

    @Test func aNeedleIsFoundOnceAtEveryPlaceAroundTheBordersOfWindows() {
        for offset in 0...4 * Self.window {
            let zeros = [UInt8](repeating: 0, count: offset)
            for behind in [0, 1, 200] {
                let hits = scan(zeros + needle.bytes + [UInt8](repeating: 0, count: behind))
                #expect(hits.map(\.offset) == [offset])
                #expect(hits.map(\.encoding) == [.raw])
            }
        }
    }

    @Test(arguments: Encoding.allCases)
    func aNeedleIsFoundInEveryEncoding(encoding: Encoding) {
        for before in 0..<6 {
            let text = written(encoding, before)
            for offset in [0, 1, Self.window - 5, Self.window] {
                let hits = scan([UInt8](repeating: 10, count: offset) + text)
                let place = offset + characters(encoding, before)
                #expect(hits.contains { $0.encoding == encoding && $0.offset == place })
                #expect(hits.allSatisfy { Self.family($0.encoding) == Self.family(encoding) })
            }
        }
    }

    /// Encodings whose halves may look alike: digits have no case, and the zero of one UTF-16
    /// character may be taken for that of its neighbour.
    private static func family(_ encoding: Encoding) -> String {
        switch encoding {
        case .raw: "raw"
        case .base64: "base64"
        case .hex, .upperHex: "hex"
        case .utf16LittleEndian, .utf16BigEndian: "UTF-16"
        case .hexOfUTF16LittleEndian, .hexOfUTF16BigEndian: "hex of UTF-16"
        }
    }

    /// How many characters of `written` belong to what is before the needle.
    private func characters(_ encoding: Encoding, _ before: Int) -> Int {
        switch encoding {
        case .raw: before
        case .hex, .upperHex: 2 * before
        case .base64: (8 * before + 5) / 6
        default: 0
        }
    }

    @Test(arguments: [Encoding.raw, .hex, .base64])
    func somethingInTheMiddleOfANeedleDoesNotHideIt(encoding: Encoding) {
        let text = written(encoding, 0)
        for place in 1..<text.count {
            let broken = text[..<place] + [10] + text[place...]
            #expect(!scan(Array(broken)).isEmpty, "broken at \(place)")
        }
    }

    @Test func bytesOfChanceAreNoHit() {
        #expect(scan((0..<100_000).map { _ in UInt8.random(in: 0...255) }).isEmpty)
    }

    @Test func anAlphabetOfURLsIsBase64Too() {
        let needle = Needle("key", bytes: (0..<32).map { $0 % 2 == 0 ? 0xfb : 0xff })
        let standard = Data(needle.bytes).base64EncodedString()
        let url = standard.replacing("+", with: "-").replacing("/", with: "_")
        for text in [standard, url] {
            let report = RemanenceScanner([needle])
                .scan([.memory(name: "m", bytes: Array(text.utf8))])
            #expect(Set(report.hits.map(\.encoding)) == [.base64])
        }
    }

    @Test func whatCannotBeReadIsCountedAndTheRestIsRead() throws {
        let directory = try TestCluster.shared.get().scratch + "/\(UUID().uuidString)"
        let files = FileManager.default
        try files.createDirectory(
            atPath: "\(directory)/below",
            withIntermediateDirectories: true
        )
        try Data(needle.bytes).write(to: URL(filePath: "\(directory)/below/file"))
        try files.createSymbolicLink(
            atPath: "\(directory)/gone",
            withDestinationPath: "\(directory)/vanished"
        )
        let report = RemanenceScanner([needle]).scan([.path(directory), .path("/nowhere/at/all")])
        #expect(report.hits.map(\.path) == ["\(directory)/below/file"])
        #expect(report.coverage.unreadable == ["\(directory)/gone", "/nowhere/at/all"])
        #expect(report.coverage.files == 1)
        #expect(report.coverage.bytes == needle.bytes.count)
    }

    @Test func aReportShowsNamesAndNoNeedle() throws {
        let hit = try #require(scan(needle.bytes).first)
        #expect("\(hit)" == "canary as raw in m at byte 0")
    }

    /// The needle behind some bytes of somebody else, written down.
    private func written(_ encoding: Encoding, _ before: Int) -> [UInt8] {
        let bytes = [UInt8](repeating: 0x5a, count: before) + needle.bytes + [1, 2, 3]
        let hex = { (bytes: [UInt8]) in bytes.map { String(format: "%02x", $0) }.joined() }
        let little = Array(needle.text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
        let big = Array(needle.text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        return switch encoding {
        case .raw: bytes
        case .hex: Array(hex(bytes).utf8)
        case .upperHex: Array(hex(bytes).uppercased().utf8)
        case .base64: Array(Data(bytes).base64EncodedString().utf8)
        case .utf16LittleEndian: little
        case .utf16BigEndian: big
        case .hexOfUTF16LittleEndian: Array(hex(little).utf8)
        case .hexOfUTF16BigEndian: Array(hex(big).utf8)
        }
    }
}
