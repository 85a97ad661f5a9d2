// What a request is known by: the caller's id, for ever, or ids that were drawn for its events, for
// as long as it is on its way.

package import TallyCore
internal import TallyCrypto
internal import TallyVault

/// Where the ids of a request's events come from.
package enum RequestID: Sendable {
    /// From the caller's id of the request.
    case given(String)
    /// None was given: those of its events.
    case drawn([EventID])

    init(_ text: String?, count: Int) {
        guard let text else {
            let now = Micros.now()
            self = .drawn((0..<count).map { _ in EventID.drawn(at: now) })
            return
        }
        self = .given(text)
    }

    /// The caller's id, if there is one.
    package var text: String? {
        if case .given(let text) = self { text } else { nil }
    }

    /// Draws an id for a caller who wants to be told it: a UUID of version 7 (RFC 9562), whose
    /// order is that of time.
    package static func draw(at micros: UInt64) -> String {
        let id = EventID.drawn(at: micros).bytes
        let versioned = id[..<6] + [id[6] & 0x0f | 0x70, id[7], id[8] & 0x3f | 0x80] + id[9...]
        let digits = Hex.encode(Array(versioned))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    /// The id of the event at a place in the request, from 0.
    func eventID(_ ordinal: Int, under index: IndexKey) -> EventID {
        switch self {
        case .given(let text): index.eventID(request: text, ordinal: ordinal)
        case .drawn(let ids): ids[ordinal]
        }
    }
}
