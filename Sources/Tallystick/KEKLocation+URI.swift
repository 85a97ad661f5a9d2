// Places of KEKs as one line of a configuration. Errors name attributes and never quote the line:
// somebody may have written a PIN into it.

internal import Foundation
public import TallyCore

extension KEKLocation {
    /// Reads a place from a URI.
    ///
    /// - Parameter uri: `openbao:https://HOST:8200/MOUNT?token-file=PATH` or, after RFC 7512,
    ///   `pkcs11:token=LABEL?module-path=PATH&pin-source=file:PATH`. Values may be
    ///   percent-encoded. Files in a directory have no URI.
    /// - Throws: ``Problem`` `misconfigured`, with what is missing or not understood.
    public init(uri: String) throws(Problem) {
        guard let colon = uri.firstIndex(of: ":") else { throw Self.unknownScheme }
        let rest = uri[uri.index(after: colon)...]
        switch uri[..<colon] {
        case "openbao": self = try Self.openBao(rest)
        case "pkcs11": self = try Self.pkcs11(rest)
        default: throw Self.unknownScheme
        }
    }

    private static func openBao(_ text: Substring) throws(Problem) -> KEKLocation {
        let form = "write it as openbao:https://HOST:8200/MOUNT?token-file=PATH"
        let (place, query) = split(text, at: "?")
        var attributes = try Attributes(query, separator: "&", scheme: "openbao", form: form)
        let tokenFile = try attributes.take("token-file")
        try attributes.requireNoMore()
        guard let url = URL(string: String(place)), let scheme = url.scheme, url.host() != nil,
            url.user == nil, url.fragment == nil, url.path().count > 1
        else {
            throw Problem(
                .misconfigured,
                "an openbao: URI needs the server's address and the path of its transit engine",
                hint: Remedy(form)
            )
        }
        let mount = String(url.path().dropFirst())
        let address = String(place.dropLast(url.path().utf8.count))
        guard address.hasPrefix("\(scheme)://") else { throw unknownScheme }
        return .openBao(address: address, mount: mount, tokenFile: tokenFile)
    }

    private static func pkcs11(_ text: Substring) throws(Problem) -> KEKLocation {
        let form = "write it as pkcs11:token=LABEL?module-path=PATH&pin-source=file:PATH"
        let (path, query) = split(text, at: "?")
        var place = try Attributes(path, separator: ";", scheme: "pkcs11", form: form)
        var access = try Attributes(query, separator: "&", scheme: "pkcs11", form: form)
        guard !access.contains("pin-value") else {
            throw Problem(
                .misconfigured,
                "a pkcs11: URI must not hold the PIN: other users of this machine could read it",
                hint: "write the PIN into a 0600 file and name that: pin-source=file:PATH"
            )
        }
        let token = try place.take("token")
        let modulePath = try access.take("module-path")
        let source = try access.take("pin-source")
        try place.requireNoMore()
        try access.requireNoMore()
        let pinFile = source.hasPrefix("file:///") ? source.dropFirst(7) : source.dropFirst(5)
        guard source.hasPrefix("file:"), !pinFile.isEmpty, !pinFile.hasPrefix("//") else {
            throw Problem(
                .misconfigured,
                "the pin-source of a pkcs11: URI is not a file on this machine",
                hint: Remedy(form)
            )
        }
        return .pkcs11(token: token, modulePath: modulePath, pinFile: String(pinFile))
    }

    private static func split(
        _ text: Substring,
        at separator: Character
    ) -> (Substring, Substring) {
        guard let index = text.firstIndex(of: separator) else { return (text, "") }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static let unknownScheme = Problem(
        .misconfigured,
        "the place of the KEKs is not a URI that begins with openbao: or pkcs11:",
        hint: "see docs/operating/kek-providers.md; for files in a directory give that: --kek-dir"
    )
}

/// The attributes of one component of a URI, each taken once.
private struct Attributes {
    private var values: [String: String] = [:]
    private let scheme: String
    private let form: String

    init(
        _ text: Substring,
        separator: Character,
        scheme: String,
        form: String
    ) throws(Problem) {
        self.scheme = scheme
        self.form = form
        for part in text.split(separator: separator) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let value = pair[1].removingPercentEncoding, !value.isEmpty,
                !value.contains("\0"), values.updateValue(value, forKey: String(pair[0])) == nil
            else {
                throw Problem(
                    .misconfigured,
                    "an attribute of the \(scheme): URI has no value, two values, or one that is "
                        + "not percent-encoded as it must be",
                    hint: Remedy(form)
                )
            }
        }
    }

    func contains(_ name: String) -> Bool { values[name] != nil }

    mutating func take(_ name: String) throws(Problem) -> String {
        guard let value = values.removeValue(forKey: name) else {
            throw Problem(.misconfigured, "the \(scheme): URI has no \(name)", hint: Remedy(form))
        }
        return value
    }

    func requireNoMore() throws(Problem) {
        guard let name = values.keys.min() else { return }
        let isName = name.wholeMatch(of: /[a-z-]+/) != nil
        throw Problem(
            .misconfigured,
            "the \(scheme): URI has an attribute that has no meaning here"
                + (isName ? ": \(name)" : ""),
            hint: Remedy(form)
        )
    }
}
