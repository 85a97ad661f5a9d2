// What a new tenant may be called: a name that people can tell apart, type and read, because it is
// how they say whose log they mean. Tenants that were named before this rule are found as ever.

internal import Foundation
package import TallyCore

/// The rule at the door for tenants' names.
package enum TenantNameRule {
    /// Refuses a name that is none, or that may look like another one.
    ///
    /// - Throws: `invalid`, with the characters that are in the way.
    package static func check(_ name: String) throws(Problem) {
        let size = name.utf8.count
        guard FormatLimits.tenantName.contains(size),
            ByteText(name) != ByteText(TenantRegistry.ledgerName)
        else {
            throw refusal("it has \(size) bytes or is _ledger", "give 1 to 255 bytes of UTF-8")
        }
        if let hidden = name.unicodeScalars.first(where: isHidden) {
            throw refusal(
                "it contains \(ByteText(String(hidden)).escaped()), a character that is not seen",
                "use letters, digits and signs, without spaces"
            )
        }
        let normal = name.precomposedStringWithCanonicalMapping
        guard ByteText(normal) == ByteText(name) else {
            throw refusal(
                "it is not in Unicode's normalisation form C, and would look like another name",
                "the same name in that form is \(ByteText(normal).escaped())"
            )
        }
    }

    /// Spaces, controls, marks of direction, joiners, fillers and whatever else has no shape of its
    /// own, and code points that mean nothing yet.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .control, .format, .unassigned, .surrogate, .privateUse, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            return true
        default:
            // U+2800 is a letter of Braille without a dot.
            return properties.isDefaultIgnorableCodePoint || properties.isWhitespace
                || scalar == "\u{2800}"
        }
    }

    private static func refusal(_ why: String, _ advice: String) -> Problem {
        Problem(.invalid, "not a tenant's name: \(why)", hint: Remedy(advice))
    }
}
