// A server that gives every request the same bytes, whatever it asks, and remembers the requests.
// Its answers say `Connection: close`, for it waits for that.

import Foundation
import Glibc
import Synchronization

final class OneAnswerServer: Sendable {
    /// Where it listens, on this machine only.
    let address: String
    private let listener: Int32
    private let requests = Mutex<[String]>([])
    private let ended = DispatchSemaphore(value: 0)

    init(_ answer: String) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let status = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                guard bind(listener, place, size) == 0, listen(listener, 8) == 0 else {
                    return Int32(-1)
                }
                return getsockname(listener, place, &size)
            }
        }
        guard status == 0 else { throw POSIXError(.EADDRINUSE) }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        Thread { [self] in
            serve(Array(answer.utf8))
            ended.signal()
        }
        .start()
    }

    /// Stops it and gives the head of every request.
    func stop() -> [String] {
        shutdown(listener, Int32(SHUT_RDWR))
        ended.wait()
        close(listener)
        return requests.withLock { $0 }
    }

    private func serve(_ answer: [UInt8]) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = recv(connection, &buffer, buffer.count, 0)
            let head = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            requests.withLock { $0.append(head) }
            _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            // Closing while there is more to read would take the answer back.
            shutdown(connection, Int32(SHUT_WR))
            while recv(connection, &buffer, buffer.count, 0) > 0 {}
            close(connection)
        }
    }
}
