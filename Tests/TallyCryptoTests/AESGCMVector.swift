// Published vectors of AES-256-GCM with nonces of 96 bits and tags of 128 bits, in hexadecimal.
// Where a field is left out the vector has none of it.

import TallyCrypto
import Testing

/// One published vector.
struct AESGCMVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var key: String
    var nonce: String
    var plaintext = ""
    var associated = ""
    var ciphertext = ""
    let tag: String

    /// The bytes of one of the fields.
    func bytes(_ field: KeyPath<Self, String>) throws -> [UInt8] {
        try #require(Hex.decode(self[keyPath: field]))
    }

    /// Opens a ciphertext with what else is in the vector.
    func open(_ sealed: [UInt8]) throws -> [UInt8] {
        var key = try bytes(\.key)
        return try AESGCM.open(
            sealed[...],
            key: SecretBytes(consuming: &key),
            nonce: bytes(\.nonce)[...],
            associated: bytes(\.associated)
        )
    }

    static let published = [
        AESGCMVector(
            testDescription: "McGrew and Viega 13",
            key: String(repeating: "00", count: 32),
            nonce: String(repeating: "00", count: 12),
            tag: "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        AESGCMVector(
            testDescription: "McGrew and Viega 14",
            key: String(repeating: "00", count: 32),
            nonce: String(repeating: "00", count: 12),
            plaintext: String(repeating: "00", count: 16),
            ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"
        ),
        AESGCMVector(
            testDescription: "McGrew and Viega 15",
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            plaintext: plaintext,
            ciphertext: ciphertext,
            tag: "b094dac5d93471bdec1a502270e3cc6c"
        ),
        AESGCMVector(
            testDescription: "McGrew and Viega 16",
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            plaintext: String(plaintext.prefix(120)),
            associated: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext: String(ciphertext.prefix(120)),
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
        AESGCMVector(
            testDescription: "gcmEncryptExtIV256, no plaintext",
            key: "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
            nonce: "516c33929df5a3284ff463d7",
            tag: "bdc1ac884d332457a1d2664f168c76f0"
        ),
        AESGCMVector(
            testDescription: "gcmEncryptExtIV256, plaintext of 128 bits",
            key: "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
            nonce: "0d18e06c7c725ac9e362e1ce",
            plaintext: "2db5168e932556f8089a0622981d017d",
            ciphertext: "fa4362189661d163fcd6a56d8bf0405a",
            tag: "d636ac1bbedd5cc3ee727dc2ab4a9489"
        ),
    ]

    private static let plaintext =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
    private static let ciphertext =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
}
