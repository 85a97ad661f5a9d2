// Requests to one transit engine: where it is, the token, and what the server's statuses mean.

internal import Foundation
internal import FoundationNetworking

/// One transit engine of one OpenBao server.
struct OpenBaoClient: Sendable {
    /// What is done to a path of the engine.
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    private let engine: URL
    private let place: String
    private let mount: String
    private let tokenFile: String
    private let exchange = OpenBaoExchange()

    /// - Throws: `provider` when address or mount cannot be those of an engine.
    init(address: String, mount: String, tokenFile: String) throws(VaultError) {
        let trimmed = address.hasSuffix("/") ? String(address.dropLast()) : address
        guard let url = URL(string: trimmed), let host = url.host(), url.user == nil,
            url.path().isEmpty, url.query == nil, url.fragment == nil
        else {
            throw VaultError(.provider, "the address of OpenBao must be as https://host:8200")
        }
        let isLocal = ["127.0.0.1", "[::1]", "::1", "localhost"].contains(host)
        guard url.scheme == "https" || url.scheme == "http" && isLocal else {
            throw VaultError(
                .provider,
                "the address of OpenBao must begin with https: the token would be readable on the "
                    + "way to \(host); http is for this machine only"
            )
        }
        let segments = mount.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]*/) != nil })
        else {
            throw VaultError(.provider, "the mount of OpenBao's transit engine must be as transit")
        }
        engine = url.appending(path: "v1/\(mount)")
        place = trimmed
        self.mount = mount
        self.tokenFile = tokenFile
    }

    /// Sends a request to a path of the engine, with the token that its file holds now.
    ///
    /// - Returns: the answer, of status 200 to 299, 400 or 404; the caller knows what those mean.
    /// - Throws: `unavailable` when the server cannot answer now, `provider` when it will not.
    func send(
        _ method: Method,
        _ path: String,
        body: Data? = nil
    ) async throws(VaultError) -> OpenBaoAnswer {
        var request = URLRequest(url: engine.appending(path: path))
        request.httpMethod = method.rawValue
        request.httpBody = body
        request.setValue(
            String(decoding: try SecretFile.read(tokenFile, what: "token"), as: UTF8.self),
            forHTTPHeaderField: "X-Vault-Token"
        )
        request.setValue("true", forHTTPHeaderField: "X-Vault-Request")
        if body != nil {
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        switch await exchange.send(request) {
        case .success(let answer):
            try check(answer, "\(method.rawValue) \(mount)/\(path)")
            return answer
        case .failure(let error): throw unreachable(error)
        }
    }

    /// An answer that transit does not give.
    func unexpected(_ what: String) -> VaultError {
        VaultError(
            .provider,
            "\(place): \(what); check that \(mount) is a transit engine of OpenBao"
        )
    }

    private func check(_ answer: OpenBaoAnswer, _ request: String) throws(VaultError) {
        switch answer.status {
        case 200..<300, 400: return
        case 404:
            let errors = try? JSONDecoder().decode(OpenBaoErrors.self, from: answer.body)
            // A key that is not there has no explanation; an engine that is not there has one.
            guard errors?.errors.isEmpty == true else {
                throw VaultError(
                    .provider,
                    "OpenBao at \(place) has no transit engine at \(mount); enable it: "
                        + "bao secrets enable -path=\(mount) transit"
                )
            }
        case 300..<400:
            throw VaultError(
                .provider,
                "OpenBao at \(place) points to another server, which does not get the token; "
                    + "give the address of the active node"
            )
        case 401, 403:
            throw VaultError(
                .provider,
                "OpenBao at \(place) refuses \(request) to the token in \(tokenFile): it has "
                    + "expired, or its policy lacks that; renew the token or extend its policy"
            )
        case 503:
            throw VaultError(
                .unavailable,
                "OpenBao at \(place) is sealed or not ready; unseal it, then try again"
            )
        case 412, 429, 500...:
            throw VaultError(
                .unavailable,
                "OpenBao at \(place) cannot answer now (status \(answer.status)); see its log, "
                    + "then try again"
            )
        default:
            throw unexpected("status \(answer.status) for \(request)")
        }
    }

    private func unreachable(_ error: URLError) -> VaultError {
        let reason =
            switch error.code {
            case .timedOut: "no answer in \(VaultLimits.providerTimeout.components.seconds) s"
            case .dataLengthExceedsMaximum:
                "an answer of over \(VaultLimits.providerAnswerBytes) bytes"
            // The words of libcurl about the connection; they name no header.
            default: error.localizedDescription
            }
        return VaultError(
            .unavailable,
            "OpenBao at \(place) cannot be reached (\(reason)); check that it runs and that this "
                + "machine trusts its certificate, then try again"
        )
    }
}

/// The form of every refusal.
private struct OpenBaoErrors: Decodable {
    let errors: [String]
}
