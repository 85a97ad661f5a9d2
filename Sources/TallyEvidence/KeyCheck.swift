// Holds the key store against the log: the ledger's database cannot know which keys are gone, and
// whoever has the key store can make one go that nobody decided about.

internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault

/// Compares withdrawn keys, blocks and epochs with what was decided.
struct KeyCheck {
    /// Whose keys an erasure is about.
    private struct Scope {
        let erasure: FoldedErasure
        let tag: BlindTag
        let classes: Set<ByteText>

        func covers(_ retentionClass: ByteText) -> Bool {
            classes.contains(retentionClass) || classes.contains("*")
        }
    }

    private let withdrawn: WithdrawnKeys
    private let fold: DecisionFold
    /// The erasures that were decided, by whom they are about.
    private let scopes: [BlindTag: [Scope]]
    /// When the newest readmission of each came.
    private let readmissions: [BlindTag: UInt64]
    /// Keys that a fence names whose destruction may be under way.
    private let fenced: Set<KeyID>
    private(set) var findings: [Finding] = []
    private(set) var total = 0

    /// How many of them are as the log has it.
    var sound: Int { total - findings.count }

    init(_ withdrawn: WithdrawnKeys, _ fold: DecisionFold, _ rows: RegisterRows) {
        (self.withdrawn, self.fold) = (withdrawn, fold)
        scopes = Dictionary(
            grouping: rows.requests.compactMap { Self.scope(of: $0, fold) },
            by: \.tag
        )
        readmissions = scopes.compactMapValues { scopes in
            scopes.compactMap(\.erasure.readmittedAtPosition).max()
        }
        fenced = rows.fencedKeys.filter { fold.erasures[$0.key]?.state == .fenced }
            .reduce(into: []) { $0.formUnion($1.value) }
    }

    private static func scope(of row: RegisterRows.Request, _ fold: DecisionFold) -> Scope? {
        guard let erasure = fold.erasures[row.id],
            ![.requested, .refused].contains(erasure.state),
            fold.requests[row.id]?.plan == SHA256.hash(row.plan),
            let plan = (try? JSONReader.parse(row.plan))?.objectValue,
            let tag = plan["subject_tag"]?.bytes.flatMap({ BlindTag($0) })
        else { return nil }
        let classes = plan["classes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return Scope(erasure: erasure, tag: tag, classes: Set(classes.map { ByteText($0) }))
    }

    /// Compares everything but what lives.
    mutating func run() {
        for key in withdrawn.keys { compare(key) }
        compareBlocks()
    }

    private mutating func compare(_ key: WithdrawnKeys.Key) {
        let isDecided =
            key.isDestroyed
            ? fold.destroyedKeys.contains(key.id) || fenced.contains(key.id)
            : isDecided(key.subject)
        note(
            isDecided,
            "key_record \(key.id.hex): it is \(key.isDestroyed ? "destroyed" : "suspended"), "
                + "and no erasure has decided that"
        )
    }

    /// Whether an erasure of a subject, or of the whole tenant, was decided.
    private func isDecided(_ subject: WithdrawnKeys.Subject?) -> Bool {
        scopes[.zero] != nil
            || subject.map { subject in
                scopes[subject.tag]?.contains {
                    $0.covers(subject.retentionClass) && !isTakenBack($0)
                } ?? false
            } ?? false
    }

    /// Whether somebody was let in again after an erasure; that is about all of the subject.
    private func isTakenBack(_ scope: Scope) -> Bool {
        readmissions[scope.tag].map { $0 > scope.erasure.fencePosition ?? .max } ?? false
    }

    private mutating func compareBlocks() {
        for block in withdrawn.blocks {
            let isDecided = scopes[block.tag]?.contains {
                $0.classes.contains(block.retentionClass)
            }
            note(isDecided ?? false, "key_block of \(block.tag.hex): no erasure stands for it")
        }
    }

    // MARK: - Who must be blocked

    /// Everybody whose keys are destroyed and who was not let in again.
    private var gone: [WithdrawnKeys.Subject] {
        scopes.values.joined().filter { $0.erasure.isBehindTheFence && !isTakenBack($0) }
            .flatMap { scope in
                scope.classes.map { WithdrawnKeys.Subject(tag: scope.tag, retentionClass: $0) }
            }
    }

    private static func isBlocked(
        _ subject: WithdrawnKeys.Subject,
        _ blocks: Set<WithdrawnKeys.Subject>
    ) -> Bool {
        [subject.tag, .zero].contains { tag in
            [subject.retentionClass, "*"].contains { name in
                blocks.contains(WithdrawnKeys.Subject(tag: tag, retentionClass: name))
            }
        }
    }

    /// Whether the key store lacked blocks when it was read, which may have come since.
    var lacksBlocks: Bool { gone.contains { !Self.isBlocked($0, withdrawn.blocks) } }

    /// Compares who must be blocked with blocks that were read after the log.
    mutating func compare(_ blocks: Set<WithdrawnKeys.Subject>) {
        for subject in gone {
            note(
                Self.isBlocked(subject, blocks),
                "key_block of \(subject.tag.hex): the log has it, no row does"
            )
        }
    }

    private mutating func note(_ isSound: Bool, _ evidence: @autoclosure () -> String) {
        total += 1
        if !isSound { findings.append(Finding(.alteredRegister, evidence())) }
    }

    // MARK: - What lives

    /// Destroyed keys that the key store did not have as such when it was read.
    var missing: Set<KeyID> {
        fold.destroyedKeys.subtracting(withdrawn.keys.filter(\.isDestroyed).map(\.id))
    }

    /// Notes how many of ``missing`` live after the log was read.
    mutating func note(living count: Int) {
        note(count == 0, "key_record: \(count) keys live that the log says are destroyed")
    }

    /// Compares the epochs of the ledger's own log with those of the key store.
    mutating func compare(_ epochs: [KeyEpoch]) {
        for epoch in epochs {
            let isReceipted = fold.epochs[epoch.number] != nil
            if epoch.state == .destroyed, epoch.isRecorded {
                note(isReceipted, "key_epoch \(epoch.number): the log has no receipt of its end")
            } else if epoch.state != .destroyed {
                note(
                    !isReceipted,
                    "key_epoch \(epoch.number): it lives, and the log has a receipt of its end"
                )
            }
        }
    }
}

extension FoldedErasure {
    /// Whether its keys are destroyed, and nobody may get new ones.
    fileprivate var isBehindTheFence: Bool { times[.keysDestroyed] != nil }
}
