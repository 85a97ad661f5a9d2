// Wrapped keys are found wherever they lie, and nothing that is not one.

import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@testable import TallyTesting

@Suite struct WrapFinderTests {
    private let key: [UInt8]
    private let tenantKey: [UInt8]
    private let largest: [UInt8]

    init() throws {
        let place = KeyPlace(ledger: .random(), tenant: .random(), kind: .subject)
        let (parent, child) = (try SecretKey.random(), try SecretKey.random())
        key = try WrappedKey(wrapping: child, under: parent, place: place).encoded()
        tenantKey = Self.wrap(parent, blob: 60)
        largest = Self.wrap(parent, blob: FormatLimits.providerBlob.upperBound)
    }

    private static func wrap(_ key: SecretKey, blob count: Int) -> [UInt8] {
        WrappedTWK(epoch: 7, twkID: key.id, blob: SecureRandom.bytes(count)).encoded()
    }

    private func find(_ bytes: [UInt8], window: Int = 100) -> FoundWraps {
        WrapFinder(window: window).find(in: [.memory(name: "m", bytes: bytes)])
    }

    @Test func recordsAreFoundAtEveryPlaceUpToTheEndOfAFile() {
        for offset in 0..<250 {
            let found = find([UInt8](repeating: 9, count: offset) + key)
            #expect(found.keys == [key])
            #expect(found.tenantKeys.isEmpty)
        }
        let found = find(tenantKey + key + largest + [0])
        #expect(found.keys == [key])
        #expect(found.tenantKeys == [tenantKey, largest])
    }

    @Test func aRecordThatIsCutOffIsNone() {
        for count in 0..<key.count { #expect(find(Array(key.prefix(count))).keys.isEmpty) }
        for count in 0..<tenantKey.count {
            #expect(find(Array(tenantKey.prefix(count))).tenantKeys.isEmpty)
        }
    }

    @Test func garbageBehindALabelHidesNoRecord() {
        let garbage: [[UInt8]] = [
            Array("TLYW".utf8), Array("TLYW".utf8) + [1], Array("TLYW".utf8) + [1, 99],
            Array("TLYT".utf8) + [1] + [UInt8](repeating: 0xff, count: 60),
            Array("TLYT".utf8) + [2], Array("VExZVwEA".utf8), Array("544c595701".utf8),
        ]
        for bytes in garbage {
            let found = find(bytes + key + bytes + tenantKey + bytes)
            #expect(found.keys.contains(key))
            #expect(found.tenantKeys.contains(tenantKey))
            let only = find(bytes + [UInt8](repeating: 0, count: 200))
            #expect(only.keys.isEmpty && only.tenantKeys.isEmpty)
        }
    }

    @Test(arguments: ["\n", "\r\n", "\\n", ""])
    func recordsAreReadBackFromDigitsAndBase64(lineBreak: String) {
        for record in [key, tenantKey, largest] {
            for before in 0..<3 {
                let bytes = SecureRandom.bytes(before) + record + [1]
                let hex = bytes.map { String(format: "%02x", $0) }.joined()
                let base64 = Data(bytes).base64EncodedString()
                let url = base64.replacing("+", with: "-").replacing("/", with: "_")
                for text in ["\\x\(hex)", hex.uppercased(), base64, url] {
                    let found = find(Array(lines(text, lineBreak).utf8))
                    #expect(found.keys.union(found.tenantKeys) == [record], "\(before) before")
                }
            }
        }
    }

    private func lines(_ text: String, _ lineBreak: String) -> String {
        let characters = Array(text)
        return stride(from: 0, to: characters.count, by: 64)
            .map { String(characters[$0..<min($0 + 64, characters.count)]) }
            .joined(separator: lineBreak)
    }

    @Test func aRecordThatRunsOnBehindThePageHeaderOfTheWALIsPutTogether() throws {
        let directory = try TestCluster.shared.get().scratch + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        let pageHeader = [UInt8](repeating: 0xee, count: 24)
        for page in [8192, 16_384] {
            for before in 1..<key.count {
                var segment = [UInt8](repeating: 0, count: 3 * 8192)
                let broken = key[..<before] + pageHeader + key[before...]
                segment.replaceSubrange(page - before..<page - before + broken.count, with: broken)
                let path = "\(directory)/000000010000000000000001"
                try Data(segment).write(to: URL(filePath: path))
                // The bytes as they lie in the file, header and all, decode as well and open
                // nothing.
                let isFound = WrapFinder(window: 5000).find(in: [.path(directory)]).keys
                    .contains(key)
                #expect(isFound, "\(before) bytes before the border")
            }
        }
    }

    @Test func aFileOfAKeysSizeIsKept() throws {
        let bytes = SecureRandom.bytes(32)
        #expect(find(bytes, window: 8).keySized == [bytes])
        #expect(find(bytes + [0]).keySized.isEmpty)
        #expect(find(Array(bytes.dropLast())).keySized.isEmpty)
    }
}
