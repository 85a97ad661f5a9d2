// Statement parameters in PostgreSQL's binary form, which costs the server half of the text form.

/// One bound parameter.
package struct Parameter: Sendable {
    let type: UInt32
    let bytes: [UInt8]?

    private init(_ type: PostgresType, _ bytes: [UInt8]?) {
        self.type = type.rawValue
        self.bytes = bytes
    }

    /// A whole array column.
    package init(_ column: ArrayColumn) {
        type = column.type.array
        bytes = column.encoded()
    }

    /// A 64-bit number.
    package static func bigint(_ value: Int64) -> Self { Self(.bigint, bigEndian(value)) }
    /// A 32-bit number.
    package static func integer(_ value: Int32) -> Self { Self(.integer, bigEndian(value)) }
    /// A 32-bit number or NULL.
    package static func optionalInteger(_ value: Int32?) -> Self {
        Self(.integer, value.map { bigEndian($0) })
    }
    /// A 16-bit number.
    package static func smallint(_ value: Int16) -> Self { Self(.smallint, bigEndian(value)) }
    /// NULL, as text.
    package static let noText = Self(.text, nil)
    /// Text, which must not contain a NUL.
    package static func text(_ value: String) -> Self { Self(.text, Array(value.utf8)) }
    /// Bytes.
    package static func bytea(_ value: [UInt8]?) -> Self { Self(.bytea, value) }
    /// A truth value.
    package static func bool(_ value: Bool) -> Self { Self(.bool, [value ? 1 : 0]) }
    /// 16 bytes.
    package static func uuid(_ value: [UInt8]?) -> Self { Self(.uuid, value) }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { [UInt8]($0) }
    }
}
