// libpq prints notices to stderr unless told otherwise, and notices can quote data. We count the
// warnings, which matter at a commit, and show none.

internal import CLibPQ
internal import Glibc

/// Counts the warnings of one connection.
///
/// libpq copies the counter's address, which it does not retain, into every result. So each
/// ``Rows`` keeps the counter, which then outlives the last result that can call it.
final class NoticeCounter {
    private(set) var warnings = 0

    func attach(to handle: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = PQsetNoticeReceiver(
            handle,
            { context, result in
                guard let context else { return }
                let counter = Unmanaged<NoticeCounter>.fromOpaque(context).takeUnretainedValue()
                counter.receive(result)
            },
            context
        )
    }

    private func receive(_ result: OpaquePointer?) {
        let severity = PQresultErrorField(result, Int32(UInt8(ascii: "V")))
        if let severity, strcmp(severity, "WARNING") == 0 { warnings += 1 }
    }
}
