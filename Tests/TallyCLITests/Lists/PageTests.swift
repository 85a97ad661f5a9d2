// Every list, page by page: nothing is missing, nothing comes twice, and the end is said.

import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct PageTests {
    /// Tenants, streams, documents and projections enough for several pages of each.
    private func fill() throws {
        for name in ["acme", "beta", "gamma"] {
            #expect(try TallyProcess.run(["tenant", "create", name]).status == 0)
        }
        let lines = (1...7).map {
            #"{"stream":"s/\#($0)","type":"t","data":\#($0),"personal":{"p:1":{"n":\#($0)}}}"#
        }
        let input = lines.joined(separator: "\n")
        #expect(try TallyProcess.run(["append", "acme"], input: input).status == 0)
    }

    private static let lists = [
        ["tenant", "list"], ["event", "list", "acme"],
        ["event", "list", "acme", "--where", "type:t"],
        ["event", "list", "acme", "--where", "-kind:frozen"], ["stream", "list", "acme"],
        ["document", "list", "acme"], ["document", "list", "acme", "--at", "5"],
        ["time", "diff", "acme", "--at", "0"], ["projection", "list"],
        ["projection", "show", "documents"], ["subject", "show", "acme", "p:1"],
    ]

    @Test(arguments: [[], ["--reverse"]])
    func pagesMakeTheWholeList(order: [String]) throws {
        try fill()
        for list in Self.lists {
            let words = list + order + ["-o", "jsonl"]
            let whole = try TallyProcess.run(words)
            #expect(whole.status == 0 && whole.errors.isEmpty, "\(words): \(whole.errors)")
            #expect(try whole.lines().count >= 2, "\(words)")
            var pages = ""
            var place: [String] = []
            for _ in 0..<10 {
                let page = try TallyProcess.run(words + ["--limit", "2"] + place)
                #expect(page.status == 0, "\(page.errors)")
                #expect(try page.lines().count <= 2)
                pages += page.output
                guard let next = try page.cursor() else { break }
                place = ["--after", next]
            }
            #expect(pages == whole.output, "\(words)")
        }
    }

    @Test(arguments: ["table", "csv", "id", "json", "jsonl"])
    func everyFormSaysThatThereIsMore(form: String) throws {
        try fill()
        let page = try TallyProcess.run(["stream", "list", "acme", "--limit", "3", "-o", form])
        let isJSON = form.hasPrefix("json")
        #expect(page.errors.hasPrefix(isJSON ? #"{"more":{"after":""# : "more: --after "))
        #expect(!page.output.contains("more"))
        let all = try TallyProcess.run(["stream", "list", "acme", "--limit", "8", "-o", form])
        #expect(all.errors.isEmpty)
    }

    @Test func aCursorThatIsNoneIsRefused() throws {
        try fill()
        for list in Self.lists {
            let refused = try TallyProcess.run(list + ["--after", "no such row"])
            #expect([1, 5, 64].contains(refused.status), "\(list): \(refused.status)")
            #expect(refused.output.isEmpty)
            #expect(try TallyProcess.run(list + ["--limit", "0"]).status == 64)
            #expect(try TallyProcess.run(list + ["--limit", "10001"]).status == 64)
        }
    }
}
