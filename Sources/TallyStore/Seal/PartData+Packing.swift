// Data on its way into a sealed part and out of one: compressed where that pays.

package import TallyCore
internal import TallyLZ4

extension PartData {
    /// Data that is compressed if that shrinks it by an eighth; small data does not shrink.
    package static func packed(_ bytes: [UInt8]) -> PartData {
        guard bytes.count >= StoreLimits.compressionThreshold,
            let block = LZ4Block.compress(bytes, atMost: bytes.count - bytes.count / 8)
        else { return PartData(identity: bytes) }
        return PartData(encoding: .lz4, size: bytes.count, bytes: block)
    }

    /// The data of an event that ``EventOpener`` has opened: it has decoded it once already.
    ///
    /// - Complexity: O(n) each time, so that opened events need no more memory than stored ones.
    package var text: [UInt8] {
        do throws(FormatError) {
            return try unpacked()
        } catch {
            preconditionFailure("a part that was not opened by EventOpener")
        }
    }

    /// The data as it was before ``packed(_:)``.
    ///
    /// - Throws: a refusal when a block does not give what its part promises.
    package func unpacked() throws(FormatError) -> [UInt8] {
        try decoded { (block, size) throws(FormatError) in
            do throws(LZ4Fault) {
                return try LZ4Block.decode(block, size: size)
            } catch {
                throw FormatError(error == .size ? .dataSize : .encoding, in: "LZ4 block")
            }
        }
    }
}
