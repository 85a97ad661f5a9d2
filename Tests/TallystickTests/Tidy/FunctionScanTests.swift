// The scan behind the rule about long functions: what it measures, and what must not mislead it.

import Testing

/// Braces in text are not braces of the code.
@Suite struct FunctionScanTests {
    private func spans(_ source: String) -> [String] {
        FunctionScan.functions(in: source).map { "\($0.name) \($0.line)+\($0.lineCount)" }
    }

    @Test func measuresFromKeywordToBrace() {
        let source = """
            struct A {
                init(
                    a: Int = { 1 }()
                ) {
                    self.init()
                    func inner() { if a { } }
                }
                subscript(i: Int) -> Int { i }
                deinit { }
                static func < (a: A, b: A) -> Bool {
                    true
                }
            }
            """
        #expect(
            spans(source) == ["init 2+6", "inner 6+1", "subscript 8+1", "deinit 9+1", "< 10+3"]
        )
    }

    @Test func passesOverRequirements() {
        let source = """
            protocol P {
                func a() async throws -> [Int]
                func b(_ c: Int)
                var name: String { get }
                init()
            }
            func d() {
            }
            """
        #expect(spans(source) == ["d 7+2"])
    }

    @Test(arguments: [
        #"let a = "}""#, ##"let a = #"\("}")"}"#"##, #"let a = "\(b["}"] ?? "{")}""#, "// }",
        "/* } /* } */ } */", "let a = \"\"\"\n}\n\\(b { \"}\" })\n\"\"\"", "let a = #/\"}/#",
        "call(`}`)", #"let a = "\\" + "}""#, "#if DEBUG\n#endif", #"let a = """#,
    ])
    func isNotMisledByText(line: String) {
        let count = line.split(separator: "\n").count + 2
        let source = "func a() {\n\(line)\n}\nfunc b() {}"
        #expect(spans(source) == ["a 1+\(count)", "b \(count + 1)+1"])
    }

    @Test func keepsLinesAndCode() {
        let source = "let a = \"x\\(b { 1 })y\" // z\nlet c = 2\n"
        let code = SwiftText.code(source)
        #expect(code.contains("b { 1 }") && code.contains("let c = 2"))
        #expect(!code.contains("x") && !code.contains("y") && !code.contains("z"))
        #expect(code.split(separator: "\n").count == 2)
    }
}
