// SHA-256 through OpenSSL's EVP. Everything the chain commits to passes through here.

internal import COpenSSL

/// The algorithm, fetched once: a fetch costs more than a hash.
private struct Algorithm: @unchecked Sendable {
    // Safe to share: a fetched EVP_MD is immutable and never freed.
    let md = EVP_MD_fetch(nil, "SHA2-256", nil)
}

private let sha256 = Algorithm()

/// A SHA-256 computation (FIPS 180-4), usable again after each `finalize()`.
///
/// One context serves one thread; hot loops keep theirs, others use ``hash(_:)``.
package struct SHA256: ~Copyable {
    private static let pool = ContextPool { EVP_MD_CTX_free($0) }

    private let context: OpaquePointer

    /// Begins a computation.
    package init() {
        guard let context = Self.pool.borrow(orMake: { EVP_MD_CTX_new() }) else {
            preconditionFailure("out of memory")
        }
        self.context = context
        begin()
    }

    deinit { Self.pool.giveBack(context) }

    private func begin() {
        let status = EVP_DigestInit_ex2(context, sha256.md, nil)
        precondition(status == 1, "OpenSSL offers no SHA-256")
    }

    /// Adds bytes to the computation.
    package mutating func update(_ bytes: [UInt8]) {
        _ = EVP_DigestUpdate(context, bytes, bytes.count)
    }

    /// Adds one byte to the computation.
    package mutating func update(_ byte: UInt8) {
        withUnsafeBytes(of: byte) { _ = EVP_DigestUpdate(context, $0.baseAddress, 1) }
    }

    /// Adds a slice to the computation without copying it.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// Adds a digest to the computation.
    package mutating func update(_ digest: Digest) {
        digest.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// Ends the computation, gives its digest and begins the next one.
    package mutating func finalize() -> Digest {
        let digest = Digest { _ = EVP_DigestFinal_ex(context, $0, nil) }
        begin()
        return digest
    }

    /// Hashes one array of bytes.
    package static func hash(_ bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }
}
