// The parsers of outside bytes under libFuzzer: `make fuzz`. The first byte chooses one; none may
// crash, and what one reads it must write again as it was.

import TallyCore
import TallyCrypto
import TallyReplay
import TallyStore

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
private typealias OneInput = @convention(c) (UnsafePointer<UInt8>, Int) -> CInt

/// libFuzzer's own loop, from the sanitizer's runtime.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<Arguments>,
    _ oneInput: OneInput
) -> CInt

/// The program's entry: the package manager calls an executable's main by this name.
@_cdecl("TallyFuzz_main")
public func fuzz(
    _ count: CInt,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    var (count, arguments) = (count, arguments)
    return runFuzzer(&count, &arguments) { start, count in
        let input = Array(UnsafeBufferPointer(start: start, count: count))
        guard let choice = input.first else { return 0 }
        let parsers = FuzzTarget.parsers
        parsers[Int(choice) % parsers.count](Array(input.dropFirst()))
        return 0
    }
}

/// The parsers and what must hold of each.
enum FuzzTarget {
    static let parsers: [@Sendable ([UInt8]) -> Void] = [
        json, patch, query,
        { bytes in rewrite(bytes, try? Leaf(decoding: bytes)) { $0.encoded() } },
        { bytes in rewrite(bytes, try? Part(decoding: bytes)) { $0.encoded() } },
        { bytes in rewrite(bytes, try? Envelope(decoding: bytes)) { $0.encoded() } },
        { bytes in rewrite(bytes, try? Personal(decoding: bytes)) { $0.encoded() } },
        { bytes in rewrite(bytes, try? DocumentPart(decoding: bytes)) { $0.encoded() } },
        { bytes in
            rewrite(bytes, try? DocumentBody.decode(bytes)) {
                DocumentBody.encode($0.map { $0.encoded() })
            }
        },
        { bytes in rewrite(bytes, try? WrappedKey(decoding: bytes)) { $0.encoded() } },
        { bytes in rewrite(bytes, try? TenantHead(decoding: bytes)) { $0.encoded() } },
        { bytes in rewrite(bytes, try? Approval(decoding: bytes)) { $0.encoded() } },
        approval, passkey,
        certificate, excerpt,
        { bytes in _ = UTCTime.micros(String(decoding: bytes, as: UTF8.self)) },
        { bytes in _ = Moment(String(decoding: bytes, as: UTF8.self)) },
        compressed,
    ]

    private static func rewrite<Value>(
        _ bytes: [UInt8],
        _ value: Value?,
        _ encode: (Value) -> [UInt8]
    ) {
        guard let value else { return }
        precondition(encode(value) == bytes, "what was read is not what was written")
    }

    @Sendable
    private static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONReader.parse(bytes) else { return }
        let canonical = value.canonical()
        precondition((try? JSONReader.parse(canonical)) == value, "a value did not survive")
        precondition(value.canonical() == canonical)
    }

    /// A line break behind a certificate is not written again.
    @Sendable
    private static func certificate(_ bytes: [UInt8]) {
        guard let read = try? ErasureCertificate(decoding: bytes) else { return }
        let text = bytes.last == 10 ? Array(bytes.dropLast()) : bytes
        precondition(read.encoded() == text, "what was read is not what was written")
        let unsound = CertificateVerifier(read).checks().contains { !$0.passed }
        precondition(unsound, "a certificate was made up")
    }

    /// An approval's bytes behind those of a key.
    @Sendable
    private static func approval(_ bytes: [UInt8]) {
        let count = bytes.first.map { [2: 98, 3: 65][$0] ?? 32 } ?? 0
        guard let key = SignerKey(bytes.prefix(count)), key.isPoint,
            let read = try? Approval(decoding: Array(bytes.dropFirst(count)))
        else { return }
        precondition(!read.isSigned(by: key), "a signature was made up")
    }

    /// What a browser says, signed over by a passkey that is not asked.
    @Sendable
    private static func passkey(_ bytes: [UInt8]) {
        _ = ClientData(bytes)?.answers(
            SHA256.hash([]),
            for: SHA256.hash(Array("localhost".utf8))
        )
    }

    @Sendable
    private static func excerpt(_ bytes: [UInt8]) {
        guard let json = try? JSONReader.parse(bytes), let read = LogExcerpt(json) else { return }
        precondition(read.json == json, "what was read is not what was written")
        _ = read.facts()
    }

    /// Two documents with a line break between them: a target and its patch.
    @Sendable
    private static func patch(_ bytes: [UInt8]) {
        let halves = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, var value = try? JSONReader.parse(Array(halves[0])),
            let patch = try? JSONReader.parse(Array(halves[1]))
        else { return }
        value.merge(patch: patch)
        let once = value.canonical()
        precondition((try? JSONReader.check(once)) != nil || once.count > JSONLimits.maximumBytes)
        value.merge(patch: patch)
        precondition(
            value.canonical() == once,
            "a patch that is applied twice changes nothing more"
        )
    }

    @Sendable
    private static func query(_ bytes: [UInt8]) {
        _ = try? Query(String(decoding: bytes, as: UTF8.self))
    }

    @Sendable
    private static func compressed(_ bytes: [UInt8]) {
        let data = PartData(encoding: .lz4, size: bytes.count * 4, bytes: bytes)
        if let text = try? data.unpacked() { precondition(text.count == data.size) }
    }
}
