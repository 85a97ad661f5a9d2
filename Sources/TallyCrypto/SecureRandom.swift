// Random bytes that are not secret: nonces and ids.

internal import COpenSSL

/// OpenSSL's public random generator (NIST SP 800-90A).
package enum SecureRandom {
    /// Draws `count` random bytes.
    ///
    /// A process without entropy can do nothing safely, so it stops.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let status = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(status == 1, "the operating system gives no entropy")
            initialized = count
        }
    }
}
