// How the process's memory is handed out.

internal import CMalloc

/// Settings of the system's allocator.
enum Memory {
    /// Buffers from this size on go back to the system as soon as they are let go.
    private static let largeBytes: Int32 = 4 << 20

    /// Keeps the allocator from learning otherwise: after the first large buffer it would keep
    /// those to come, and the gaps between documents of many megabytes make a process twice as
    /// large.
    static func returnsLargeBuffers() {
        mallopt(M_MMAP_THRESHOLD, largeBytes)
    }
}
