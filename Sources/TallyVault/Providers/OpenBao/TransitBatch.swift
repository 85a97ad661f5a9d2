// The JSON of transit's batches. Bodies hold plaintext keys, so they are written into one buffer
// that is zeroed with its last use, not by an encoder that leaves copies behind.

internal import Foundation
internal import Glibc
internal import TallyCore
internal import TallyCrypto

/// A batch to encrypt or decrypt.
enum TransitBatch {
    /// The body that encrypts keys for their contexts.
    static func body(
        wrapping keys: ArraySlice<(key: SecretKey, context: [UInt8])>
    ) -> Data {
        body(keys, contexts: keys.lazy.map(\.context.count)) { body, item in
            body.append(contentsOf: #"{"plaintext":""#.utf8)
            item.key.withBytes { bytes in
                var key = Data(bytes)
                var text = key.base64EncodedData()
                body.append(text)
                erase(&key)
                erase(&text)
            }
            append(context: item.context, to: &body)
        }
    }

    /// The body that decrypts ciphertexts for their contexts.
    static func body(
        unwrapping blobs: ArraySlice<(blob: TransitBlob, context: [UInt8])>
    ) -> Data {
        body(blobs, contexts: blobs.lazy.map(\.context.count)) { body, item in
            body.append(contentsOf: #"{"ciphertext":"\#(item.blob.text)"#.utf8)
            append(context: item.context, to: &body)
        }
    }

    /// What transit says of each item, in their order; `nil` when it says nothing of them.
    static func results(_ answer: OpenBaoAnswer) -> [TransitResult]? {
        try? JSONDecoder().decode(TransitAnswer<TransitResults>.self, from: answer.body)
            .data.batchResults
    }

    /// Zeroes bytes that held a key.
    static func erase(_ data: inout Data) {
        data.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            explicit_bzero(start, buffer.count)
        }
    }

    private static func body<Item>(
        _ items: ArraySlice<Item>,
        contexts sizes: some Sequence<Int>,
        _ append: (inout Data, Item) -> Void
    ) -> Data {
        // Room for the largest items, so that the buffer does not move and leave a copy.
        let room = FormatLimits.providerBlob.upperBound * 2
        var body = Data(capacity: sizes.reduce(room) { $0 + room + $1 * 2 })
        body.append(contentsOf: #"{"batch_input":["#.utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { body.append(contentsOf: ",".utf8) }
            append(&body, item)
        }
        body.append(contentsOf: "]}".utf8)
        return selfErasing(&body)
    }

    /// Moves bytes to memory that is zeroed when the last request that shares it is gone.
    private static func selfErasing(_ data: inout Data) -> Data {
        let count = data.count
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        data.copyBytes(to: memory)
        erase(&data)
        guard let start = memory.baseAddress else { return Data() }
        return Data(
            bytesNoCopy: start,
            count: count,
            deallocator: .custom { start, count in
                explicit_bzero(start, count)
                start.deallocate()
            }
        )
    }

    private static func append(context: [UInt8], to body: inout Data) {
        body.append(contentsOf: #"","associated_data":""#.utf8)
        body.append(Data(context).base64EncodedData())
        body.append(contentsOf: #""}"#.utf8)
    }
}

/// Every answer with data.
struct TransitAnswer<Content: Decodable>: Decodable {
    let data: Content
}

private struct TransitResults: Decodable {
    let batchResults: [TransitResult]

    private enum CodingKeys: String, CodingKey {
        case batchResults = "batch_results"
    }
}

/// One item's result: a ciphertext or a plaintext, or neither when it failed.
struct TransitResult: Decodable {
    private let ciphertext: String?
    private let plaintext: String?
    private let error: String?

    /// The ciphertext, as it is stored.
    var blob: [UInt8]? { ciphertext.flatMap { TransitBlob(text: $0)?.bytes } }

    /// The key that was opened.
    var key: SecretKey? {
        guard error == nil, var data = plaintext.flatMap({ Data(base64Encoded: $0) }) else {
            return nil
        }
        var bytes = [UInt8](data)
        TransitBatch.erase(&data)
        return try? SecretKey(SecretBytes(consuming: &bytes))
    }
}

/// What transit says of a key.
struct TransitKey: Decodable {
    /// Its only kind here: AES-256-GCM, whose associated data binds a blob to its context.
    static let kind = "aes256-gcm96"

    let type: String
    let exportable: Bool
    let isBackupAllowed: Bool
    let isSoftDeleted: Bool?

    private enum CodingKeys: String, CodingKey {
        case type, exportable
        case isBackupAllowed = "allow_plaintext_backup"
        case isSoftDeleted = "soft_deleted"
    }
}
