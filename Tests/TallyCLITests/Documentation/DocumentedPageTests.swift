// The reader of pages and the comparison itself: both must be seen to bite.

import Testing

/// What counts as a command, and what as the same output.
@Suite struct DocumentedPageTests {
    private func commands(_ text: String) -> [DocumentedCommand] {
        DocumentedPage(text).steps.compactMap { step in
            if case .command(let command) = step { command } else { nil }
        }
    }

    @Test func sessions() {
        let found = commands("<!-- run -->\n```\n$ a \\\n  b\none\ntwo\n$ c   # exit 7\n```\n")
        #expect(found.map(\.text) == ["a \\\n  b", "c   # exit 7"])
        #expect(found.map(\.output) == [["one", "two"], []])
        #expect(found.map(\.status) == [0, 7])
        #expect(found.map(\.line) == [3, 7])
    }

    @Test func scripts() {
        let found = commands("<!-- run -->\n  ```sh\n  a\n\n  b 'x\n  y' # exit 8\n  ```\n")
        #expect(found.map(\.text) == ["a", "b 'x\ny' # exit 8"])
        #expect(found.map(\.output) == [nil, nil])
    }

    @Test func hiddenCommandsAndFiles() {
        let page = DocumentedPage("<!-- setup\na\n-->\n<!-- file: t.yaml -->\n```yaml\nx: 1\n```\n")
        #expect(page.steps.count == 2)
        guard case .file(let name, let content) = page.steps.last else {
            Issue.record("no file")
            return
        }
        #expect(name == "t.yaml")
        #expect(content == "x: 1\n")
    }

    @Test(arguments: ["```\n$ a\n```", "```sh\na\n```", "text\n```console\na\n```"])
    func unmarked(text: String) {
        #expect(DocumentedPage(text).unmarked.count == 1)
        #expect(DocumentedPage("<!-- not run: it needs an HSM -->\n" + text).steps.isEmpty)
        #expect(DocumentedPage("```\nA ──► B\n```\n```swift\nlet a = 1\n```").unmarked.isEmpty)
    }

    @Test(arguments: [
        ("a  b", "a\tb", true), ("a b", "a c", false), ("took 1.5 s", "took 12 s", true),
        ("took 1.5 s", "took long", false),
        ("at 2026-11-20T12:00:00Z", "at 1999-01-01T00:00:00.1Z", true),
        ("id 00ff00ff00ff", "id 112233445566", true), ("id 00ff00ff00ff", "id 11", false),
        ("a … z", "a b and z", true), ("a … z", "a b", false), ("3 events", "4 events", false),
    ])
    func lines(expected: String, actual: String, isSame: Bool) {
        var pattern = OutputPattern()
        let found = pattern.matches([expected], [actual])
        #expect(found == isSame)
    }

    @Test func idsStandForTheSameIdEverywhere() {
        var pattern = OutputPattern()
        let learned = pattern.matches(["id aaaaaaaa"], ["id 11111111"])
        let another = pattern.matches(["id aaaaaaaa"], ["id 22222222"])
        let second = pattern.matches(["id bbbbbbbb"], ["id 22222222"])
        #expect([learned, another, second] == [true, false, true])
        #expect(pattern.command("show aaaaaaaa") == "show 11111111")
    }

    @Test(arguments: [
        (["a", "…", "z"], ["a", "b", "c", "z"], true), (["a", "…"], ["a"], true),
        (["a", "…", "z"], ["a", "b"], false), (["a"], ["a", "b"], false),
        (["a", "b"], ["a"], false),
    ])
    func linesLeftOut(expected: [String], actual: [String], isSame: Bool) {
        var pattern = OutputPattern()
        let found = pattern.matches(expected, actual)
        #expect(found == isSame)
    }
}
