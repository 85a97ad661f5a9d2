// What a restore leaves as it is, and who has written there since.

package import TallyCore
internal import TallyStore
internal import TallyVault

/// A stream that a restore leaves as it is.
public struct RestoreConflict: Sendable {
    /// The stream's name, else its tag.
    public let stream: String
    /// Whether it was so when the restore was planned; else it was written to afterwards.
    public let isPlanned: Bool
    /// The first version behind the moment that is restored.
    public let sinceVersion: Int?
    /// The stream's version now.
    public let version: Int?
    /// Who wrote the versions since, the newest first, as far as they can be read.
    public let actors: [String]
}

extension RestorePlans {
    /// Of how many versions of a stream the actors are told.
    private static let toldVersions = 100

    /// The streams that a restore leaves as they are: those that the plan says, and those that were
    /// written to since.
    ///
    /// - Complexity: a question for each stream.
    package func conflicts(_ row: Restore) async throws(Problem) -> [RestoreConflict] {
        guard row.clone == nil else { return [] }
        let planned = try await plan(of: row).conflicts
        let later = try await register.conflicts(row)
        let names = try await names(row.tenant, planned + later)
        var conflicts: [RestoreConflict] = []
        for (streams, isPlanned) in [(planned, true), (later, false)] {
            for stream in streams {
                let events = try await written(stream, since: row.cut, row.tenant)
                conflicts.append(
                    RestoreConflict(
                        stream: names[stream] ?? stream.hex,
                        isPlanned: isPlanned,
                        sinceVersion: events.last?.stored.version,
                        version: events.first?.stored.version,
                        actors: events.compactMap(\.actor).distinct
                    )
                )
            }
        }
        return conflicts
    }

    /// The newest events of a stream behind a cut.
    private func written(
        _ stream: BlindTag,
        since cut: Int,
        _ tenant: TenantID
    ) async throws(Problem) -> [OpenedEvent] {
        let rows = try await Session(pool: context.pools.readers).scoped(tenant) { connection in
            try Session.newest(
                connection,
                tenant,
                stream: stream,
                through: Int(Int32.max),
                before: .max,
                limit: Self.toldVersions
            )
        }
        let opener = EventOpener(vault: context.vault)
        return try await opener.open(rows.filter { $0.position >= cut }, of: tenant)
    }
}

extension OpenedEvent {
    /// Who wrote it, if that can be read.
    fileprivate var actor: String? {
        guard case .content(let envelope) = envelope else { return nil }
        return envelope.actor
    }
}

extension [String] {
    /// The texts that are not empty, each once.
    fileprivate var distinct: [String] {
        var seen: Set<ByteText> = [ByteText("")]
        return filter { seen.insert(ByteText($0)).inserted }
    }
}
