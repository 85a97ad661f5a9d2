// The parameters of the append functions, filled event by event.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// The parallel arrays of one batch; their meaning is told at tally.append_plain and append_batch.
struct LaneColumns {
    private var slots = ArrayColumn(.integer)
    private var tenantIDs = ArrayColumn(.uuid)
    private var sizes = ArrayColumn(.bigint)
    private var lasts = ArrayColumn(.bytea)
    private var floors = ArrayColumn(.bigint)
    private var firsts = ArrayColumn(.integer)
    private var requestFirsts = ArrayColumn(.integer)
    private var eventTenants = ArrayColumn(.integer)
    private var eventIDs = ArrayColumn(.uuid)
    private var streams = ArrayColumn(.uuid)
    private var versions = ArrayColumn(.integer)
    private var leaves = ArrayColumn(.bytea)
    private var parts = ArrayColumn(.bytea)
    private var furtherEvents = ArrayColumn(.integer)
    private var furtherParts = ArrayColumn(.bytea)
    /// Whether the plain form of the append takes it.
    private(set) var isPlain: Bool

    /// Begins a batch.
    ///
    /// - Parameter hasPurpose: whether the connection names one, which the plain form refuses.
    init(hasPurpose: Bool = false) {
        isPlain = !hasPurpose
    }

    /// The number of events.
    var eventCount: Int { leaves.count }

    /// The number of requests.
    var requestCount: Int { requestFirsts.count }

    /// Ends a tenant's events, which were placed on its head, the first of them as that number.
    mutating func tenant(_ id: TenantID, builtOn head: KnownHead, first: Int) {
        slots.append(head.slot)
        id.withUnsafeBytes { tenantIDs.append($0) }
        sizes.append(Int64(head.size))
        head.lastLeafHash.withUnsafeBytes { lasts.append($0) }
        floors.append(Int64(clamping: head.floor))
        firsts.append(Int32(first))
        isPlain = isPlain && head.isPlain
    }

    /// Gives a request's events the next positions and moves the head past them.
    mutating func place(
        _ request: SealedRequest,
        tenant: Int,
        head: inout KnownHead,
        now: UInt64,
        with hash: inout SHA256
    ) -> [Receipt] {
        requestFirsts.append(Int32(leaves.count + 1))
        return request.events.map { event in
            eventTenants.append(Int32(tenant))
            return place(event, of: request.tenant, head: &head, now: now, with: &hash)
        }
    }

    private mutating func place(
        _ event: SealedEvent,
        of tenant: TenantID,
        head: inout KnownHead,
        now: UInt64,
        with hash: inout SHA256
    ) -> Receipt {
        let recordedAt = max(now, head.floor + 1)
        let leaf = Leaf(
            kind: event.kind,
            tenant: tenant,
            position: UInt64(head.size),
            recordedAt: recordedAt,
            eventID: event.eventID,
            previous: head.lastLeafHash,
            partDigests: event.digests
        )
        let bytes = leaf.encoded()
        let version = (head.versions[event.stream] ?? 0) + 1
        event.eventID.withUnsafeBytes { eventIDs.append($0) }
        event.stream.withUnsafeBytes { streams.append($0) }
        // Only tampering reaches the bound; the row then collides, and the append is refused.
        versions.append(Int32(clamping: version))
        leaves.append(bytes)
        place(event.parts)
        let position = head.size
        head.size += 1
        head.lastLeafHash = Leaf.hash(bytes, with: &hash)
        head.floor = recordedAt
        head.versions[event.stream] = version
        return Receipt(
            position: position,
            version: version,
            recordedAt: Instant(micros: recordedAt),
            id: event.eventID,
            hash: head.lastLeafHash
        )
    }

    private mutating func place(_ bytes: [[UInt8]]) {
        parts.append(bytes.first)
        for part in bytes.dropFirst() {
            isPlain = false
            furtherEvents.append(Int32(leaves.count))
            furtherParts.append(part)
        }
    }

    /// The arrays for `tally.append_plain`.
    var plainParameters: [Parameter] { [Parameter(slots)] + plainParametersAfterSlots }

    /// Those that `tally.append_batch` takes besides.
    var furtherParameters: [Parameter] { [Parameter(furtherEvents), Parameter(furtherParts)] }

    /// The arrays for `tally.append_judged`.
    var parameters: [Parameter] { [Parameter(slots)] + parametersAfterSlots }

    /// The arrays after the slots', for `tally.append_tenant`.
    var parametersAfterSlots: [Parameter] {
        plainParametersAfterSlots + furtherParameters + [Parameter(requestFirsts)]
    }

    private var plainParametersAfterSlots: [Parameter] {
        var ends = firsts
        ends.append(Int32(leaves.count + 1))
        return [
            tenantIDs, sizes, lasts, floors, ends, eventTenants, eventIDs, streams, versions,
            leaves, parts,
        ].map { Parameter($0) }
    }
}
