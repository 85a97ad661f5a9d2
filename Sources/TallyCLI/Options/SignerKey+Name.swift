// Ids and keys of those who decide, as commands read and show them.

internal import ArgumentParser
internal import TallyCore
internal import Tallystick

extension SignerKey {
    /// The word for how it signs.
    var kindName: String {
        switch algorithm {
        case .ed25519: "ed25519"
        case .webAuthnES256: "passkey-es256"
        case .webAuthnEd25519: "passkey-ed25519"
        }
    }
}

extension OperatorID {
    /// Reads the id of an operator or owner.
    ///
    /// - Throws: a usage error for anything but 32 hexadecimal digits.
    static func parse(_ text: String) throws -> OperatorID {
        guard let id = OperatorID(text) else {
            throw ValidationError(
                "not an operator's id: it has 32 hexadecimal digits, as tally operator list shows"
            )
        }
        return id
    }
}
