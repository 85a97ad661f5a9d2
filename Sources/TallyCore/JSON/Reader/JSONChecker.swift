// The walk over a JSON text that decides whether it is taken.
// Every submitted document passes here once. The walk keeps its own stack instead of recursing,
// so neither depth nor size of an input can exhaust the thread's.

/// The checker of one document.
///
/// The position is passed along and the steps are inlined, so that it stays in a register instead
/// of being stored and loaded for every token. Why it is not copyable, `JSONKeys` says.
struct JSONChecker: ~Copyable {
    /// The containers the walk is inside of, outermost first; `JSONLimits.maximumDepth` of them.
    ///
    /// Of an object it is the number of keys when it opened, of an array the current index.
    private var places = InlineArray<128, UInt32>(repeating: 0)

    /// Which of the containers are objects, one bit each, the innermost lowest.
    private var kinds: UInt128 = 0

    /// The number of containers the walk is inside of.
    private var depth = 0

    /// The keys of the open objects.
    private var keys = JSONKeys()

    /// Whether the walk stands at a member of the innermost container, not between two.
    private var isAtMember = false

    /// Walks the whole text.
    mutating func check(_ text: Span<UInt8>) throws(JSONFault) {
        guard text.count <= JSONLimits.maximumBytes else { throw JSONFault(.tooLarge, at: 0) }
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
            throw JSONFault(.byteOrderMark, at: 0)
        }
        var at = 0
        var isOpen = true
        while isOpen {
            let isComplete = try beginValue(text, &at)
            if isComplete { isOpen = try endValue(text, &at) }
        }
        guard at == text.count else { throw JSONFault(.trailingData, at: at) }
    }

    /// Reads a scalar or an empty container, or enters a container and returns false.
    @inline(__always)
    private mutating func beginValue(_ text: Span<UInt8>, _ at: inout Int) throws(JSONFault) -> Bool
    {
        at = JSONLexer.spaceEnd(in: text, from: at)
        guard at < text.count else { throw JSONFault(.unexpectedEnd, at: at) }
        switch text[at] {
        case UInt8(ascii: "\""): at = try JSONLexer.stringEnd(in: text, from: at).end
        case UInt8(ascii: "{"): return try beginObject(text, &at)
        case UInt8(ascii: "["): return try beginArray(text, &at)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            at = try JSONLexer.numberEnd(in: text, from: at)
        case UInt8(ascii: "t"): at = try JSONLexer.literalEnd("true", in: text, from: at)
        case UInt8(ascii: "f"): at = try JSONLexer.literalEnd("false", in: text, from: at)
        case UInt8(ascii: "n"): at = try JSONLexer.literalEnd("null", in: text, from: at)
        case 0: throw JSONFault(.nullCharacter, at: at)
        default: throw JSONFault(.invalidSyntax, at: at)
        }
        return true
    }

    /// Leaves the containers that end here; returns true before another value, false at the end.
    @inline(__always)
    private mutating func endValue(_ text: Span<UInt8>, _ at: inout Int) throws(JSONFault) -> Bool {
        while true {
            isAtMember = false
            at = JSONLexer.spaceEnd(in: text, from: at)
            guard depth > 0 else { return false }
            guard at < text.count else { throw JSONFault(.unexpectedEnd, at: at) }
            let isObject = kinds & 1 == 1
            switch text[at] {
            case UInt8(ascii: ","):
                at += 1
                if isObject { try nextKey(text, &at) } else { nextElement() }
                return true
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                leave()
                at += 1
            case 0: throw JSONFault(.nullCharacter, at: at)
            default: throw JSONFault(.invalidSyntax, at: at)
            }
        }
    }

    /// Enters an object and reads its first key; returns true if it is empty.
    @inline(__always)
    private mutating func beginObject(
        _ text: Span<UInt8>,
        _ at: inout Int
    ) throws(JSONFault) -> Bool {
        try enter(isObject: true, &at)
        at = JSONLexer.spaceEnd(in: text, from: at)
        guard at < text.count, text[at] == UInt8(ascii: "}") else {
            try nextKey(text, &at)
            return false
        }
        leave()
        at += 1
        return true
    }

    /// Enters an array; returns true if it is empty.
    @inline(__always)
    private mutating func beginArray(_ text: Span<UInt8>, _ at: inout Int) throws(JSONFault) -> Bool
    {
        try enter(isObject: false, &at)
        at = JSONLexer.spaceEnd(in: text, from: at)
        guard at < text.count, text[at] == UInt8(ascii: "]") else {
            isAtMember = true
            return false
        }
        leave()
        at += 1
        return true
    }

    /// Counts an element.
    private mutating func nextElement() {
        places[depth - 1] += 1
        isAtMember = true
    }

    /// Reads a key and its colon.
    @inline(__always)
    private mutating func nextKey(_ text: Span<UInt8>, _ at: inout Int) throws(JSONFault) {
        at = JSONLexer.spaceEnd(in: text, from: at)
        try JSONLexer.expect(UInt8(ascii: "\""), in: text, at: at)
        let (end, isEscaped) = try JSONLexer.stringEnd(in: text, from: at)
        let isNew = try keys.insert(
            JSONTextSlice(quoted: at, end, in: text),
            isEscaped: isEscaped,
            first: Int(places.mutableSpan[depth - 1]),
            depth: depth,
            in: text
        )
        isAtMember = true
        guard isNew else { throw JSONFault(.duplicateKey, at: at) }
        at = JSONLexer.spaceEnd(in: text, from: end)
        try JSONLexer.expect(UInt8(ascii: ":"), in: text, at: at)
        at += 1
    }

    /// Steps past an opening bracket.
    private mutating func enter(isObject: Bool, _ at: inout Int) throws(JSONFault) {
        guard depth < places.count else { throw JSONFault(.tooDeep, at: at) }
        places[depth] = isObject ? UInt32(truncatingIfNeeded: keys.count) : 0
        kinds = kinds << 1 | (isObject ? 1 : 0)
        depth += 1
        at += 1
        isAtMember = false
    }

    /// Steps past a closing bracket.
    private mutating func leave() {
        if kinds & 1 == 1 { keys.close(first: Int(places.mutableSpan[depth - 1]), depth: depth) }
        kinds >>= 1
        depth -= 1
    }

    /// Unwinds the walk and returns the pointer of the value where it stopped.
    ///
    /// Between two members it is the container's.
    mutating func unwind(_ text: Span<UInt8>) -> String {
        var pointer = JSONPointer()
        while depth > 0 {
            if isAtMember, kinds & 1 == 1 {
                pointer.prepend(key: (try? keys.last(in: text)) ?? "")
            } else if isAtMember {
                pointer.prepend(index: Int(places.mutableSpan[depth - 1]))
            }
            leave()
            isAtMember = true
        }
        return pointer.text
    }
}
