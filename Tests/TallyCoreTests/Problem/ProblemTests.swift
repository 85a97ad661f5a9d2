// Each kind of problem has one exit code; scripts depend on the table.

import TallyCore
import Testing

struct ProblemTests {
    @Test func everyCodeHasTheExitCodeOfTheTable() {
        let table: [Problem.Code: Int32] = [
            .invalid: 1, .tooLarge: 1, .misconfigured: 1, .unauthenticated: 4, .forbidden: 4,
            .notFound: 5, .versionConflict: 6, .requestReused: 6, .approvalRequired: 7,
            .historyChanged: 3, .alteredRegister: 3,
            .frozen: 10, .erased: 10, .hold: 10, .overloaded: 75,
            .unavailable: 75,
            .projectionBehind: 75, .outcomeUnknown: 75, .rateLimited: 75,
        ]
        for code in Problem.Code.allCases { #expect(table[code] == code.exitCode) }
    }
}
