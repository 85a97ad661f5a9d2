// Certificates of erasures, against certificate.json: one that is sound in several forms, and many
// that lie, each signed again by an operator so that only the named checks can notice.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Certificates and the checks that they fail.
@Suite struct CertificateVectorTests {
    @Test(
        "a certificate fails the vector's checks and no other",
        arguments: try VectorFile("certificate").vectors
    )
    func checks(_ vector: VectorEntry) throws {
        let certificate = try ErasureCertificate(decoding: Array(vector.fields.text("text").utf8))
        let failing = CertificateVerifier(certificate).checks().filter { !$0.passed }.map(\.name)
        #expect(try failing == vector.list("failing").compactMap(\.stringValue))
        #expect(try SHA256.hash(certificate.message) == vector.digest("message_digest"))
    }

    @Test(
        "a certificate is written again as it was",
        arguments: try VectorFile("certificate").vectors
    )
    func writes(_ vector: VectorEntry) throws {
        let text = Array(try vector.fields.text("text").utf8)
        let certificate = try ErasureCertificate(decoding: text)
        #expect(certificate.encoded() == (text.last == 10 ? Array(text.dropLast()) : text))
    }

    @Test(
        "what is no certificate is refused",
        arguments: try VectorFile("certificate").malformed
    )
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try ErasureCertificate(decoding: $0) }
    }
}
