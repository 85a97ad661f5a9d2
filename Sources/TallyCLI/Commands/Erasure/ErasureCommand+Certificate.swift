// tally erasure certificate and verify: the paper that outlives the data.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyStore
internal import Tallystick

extension ErasureCommand {
    struct Certificate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the certificate of an erasure, canonical JSON, to stdout.",
            discussion: """
                Examples:
                  tally erasure certificate 9f02…11c4 --operator-key alice.pem > erased.json
                  tally erasure verify erased.json

                It says interim until the erasure is final. Without --operator-key it is not
                signed, and verify says so.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var signer: OperatorKeyOption

        @Argument(help: "The erasure's id, 32 hexadecimal digits.")
        var erasure: String

        func run() async throws {
            let id = try DecisionID.parse(erasure)
            let key = try signer.key()
            try await ledger.open { ledger in
                let certificate = try await ledger.erasures.certificate(of: id, signedBy: key)
                Page.line(String(decoding: certificate, as: UTF8.self))
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a certificate without the ledger.",
            discussion: """
                Examples:
                  tally erasure verify erased.json
                  tally erasure verify erased.json -o json

                Checks proofs, signatures, receipts and that nothing is said which does not
                follow from them. Compare the roots of both logs with a checkpoint you trust.
                """
        )

        @OptionGroup var output: OutputOptions

        @Argument(help: "The certificate's file, or - for stdin.")
        var file: String

        func run() throws {
            let certificate = try read()
            let checks = CertificateVerifier(certificate).checks()
            output.renderer.show(checks.map { Self.record($0) })
            let body = certificate.body
            for name in ["tenant_log", "ledger_log"] as [JSONString] {
                let log = body[name]?.objectValue
                Talk.say(
                    "\(name.string): \(log?["size"]?.uint64Value ?? 0) events, "
                        + "root \(log?["root"]?.stringValue ?? "none")"
                )
            }
            Talk.say("anchor: not run, no checkpoint was published")
            try end(checks, isUnsigned: certificate.signatures.isEmpty)
        }

        private func end(_ checks: [CertificateCheck], isUnsigned: Bool) throws {
            let broken = checks.filter { !$0.passed && !($0.name == "signatures" && isUnsigned) }
            guard broken.isEmpty else { throw ExitStatus.broken }
            if isUnsigned { throw ExitStatus.incomplete }
        }

        private func read() throws -> ErasureCertificate {
            let bytes = try ByteSource.contents(of: file, limit: ErasureCertificate.byteLimit)
            do throws(FormatError) {
                return try ErasureCertificate(decoding: bytes)
            } catch {
                throw Problem(
                    .invalid,
                    "\(file) is not a certificate in canonical JSON",
                    hint: "give the file exactly as tally erasure certificate wrote it"
                )
            }
        }

        private static func record(_ check: CertificateCheck) -> Record {
            Record([
                ("check", .text(check.name)), ("outcome", .text(check.passed ? "ok" : "BROKEN")),
                ("faults", .text(check.faults.joined(separator: "; "))),
            ])
        }
    }
}
