// The parameters of tally.append_lane, filled event by event.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// The parallel arrays of one batch; their meaning is told at the SQL function.
struct LaneColumns {
    private var tenantIDs = ArrayColumn(.uuid)
    private var tenantSizes = ArrayColumn(.bigint)
    private var tenantLasts = ArrayColumn(.bytea)
    private var requestTenants = ArrayColumn(.integer)
    private var requestIDs = ArrayColumn(.text)
    private var requestDigests = ArrayColumn(.bytea)
    private var requestCounts = ArrayColumn(.integer)
    private var eventStreams = ArrayColumn(.uuid)
    private var eventVersions = ArrayColumn(.integer)
    private var eventLeaves = ArrayColumn(.bytea)
    private var partEvents = ArrayColumn(.integer)
    private var partBytes = ArrayColumn(.bytea)

    /// The number of events.
    var eventCount: Int { eventLeaves.count }

    mutating func tenant(_ id: TenantID, builtOn head: KnownHead) {
        id.withUnsafeBytes { tenantIDs.append($0) }
        tenantSizes.append(Int64(head.size))
        head.lastLeafHash.withUnsafeBytes { tenantLasts.append($0) }
    }

    /// Gives a request's events the next positions and moves the head past them.
    mutating func place(
        _ request: SealedRequest,
        tenant: Int,
        head: inout KnownHead,
        now: UInt64,
        with hash: inout SHA256
    ) -> [Receipt] {
        requestTenants.append(Int32(tenant))
        requestIDs.append(Array(request.id.utf8))
        request.digest.withUnsafeBytes { requestDigests.append($0) }
        requestCounts.append(Int32(request.events.count))
        return request.events.map { event in
            place(event, of: request.tenant, head: &head, now: now, with: &hash)
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
        event.stream.withUnsafeBytes { eventStreams.append($0) }
        // Only tampering reaches the bound; the row then collides, and the append is refused.
        eventVersions.append(Int32(clamping: version))
        eventLeaves.append(bytes)
        for part in event.parts {
            partEvents.append(Int32(eventLeaves.count))
            partBytes.append(part)
        }
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

    /// All arrays, for `tally.append_lane`.
    var parameters: [Parameter] {
        [Parameter(tenantIDs)] + parametersAfterTenants
    }

    /// The arrays after the tenants', for `tally.append_tenant`.
    var parametersAfterTenants: [Parameter] {
        [
            tenantSizes, tenantLasts, requestTenants, requestIDs, requestDigests, requestCounts,
            eventStreams, eventVersions, eventLeaves, partEvents, partBytes,
        ].map { Parameter($0) }
    }
}
