// What a tenant may be called: no two names that look the same, and none that steers who reads it.

import TallyCore
import Testing

@testable import TallyStore

struct TenantNameRuleTests {
    @Test(arguments: [
        "acme", "a", "caf\u{e9}", "\u{423}\u{43a}\u{440}", "\u{65e5}\u{672c}", "\u{ac00}",
        "\u{1f600}",
        "a.b_c-d/e:f@g", "\u{627}\u{644}", String(repeating: "x", count: 255), "_ledgers",
    ])
    func aNameThatIsSeenAsItIsIsTaken(name: String) throws {
        try TenantNameRule.check(name)
    }

    @Test(arguments: [
        "", "_ledger", "two words", "tab\t", "nul\u{0}", "line\n", "c1\u{85}", "del\u{7f}",
        "nbsp\u{a0}", "wide\u{3000}", "thin\u{2009}", "\u{2028}", "\u{2029}",
        // Marks of direction.
        "\u{61c}a", "\u{200e}a", "\u{200f}a", "a\u{202a}", "a\u{202b}", "a\u{202c}", "a\u{202d}",
        "a\u{202e}b", "a\u{2066}", "a\u{2067}", "a\u{2068}", "a\u{2069}",
        // Joiners, fillers and the like.
        "a\u{200b}", "a\u{200c}", "a\u{200d}", "a\u{2060}", "\u{feff}a", "a\u{ad}", "a\u{34f}",
        "a\u{115f}", "a\u{3164}", "a\u{ffa0}", "a\u{180e}", "a\u{fe0f}", "a\u{e0101}", "a\u{e0061}",
        "a\u{2800}", "a\u{17b4}", "a\u{fff9}", "a\u{378}", "a\u{e000}", "a\u{ffff}",
        // What has another form under NFC.
        "cafe\u{301}", "\u{212b}", "\u{1100}\u{1161}", "q\u{307}\u{323}", "\u{1f71}", "\u{37e}",
        String(repeating: "x", count: 256),
    ])
    func aNameThatIsNotSeenAsItIsIsRefused(name: String) {
        #expect {
            try TenantNameRule.check(name)
        } throws: { error in
            guard let error = error as? Problem else { return false }
            let said = "\(error.message) \(error.hint)"
            return error.code == .invalid && said.unicodeScalars.allSatisfy { $0.isASCII }
        }
    }

    @Test func theFormToUseIsTold() {
        #expect {
            try TenantNameRule.check("cafe\u{301}")
        } throws: { error in
            (error as? Problem)?.hint.hasSuffix(#""caf\u{e9}""#) == true
        }
    }
}
