// The registers of one tenant as their tables have them: plain values, believed by nobody until
// they are held against the fold of the log.

package import TallyCrypto

/// Every row of every register of one tenant; of the ledger's own also operators and epochs.
package struct RegisterRows: Sendable {
    package var operators: [Operator] = []
    package var owners: [Owner] = []
    package var epochs: [UInt64: UInt64] = [:]
    package var requests: [Request] = []
    package var approvals: [Approval] = []
    package var erasures: [Erasure] = []
    /// The positions that are listed of each erasure.
    package var listed: [DecisionID: Set<UInt64>] = [:]
    package var holds: [Hold] = []
    package var fences: [Fence] = []
    package var fencedKeys: [DecisionID: Set<Digest>] = [:]
    package var restores: [Restore] = []
    /// How many streams each restore left as they are.
    package var conflicts: [DecisionID: UInt64] = [:]
    package var restriction: UInt64?

    /// No rows.
    package init() {}

    /// A row of `tally.operator`.
    package struct Operator: Sendable {
        package let id: OperatorID
        package let publicKey: [UInt8]
        package let person: OperatorID
        package let addedAt: UInt64
        package let endedAt: UInt64?

        package init(
            id: OperatorID,
            publicKey: [UInt8],
            person: OperatorID,
            addedAt: UInt64,
            endedAt: UInt64?
        ) {
            (self.id, self.publicKey, self.person) = (id, publicKey, person)
            (self.addedAt, self.endedAt) = (addedAt, endedAt)
        }
    }

    /// A row of `tally.owner`.
    package struct Owner: Sendable {
        package let id: OperatorID
        package let publicKey: [UInt8]
        package let actions: [UInt8]
        package let quorum: Int
        package let addedAt: UInt64
        package let endedAt: UInt64?

        package init(
            id: OperatorID,
            publicKey: [UInt8],
            actions: [UInt8],
            quorum: Int,
            addedAt: UInt64,
            endedAt: UInt64?
        ) {
            (self.id, self.publicKey, self.actions) = (id, publicKey, actions)
            (self.quorum, self.addedAt, self.endedAt) = (quorum, addedAt, endedAt)
        }
    }

    /// A row of `tally.request`.
    package struct Request: Sendable {
        package let id: DecisionID
        package let action: UInt8
        package let plan: [UInt8]
        package let head: [UInt8]
        package let requester: OperatorID
        package let authority: String
        package let requestedAt: UInt64
        package let state: String

        package init(
            id: DecisionID,
            action: UInt8,
            plan: [UInt8],
            head: [UInt8],
            requester: OperatorID,
            authority: String,
            requestedAt: UInt64,
            state: String
        ) {
            (self.id, self.action, self.plan, self.head) = (id, action, plan, head)
            (self.requester, self.authority) = (requester, authority)
            (self.requestedAt, self.state) = (requestedAt, state)
        }
    }

    /// A row of `tally.approval`.
    package struct Approval: Sendable {
        package let request: DecisionID
        package let signer: OperatorID
        package let approvedAt: UInt64
        package let expiresAt: UInt64
        package let signed: [UInt8]

        package init(
            request: DecisionID,
            signer: OperatorID,
            approvedAt: UInt64,
            expiresAt: UInt64,
            signed: [UInt8]
        ) {
            (self.request, self.signer, self.signed) = (request, signer, signed)
            (self.approvedAt, self.expiresAt) = (approvedAt, expiresAt)
        }
    }

    /// A row of `tally.erasure`.
    package struct Erasure: Sendable {
        package let id: DecisionID
        package let subjectTag: [UInt8]
        package let classes: [String]
        package let ground: String
        package let state: String
        package let follows: DecisionID?
        package let notBefore: UInt64?
        package let fencePosition: UInt64?
        package let destroyedEpoch: UInt64?
        package let destroyedPositions: [UInt64]
        package let purgedParts: UInt64
        package let backupsUntil: UInt64?
        /// Its times by the states that they stand for.
        package let times: [FoldedErasure.State: UInt64?]
        /// When its parts were gone from the log; no event says so by itself.
        package let purgedAt: UInt64?

        package init(
            id: DecisionID,
            subjectTag: [UInt8],
            classes: [String],
            ground: String,
            state: String,
            follows: DecisionID?,
            notBefore: UInt64?,
            fencePosition: UInt64?,
            destroyedEpoch: UInt64?,
            destroyedPositions: [UInt64],
            purgedParts: UInt64,
            backupsUntil: UInt64?,
            times: [FoldedErasure.State: UInt64?],
            purgedAt: UInt64?
        ) {
            (self.id, self.subjectTag, self.classes, self.ground) =
                (id, subjectTag, classes, ground)
            (self.state, self.follows, self.notBefore) = (state, follows, notBefore)
            self.fencePosition = fencePosition
            (self.destroyedEpoch, self.destroyedPositions) = (destroyedEpoch, destroyedPositions)
            (self.purgedParts, self.backupsUntil) = (purgedParts, backupsUntil)
            (self.times, self.purgedAt) = (times, purgedAt)
        }
    }

    /// A row of `tally.hold`.
    package struct Hold: Sendable {
        package let id: DecisionID
        package let subjectTag: [UInt8]
        package let reviewAt: UInt64
        package let placedAt: UInt64
        package let releasedAt: UInt64?

        package init(
            id: DecisionID,
            subjectTag: [UInt8],
            reviewAt: UInt64,
            placedAt: UInt64,
            releasedAt: UInt64?
        ) {
            (self.id, self.subjectTag, self.reviewAt) = (id, subjectTag, reviewAt)
            (self.placedAt, self.releasedAt) = (placedAt, releasedAt)
        }
    }

    /// A row of `tally.key_fence`.
    package struct Fence: Sendable {
        package let erasure: DecisionID
        package let subjectTag: [UInt8]
        package let retentionClass: String
        package let position: UInt64
        package let readmittedAt: UInt64?

        package init(
            erasure: DecisionID,
            subjectTag: [UInt8],
            retentionClass: String,
            position: UInt64,
            readmittedAt: UInt64?
        ) {
            (self.erasure, self.subjectTag, self.retentionClass) =
                (erasure, subjectTag, retentionClass)
            (self.position, self.readmittedAt) = (position, readmittedAt)
        }
    }

    /// A row of `tally.restore`.
    package struct Restore: Sendable {
        package let id: DecisionID
        package let undoes: DecisionID?
        package let clone: TenantID?
        package let cut: UInt64
        package let state: String
        package let beganPosition: UInt64?
        package let endedPosition: UInt64?
        package let applied: UInt64

        package init(
            id: DecisionID,
            undoes: DecisionID?,
            clone: TenantID?,
            cut: UInt64,
            state: String,
            beganPosition: UInt64?,
            endedPosition: UInt64?,
            applied: UInt64
        ) {
            (self.id, self.undoes, self.clone, self.cut) = (id, undoes, clone, cut)
            (self.state, self.beganPosition) = (state, beganPosition)
            (self.endedPosition, self.applied) = (endedPosition, applied)
        }
    }
}
