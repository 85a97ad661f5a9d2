// The articles show code that is compiled and run here: each block of each article stands, word for
// word, in a file of this folder.

import Foundation
import Testing

struct ArticleCodeTests {
    private static let articles = SourceTree.root.path + "/Sources/Tallystick/Tallystick.docc"

    private static func compiled() throws -> String {
        let folder = SourceTree.root.path + "/Tests/TallystickTests/Articles"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { $0 != "ArticleCodeTests.swift" }
            .map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
            .map { bare($0) }.joined(separator: "\n")
    }

    /// Code without what a formatter changes: blanks, line breaks, and the comma behind a last
    /// element.
    private static func bare(_ code: String) -> String {
        code.filter { !$0.isWhitespace }.replacing(",)", with: ")").replacing(",]", with: "]")
    }

    private static func blocks(_ article: String) -> [String] {
        article.split(separator: "```swift\n", omittingEmptySubsequences: false).dropFirst()
            .compactMap { $0.split(separator: "\n```", maxSplits: 1).first.map(String.init) }
    }

    @Test func everyBlockIsCompiledHere() throws {
        let compiled = try Self.compiled()
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.articles)
        where name.hasSuffix(".md") {
            let path = "\(Self.articles)/\(name)"
            for block in Self.blocks(try String(contentsOfFile: path, encoding: .utf8)) {
                count += 1
                let isCompiled = compiled.contains(Self.bare(block))
                #expect(isCompiled, "\(name) shows other code:\n\(block)")
            }
        }
        #expect(count > 15)
    }

    @Test func aChangedBlockWouldBeFound() throws {
        let isCompiled = try Self.compiled().contains(Self.bare("let contact = acme.nothing()"))
        #expect(!isCompiled)
        #expect(
            Self.blocks("a\n```swift\nx\n```\nb\n```sh\ny\n```\n```swift\nz\n```") == ["x", "z"]
        )
    }
}
