// How files of an epoch are named, in the KEK directory and in the journal's.

internal import TallyCore

/// The name that KEK and journal files of an epoch share.
enum EpochFile {
    static func name(ledger: LedgerID, epoch: UInt64) -> String {
        let digits = String(epoch)
        return "\(ledger.hex)-\(String(repeating: "0", count: 20 - digits.count))\(digits)"
    }
}
