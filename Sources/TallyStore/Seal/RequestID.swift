// What a request is known by: the caller's id, for ever, or ids that were drawn for its events, for
// as long as it is on its way.

internal import TallyCore
internal import TallyCrypto
internal import TallyVault

/// The ids that a request's events get.
package struct RequestID: Sendable {
    /// The caller's; `nil` when none was given.
    package let text: String?
    /// Those of the events where the caller gave none.
    let drawn: [EventID]?

    init(_ text: String?, count: Int, at micros: @autoclosure () -> UInt64 = Micros.now()) {
        self.text = text
        guard text == nil else {
            drawn = nil
            return
        }
        let now = micros()
        drawn = (0..<count).map { _ in EventID.drawn(at: now) }
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
        drawn?[ordinal] ?? index.eventID(request: text ?? "", ordinal: ordinal)
    }
}
