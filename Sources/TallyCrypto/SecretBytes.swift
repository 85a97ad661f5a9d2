// Key material in memory: not copyable, zeroed at its end, never printed.

internal import COpenSSL

/// 32 secret bytes that are zeroed when they go out of scope.
///
/// It is not copyable, so each key has one place in memory, and it has no description.
package struct SecretBytes: ~Copyable, @unchecked Sendable {
    // @unchecked: the memory is written once in init and only read afterwards.

    /// The number of bytes in every key of this project.
    package static let byteCount = 32

    private let storage: UnsafeMutableRawPointer

    private init() {
        storage = .allocate(byteCount: Self.byteCount, alignment: 16)
    }

    /// Draws a new random key from OpenSSL's private generator (NIST SP 800-90A).
    ///
    /// - Throws: `CryptoError.library` when no entropy can be had.
    package static func random() throws(CryptoError) -> SecretBytes {
        let secret = SecretBytes()
        let pointer = secret.storage.assumingMemoryBound(to: UInt8.self)
        guard RAND_priv_bytes(pointer, Int32(byteCount)) == 1 else {
            throw CryptoError(.library)
        }
        return secret
    }

    /// Takes over a key and zeroes the array it came in.
    ///
    /// - Parameter bytes: exactly 32 bytes; they are zero afterwards.
    /// - Throws: `CryptoError.keyLength` for any other count.
    package init(consuming bytes: inout [UInt8]) throws(CryptoError) {
        let count = bytes.count
        guard count == Self.byteCount else { throw CryptoError(.keyLength) }
        self.init()
        storage.copyMemory(from: bytes, byteCount: count)
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, count) }
    }

    deinit {
        OPENSSL_cleanse(storage, Self.byteCount)
        storage.deallocate()
    }

    /// Gives `body` the key's bytes; they must not outlive the call.
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: storage, count: Self.byteCount))
    }
}
