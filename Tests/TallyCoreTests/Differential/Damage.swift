// Damage that keeps the form: what a careless reader would still take.

import TallyCore
import TallyTesting

extension SeededRandom {
    /// A value of which one somewhere inside is another one, is gone, or is there twice.
    mutating func damaged(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var object) where object.count > 0 && !happens(oneIn: 6):
            guard let member = object.members.randomElement(using: &self) else { return value }
            object[member.key] = happens(oneIn: 8) ? nil : damaged(member.value)
            return .object(object)
        case .array(var items) where !items.isEmpty && !happens(oneIn: 4):
            let place = Int.random(in: items.indices, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: items.remove(at: place)
            case 1: items.append(items[place])
            case 2: items.swapAt(place, items.count - 1)
            default: items[place] = damaged(items[place])
            }
            return .array(items)
        case .string(let text) where !happens(oneIn: 3):
            return .string(JSONString(redigited(text.string)))
        default: return other(than: value)
        }
    }

    /// A value of the same or another type.
    private mutating func other(than value: JSONValue) -> JSONValue {
        let number = value.numberValue?.uint64 ?? 1
        let values: [JSONValue] = [
            .null, .bool(true), .bool(false), "", "00", 0, 1, 2, [], [value], JSONObject().json,
            .number(JSONNumber(number &+ 1)), .number(JSONNumber(number / 2)),
            .number(JSONNumber(UInt64(1) << 53)), "4.0", "operators", "owner", "é",
        ]
        return values.randomElement(using: &self) ?? .null
    }

    /// A text of which one character is another one.
    private mutating func redigited(_ text: String) -> String {
        var characters = Array(text.utf8)
        guard let place = characters.indices.randomElement(using: &self) else { return "0" }
        characters[place] = Array("0123456789abcdefF_ ".utf8).randomElement(using: &self) ?? 48
        return String(decoding: characters, as: UTF8.self)
    }

    /// Logs of which an event is changed, moved, gone, repeated, or of another time.
    mutating func damaged(_ log: ToldLog) -> ToldLog {
        var log = log
        for _ in 0..<Int.random(in: 1...2, using: &self) {
            if happens(oneIn: 4) { damage(&log.own) } else { damage(&log.events) }
        }
        return log
    }

    private mutating func damage(_ events: inout [ToldEvent]) {
        guard let place = events.indices.randomElement(using: &self) else { return }
        switch Int.random(in: 0..<8, using: &self) {
        case 0: events.remove(at: place)
        case 1: events.append(events[place])
        case 2: events.swapAt(place, Int.random(in: events.indices, using: &self))
        case 3: events[place].recordedAt &+= Self.times.randomElement(using: &self) ?? 0
        case 4: events[place].recordedAt &-= Self.times.randomElement(using: &self) ?? 0
        case 5: events[place].text = damagedSignature(events[place].text)
        default: events[place].text = damaged(text: events[place].text)
        }
    }

    /// Around which something is too early, too late or too old, in µs.
    private static let times: [UInt64] = [
        1, 2_000_000, 2_000_001, 86_400_000_000, 259_200_000_000, 604_800_000_000,
    ]

    private mutating func damaged(text: [UInt8]) -> [UInt8] {
        guard let value = try? JSONReader.parse(text) else { return text }
        return damaged(value).canonical()
    }

    /// An event with other fields in the approval that it carries.
    private mutating func damagedSignature(_ text: [UInt8]) -> [UInt8] {
        guard var object = (try? JSONReader.parse(text))?.objectValue,
            var bytes = object["approvals"]?.arrayValue?.first?.bytes, !bytes.isEmpty
        else { return damaged(text: text) }
        bytes[Int.random(in: bytes.indices, using: &self)] ^= 1
        object["approvals"] = .array([.hex(bytes)])
        return JSONValue.object(object).canonical()
    }
}

extension JSONObject {
    fileprivate var json: JSONValue { .object(self) }
}
