// Times and ids of the database as the ledger's own types.

package import TallyCore
package import TallyCrypto
package import TallyPostgres

extension Field {
    /// A time of the ledger's clock.
    package func instant() throws(PostgresError) -> Instant { Instant(micros: try time()) }

    /// As ``instant()``, or `nil` for NULL.
    package func optionalInstant() throws(PostgresError) -> Instant? {
        try optionalTime().map { Instant(micros: $0) }
    }

    /// An id of 16 bytes.
    package func id<Tag>(
        as type: Identifier<Tag>.Type = Identifier<Tag>.self
    ) throws(PostgresError) -> Identifier<Tag> {
        guard let id = Identifier<Tag>(try bytes()) else {
            throw PostgresError(.unexpectedResult, message: "no id in column \(name)")
        }
        return id
    }

    /// As ``id(as:)``, or `nil` for NULL.
    package func optionalID<Tag>(
        as type: Identifier<Tag>.Type = Identifier<Tag>.self
    ) throws(PostgresError) -> Identifier<Tag>? {
        try optionalBytes() == nil ? nil : try id()
    }

    /// A hash, or the id of a key: 32 bytes.
    package func digest() throws(PostgresError) -> Digest {
        guard let digest = Digest(try bytes()) else {
            throw PostgresError(.unexpectedResult, message: "no digest in column \(name)")
        }
        return digest
    }

    /// A word of an enumeration.
    package func word<Word: RawRepresentable<String>>(
        as type: Word.Type = Word.self
    ) throws(PostgresError) -> Word {
        guard let word = Word(rawValue: try text()) else {
            throw PostgresError(.unexpectedResult, message: "an unknown word in column \(name)")
        }
        return word
    }
}
