// Random bytes that are not secret: nonces and ids.

internal import COpenSSL
internal import Synchronization

/// OpenSSL's public random generator (NIST SP 800-90A).
package enum SecureRandom {
    /// Bytes drawn ahead; asking the generator for a few at a time costs more than sealing.
    private static let ahead = Mutex<[UInt8]>([])
    private static let aheadByteCount = 4096

    /// Draws `count` random bytes, each given out once.
    ///
    /// A process without entropy can do nothing safely, so it stops.
    package static func bytes(_ count: Int) -> [UInt8] {
        guard count <= aheadByteCount / 8 else { return draw(count) }
        return ahead.withLock { ahead in
            if ahead.count < count { ahead = draw(aheadByteCount) }
            let bytes = Array(ahead.suffix(count))
            ahead.removeLast(count)
            return bytes
        }
    }

    private static func draw(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let status = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(status == 1, "the operating system gives no entropy")
            initialized = count
        }
    }
}
