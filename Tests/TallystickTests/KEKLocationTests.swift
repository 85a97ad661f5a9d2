// Places of KEKs written as URIs: what is read, and that what is refused is never quoted, for a
// PIN may be in it.

import TallyCore
import TallyVault
import Tallystick
import Testing

@Suite struct KEKLocationTests {
    @Test(arguments: [
        (
            "openbao:https://bao.example:8200/transit?token-file=/run/token",
            KEKLocation.openBao(
                address: "https://bao.example:8200",
                mount: "transit",
                tokenFile: "/run/token"
            )
        ),
        (
            "openbao:http://127.0.0.1/team/tally?token-file=a%20b%26c",
            .openBao(address: "http://127.0.0.1", mount: "team/tally", tokenFile: "a b&c")
        ),
        (
            "openbao:https://[::1]:8200/transit?token-file=t",
            .openBao(address: "https://[::1]:8200", mount: "transit", tokenFile: "t")
        ),
        (
            "pkcs11:token=tally?module-path=/usr/lib/hsm.so&pin-source=file:/run/pin",
            .pkcs11(token: "tally", modulePath: "/usr/lib/hsm.so", pinFile: "/run/pin")
        ),
        (
            "pkcs11:token=My%20token%3b1?pin-source=file:///run/pin&module-path=hsm.so",
            .pkcs11(token: "My token;1", modulePath: "hsm.so", pinFile: "/run/pin")
        ),
    ])
    func aURINamesAPlace(uri: String, place: KEKLocation) throws {
        #expect(try KEKLocation(uri: uri) == place)
    }

    @Test(arguments: [
        ("", "begins with openbao: or pkcs11:"), ("SECRET", "begins with"),
        ("file:/SECRET", "begins with"), ("OPENBAO:https://b/t?token-file=SECRET", "begins with"),
        ("openbao:", "no token-file"), ("openbao:https://b/t", "no token-file"),
        ("openbao:https://b/t?token-file=", "has no value"),
        ("openbao:https://b/t?token-file", "has no value"),
        ("openbao:https://b/t?token-file=SECRET&token-file=SECRET", "two values"),
        ("openbao:https://b/t?token-file=SECRET%", "percent-encoded"),
        ("openbao:https://b/t?token-file=SECRET%00", "percent-encoded"),
        ("openbao:https://b/t?token-file=SECRET&ca-file=SECRET", "ca-file"),
        ("openbao:https://b/t?token-file=f&SECRET=1", "no meaning here"),
        ("openbao:https://b?token-file=SECRET", "the path of its transit engine"),
        ("openbao:https://b/?token-file=SECRET", "the path of its transit engine"),
        ("openbao:https:///t?token-file=SECRET", "the server's address"),
        ("openbao:https://user:SECRET@b/t?token-file=f", "the server's address"),
        ("openbao:b:8200/t?token-file=SECRET", "the server's address"),
        ("pkcs11:", "no token"), ("pkcs11:token=t", "no module-path"),
        ("pkcs11:token=t?module-path=SECRET", "no pin-source"),
        ("pkcs11:token=t?module-path=m&pin-value=SECRET", "must not hold the PIN"),
        ("pkcs11:token=t?module-path=m&pin-source=SECRET", "not a file"),
        ("pkcs11:token=t?module-path=m&pin-source=|SECRET", "not a file"),
        ("pkcs11:token=t?module-path=m&pin-source=file:", "not a file"),
        ("pkcs11:token=t?module-path=m&pin-source=file://host/SECRET", "not a file"),
        ("pkcs11:token=t;object=SECRET?module-path=m&pin-source=file:p", "object"),
        ("pkcs11:token=t?module-path=m&pin-source=file:p&module-name=SECRET", "module-name"),
        ("pkcs11:token=t;token=SECRET?module-path=m&pin-source=file:p", "two values"),
    ])
    func aURIThatNamesNoPlaceIsExplainedAndNotQuoted(uri: String, reason: String) {
        let problem = #expect(throws: Problem.self) { try KEKLocation(uri: uri) }
        #expect(problem?.code == .misconfigured)
        #expect(problem?.message.contains(reason) == true, "\(problem?.message ?? "")")
        #expect("\(problem?.message ?? "")\(problem?.hint ?? "")".contains("SECRET") == false)
        #expect(problem?.hint.isEmpty == false)
    }

    @Test func eachPlaceHasItsProvider() throws {
        let places: [(KEKLocation, String)] = [
            (.openBao(address: "https://b", mount: "t", tokenFile: "f"), "openbao-transit"),
            (.pkcs11(token: "t", modulePath: "m", pinFile: "f"), "pkcs11"),
        ]
        for (place, name) in places {
            #expect(try place.provider(of: .random()).name == name)
        }
        let remote = KEKLocation.openBao(address: "http://b", mount: "t", tokenFile: "f")
        #expect(throws: VaultError(.provider, "")) { try remote.provider(of: .random()) }
    }

    @Test func aDirectoryIsTheShortFormForFiles() {
        var configuration = LedgerConfiguration(
            database: "d",
            keys: "k",
            kekDirectory: "/keks",
            keyJournal: "/journal"
        )
        #expect(configuration.keks == .files(directory: "/keks"))
        #expect(configuration.kekDirectory == "/keks")
        configuration.kekDirectory += "-2"
        #expect(configuration.keks == .files(directory: "/keks-2"))
    }
}
