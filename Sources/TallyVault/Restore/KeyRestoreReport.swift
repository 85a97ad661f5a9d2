// What came of a restore of the key store, and above all what did not.

/// What a restore brought back.
public struct KeyRestoreReport: Sendable, Equatable {
    /// Epochs whose journals were read.
    public package(set) var epochs: [UInt64] = []
    /// Tenants with a wrapping key.
    public package(set) var tenants = 0
    /// Keys of the journals that live, those of erased subjects not counted.
    public package(set) var keys = 0
    /// What stayed lost and why, a line each; empty when everything is there.
    public package(set) var losses: [String] = []
    /// What was passed over without a loss, a line each.
    public package(set) var notes: [String] = []
}

extension EpochLook {
    /// Why nothing can be restored from it; `nil` when something can.
    var obstacle: String? {
        switch kek {
        case .active: isUsable ? nil : "its KEK does not open what is wrapped under it"
        case .absent: "its KEK is missing"
        case .destroyed:
            isMarkedOnly ? "its KEK is there, but marked as destroyed" : "its KEK was destroyed"
        }
    }
}
