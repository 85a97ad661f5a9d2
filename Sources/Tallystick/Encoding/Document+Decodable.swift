// Documents and events as Swift values.

internal import Foundation
public import TallyCore

extension Document {
    /// The document's data as a value.
    ///
    /// - Throws: `invalid` when the data does not decode to that type, naming the member.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(Problem) -> Value {
        try JSONText.decode(type, data, of: stream)
    }

    /// A personal section as a value; `nil` when there is none, or when it was erased.
    ///
    /// - Parameters:
    ///   - section: `SUBJECT` or `SUBJECT#CLASS`.
    ///   - type: the value's type.
    /// - Returns: the value.
    /// - Throws: `invalid` when the section does not decode to that type, naming the member.
    public func personal<Value: Decodable>(
        _ section: String,
        as type: Value.Type = Value.self
    ) throws(Problem) -> Value? {
        guard let text = personal[section] else { return nil }
        return try JSONText.decode(type, text, of: stream)
    }
}

extension Event {
    /// The event's data as a value; `nil` for an event without data, or one that cannot be read.
    ///
    /// - Throws: `invalid` when the data does not decode to that type, naming the member.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self
    ) throws(Problem) -> Value? {
        guard let data else { return nil }
        return try JSONText.decode(type, data, of: "event \(position)")
    }
}

extension Tenant {
    /// The data of a stream's document as a value, now or as it was; `nil` when there is none.
    ///
    /// ```swift
    /// let invoice = try await acme.document("billing/invoice/2041", as: Invoice.self)
    /// ```
    ///
    /// - Throws: as ``document(_:at:)``; `invalid` when the data does not decode to that type.
    public func document<Value: Decodable>(
        _ stream: String,
        as type: Value.Type,
        at moment: Moment? = nil
    ) async throws(Problem) -> Value? {
        guard let document = try await document(stream, at: moment) else { return nil }
        return try document.decode(type)
    }
}

/// Decodes JSON text; errors name members and never show values.
enum JSONText {
    static func decode<Value: Decodable>(
        _ type: Value.Type,
        _ text: String,
        of place: String
    ) throws(Problem) -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw Problem(
                .invalid,
                "the data of \(place) is no \(type)",
                hint: "decode a type that fits every version of the data",
                pointer: pointer(error)
            )
        }
    }

    /// Where a value does not fit (RFC 6901).
    private static func pointer(_ error: any Error) -> String? {
        guard let error = error as? DecodingError else { return nil }
        let context: DecodingError.Context
        var path: [any CodingKey] = []
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        case .keyNotFound(let key, let found):
            context = found
            path = [key]
        @unknown default: return nil
        }
        return (context.codingPath + path).map { key in
            let name = key.intValue.map { String($0) } ?? key.stringValue
            let escaped = name.replacing("~", with: "~0").replacing("/", with: "~1")
            return "/\(escaped)"
        }.joined()
    }
}
