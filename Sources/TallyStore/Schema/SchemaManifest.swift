// What makes a database, in parts: roles, migrations that are frozen once they are released, and
// one edition of functions and guards, which replaces the one before as a whole.

internal import CSchema
package import TallyCrypto

/// The parts of a schema with their digests, as schema/ledger/manifest and schema/keys/manifest
/// list them.
package struct SchemaManifest: Sendable {
    /// A change of the tables.
    package struct Migration: Sendable {
        /// Its number and what it is about, such as `0002-bounds`.
        package let name: String
        package let script: String
        /// The SHA-256 of its script; behind it those of scripts of earlier builds that made the
        /// same.
        package let digests: [Digest]

        /// What its first comment asks for when a ledger that there was has been migrated.
        package var afterwards: String? {
            let line = script.split(separator: "\n").prefix { $0.hasPrefix("--") }
                .first { $0.hasPrefix(Self.afterwardsMark) }
            return line.map { String($0.dropFirst(Self.afterwardsMark.count)) }
        }

        private static let afterwardsMark = "-- afterwards: "

        /// Whether its statements cannot be one transaction, since writers would wait for them.
        var isConcurrent: Bool { script.hasPrefix("-- concurrently") }
    }

    /// The roles, which belong to the whole cluster.
    package let roles: String
    /// In the order of their numbers, from 1.
    package let migrations: [Migration]
    /// The edition of functions and guards: higher ones are newer.
    package let edition: Int
    /// Functions and guards in one script.
    package let functions: String
    /// The ``digest(ofFunctions:)`` of this edition.
    package let functionsDigest: Digest

    /// Reads what the build embeds, of which tests say that it is whole.
    init(embedded: UnsafePointer<tally_schema>?) {
        guard let parts = embedded?.pointee else {
            preconditionFailure("a build without its schema")
        }
        let lines = String(cString: parts.manifest).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ").map(String.init) }
        var scripts: [(name: String, script: String)] = []
        var next = parts.migrations
        while let migration = next?.pointee, let name = migration.name {
            scripts.append((String(cString: name), String(cString: migration.script)))
            next = next?.successor()
        }
        roles = String(cString: parts.roles)
        functions = String(cString: parts.functions)
        migrations = scripts.map { name, script in
            let line = lines.first { $0.count > 2 && $0[0] == "migration" && $0[1] == name }
            let digests = line?.dropFirst(2).compactMap { Self.digest($0) } ?? []
            return Migration(name: name, script: script, digests: digests)
        }
        let line = lines.first { $0.count == 3 && $0[0] == "functions" } ?? ["", "0", ""]
        edition = Int(line[1]) ?? 0
        functionsDigest = Self.digest(line[2]) ?? .zero
    }

    private static func digest(_ text: String) -> Digest? {
        Hex.decode(text).flatMap { Digest($0) }
    }

    /// The SHA-256 of functions and guards without the lines that are comments.
    ///
    /// A better word makes no other edition.
    package static func digest(ofFunctions script: String) -> Digest {
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop { $0 == " " }.hasPrefix("--") }
        return SHA256.hash(Array(lines.joined(separator: "\n").utf8))
    }
}
