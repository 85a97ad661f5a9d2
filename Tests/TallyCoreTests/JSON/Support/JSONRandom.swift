// Seeded random documents and mutations for the property tests.
// The same seed gives the same documents everywhere, so a failure can be repeated.

import TallyCore

/// A source of random JSON.
struct JSONRandom: RandomNumberGenerator {
    private var state: UInt64

    /// Creates a source that is the same for the same seed.
    init(seed: UInt64) {
        state = seed
    }

    /// The next number of SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Whether something with a chance of one in so many happens.
    mutating func happens(oneIn chances: Int) -> Bool {
        Int.random(in: 0..<chances, using: &self) == 0
    }

    /// A value nested at most so deep.
    mutating func value(depth: Int = 4) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &self) {
        case 0: .null
        case 1: .bool(happens(oneIn: 2))
        case 2, 3: happens(oneIn: 2) ? .string(string()) : .number(number())
        case 4: .string(string())
        case 5:
            .array((0..<Int.random(in: 0..<6, using: &self)).map { _ in value(depth: depth - 1) })
        default: .object(object(depth: depth))
        }
    }

    /// An object, now and then one too large to be scanned.
    mutating func object(depth: Int) -> JSONObject {
        let count = happens(oneIn: 20) ? 40 : Int.random(in: 0..<6, using: &self)
        return JSONObject((0..<count).map { _ in (key: string(), value: value(depth: depth - 1)) })
    }

    /// A string of characters that need escapes and of one to four bytes.
    mutating func string() -> JSONString {
        let alphabet: [Unicode.Scalar] = [
            "a", "b", "c", "k", "0", " ", "/", "\"", "\\", "\n", "\u{1}", "\u{1F}", "\u{7F}",
            "\u{80}",
            "\u{301}", "é", "\u{7FF}", "€", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "😀", "\u{10FFFF}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0..<12, using: &self) {
            text.unicodeScalars.append(alphabet.randomElement(using: &self) ?? "a")
        }
        return JSONString(text)
    }

    /// A number of any of the grammar's shapes.
    mutating func number() -> JSONNumber {
        let sign = happens(oneIn: 2) ? "-" : ""
        let integer = String(next() >> UInt64.random(in: 0..<64, using: &self))
        let fraction = happens(oneIn: 2) ? ".\(String(next() % 1_000))0" : ""
        let signs = ["", "+", "-"]
        let exponent =
            happens(oneIn: 3) ? "e\(signs.randomElement(using: &self) ?? "")0\(next() % 400)" : ""
        return JSONNumber(text: sign + integer + fraction + exponent) ?? JSONNumber(0)
    }

    /// Changes, adds, removes or moves a few bytes.
    mutating func mutate(_ bytes: inout [UInt8]) {
        let likely = Array("{}[]:,\"\\/u0123456789abdef.-+eEtrunl \n\u{0}\u{1}\u{80}\u{FEFF}".utf8)
        for _ in 0..<(happens(oneIn: 3) ? 2 : 1) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            let byte = likely.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] = byte
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
            case 2: bytes.insert(byte, at: place)
            case 3: bytes.remove(at: place)
            case 4: bytes.removeLast(bytes.count - place)
            default: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
            }
        }
    }
}
