// Tokens and PINs come from files: arguments and environments of a process can be read by others.

internal import Glibc

/// A file with one line of secret text.
enum SecretFile {
    /// Reads the text, without the white space around it.
    ///
    /// - Parameters:
    ///   - path: where it is; at most 4096 bytes, printable ASCII without spaces.
    ///   - what: what it is to hold, e.g. `token`, for the error.
    /// - Returns: the text.
    /// - Throws: `provider` with the path, also for a link and for a file that others may read;
    ///   never with what is in the file.
    static func read(_ path: String, what: String) throws(VaultError) -> [UInt8] {
        let limit = VaultLimits.providerSecretBytes
        guard let file = try KeyFile.open(path, path: path, O_RDONLY) else {
            throw VaultError(.provider, "there is no \(what) file \(path)")
        }
        defer { close(file) }
        let bytes = try DurableFile.read(file, from: 0, count: limit + 1, path: path)
        let text = bytes.split(whereSeparator: isSpace)
        guard bytes.count <= limit, text.count == 1, text[0].allSatisfy(isPrintable) else {
            throw VaultError(
                .provider,
                "the file \(path) does not hold a \(what): one line of at most \(limit) bytes"
            )
        }
        return Array(text[0])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }

    private static func isPrintable(_ byte: UInt8) -> Bool { (33...126).contains(byte) }
}
