// A token of a PKCS#11 module. Its calls block, on a network HSM for long, so they run on a thread
// of their own, one after the other for the whole process.

internal import CPKCS11
internal import Dispatch
internal import Glibc

/// Where a token is and how its user signs in.
struct PKCS11Token: Sendable {
    private static let queue = DispatchQueue(label: "tallystick.pkcs11")

    private let label: String
    private let modulePath: String
    private let pinFile: String

    /// - Throws: `provider` when the label is empty, or longer than labels of tokens are.
    init(label: String, modulePath: String, pinFile: String) throws(VaultError) {
        guard (1...PKCS11Token.labelBytes).contains(label.utf8.count) else {
            throw VaultError(
                .provider,
                "the label of a token has 1 to \(PKCS11Token.labelBytes) bytes"
            )
        }
        self.label = label
        self.modulePath = modulePath
        self.pinFile = pinFile
    }

    private static let labelBytes = 32

    /// Runs `body` in a session of the token's user, which ends with it.
    ///
    /// A session for each use costs one sign-in and never outlives a token that was unplugged, or
    /// a PIN that was changed.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (PKCS11Session) throws(VaultError) -> Value
    ) async throws(VaultError) -> Value {
        let result: Result<Value, VaultError> = await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(
                    returning: Result { () throws(VaultError) in
                        let session = try open()
                        defer { session.close() }
                        return try body(session)
                    }
                )
            }
        }
        return try result.get()
    }

    private func open() throws(VaultError) -> PKCS11Session {
        var module: OpaquePointer?
        try check(tally_p11_load(modulePath, &module), "begin")
        var pin = try SecretFile.read(pinFile, what: "PIN")
        let pinCount = pin.count
        defer { explicit_bzero(&pin, pinCount) }
        var handle: UInt = 0
        let padding = [UInt8](repeating: 32, count: Self.labelBytes - label.utf8.count)
        let padded = Array(label.utf8) + padding
        try check(tally_p11_open(module, padded, pin, pinCount, &handle), "sign in")
        return PKCS11Session(token: self, module: module, handle: handle)
    }

    /// Turns a status of Cryptoki into an error.
    func check(_ status: tally_p11_status, _ verb: String) throws(VaultError) {
        switch status {
        case 0: return
        case TALLY_P11_NO_MODULE:
            throw VaultError(
                .provider,
                "\(modulePath) cannot be loaded as a PKCS#11 module; check module-path"
            )
        case TALLY_P11_NO_TOKEN:
            throw VaultError(
                .unavailable,
                "\(modulePath) shows no token \(label); connect it, or correct its name"
            )
        case 0xa0...0xa4:
            throw VaultError(
                .provider,
                "the token \(label) does not take the PIN in \(pinFile); correct it before the "
                    + "token locks itself"
            )
        // The device, the session or the token went away.
        case 0x30...0x32, 0xb0...0xb8, 0xe0...0xe2, 0x190:
            throw VaultError(
                .unavailable,
                "the token \(label) could not \(verb) (\(Self.code(status))); check that it is "
                    + "connected, then try again"
            )
        default:
            throw VaultError(
                .provider,
                "the token \(label) refused to \(verb) (\(Self.code(status))); it must offer "
                    + "AES-256 keys, AES-GCM and data objects to its user"
            )
        }
    }

    private static func code(_ status: tally_p11_status) -> String {
        "CKR 0x\(String(status, radix: 16))"
    }
}
