// Every bound of key handling, named.

/// The bounds of key handling.
package enum VaultLimits {
    /// How long an unwrapped key may be used without asking for it again.
    package static let cacheLife = Duration.seconds(60)
    /// How often in that time what has expired is dropped from memory.
    package static let cacheSweeps = 4
    /// How long a reader may not notice that another process has erased somebody.
    package static let blockLife = Duration.seconds(1)
    /// How many unwrapped keys may stay in memory.
    package static let cacheCount = 50_000
    /// How many seals a process reserves at a time.
    package static let sealBlock = 1 << 20
    /// After how many seals a data key is followed by its next generation (half of what NIST
    /// SP 800-38D allows for random nonces).
    package static let sealBound = 1 << 31
    /// How often creating a key is tried again when the tenant's wrap was replaced meanwhile.
    package static let creationAttempts = 3
    /// How many keys one transaction creates.
    package static let creationBatch = 1000
    /// How many tenants' wrapping keys one transaction of a rotation stores.
    package static let rotationPage = 200
    /// How often a rotation looks again for tenants that were made meanwhile.
    package static let rotationPasses = 16
    /// How many wraps of an epoch are tried before its KEK counts as another one.
    package static let sampleWraps = 3
    /// How many destroyed epochs are looked at, the newest ones, whether their KEKs are back.
    package static let destroyedEpochs = 500
    /// How many ids of keys are read from the key store at a time.
    package static let idPage = 10_000
    /// How often the ownership of a ledger's KEKs can be taken.
    package static let ownerships = 10_000
    /// The highest generation of a key that the key store takes, room for later ones left.
    package static let generation: UInt32 = 1_000_000_000
    /// The numbers that an epoch may have, those of a JSON integer.
    package static let epochs: ClosedRange<UInt64> = 1...9_007_199_254_740_991
    /// How often the key epoch changes, unless a service is told otherwise.
    package static let keyEpoch = Duration.seconds(6 * 3600)
    /// The longest time in days that the KEK of an old epoch may live on.
    package static let retentionDays = 28
    /// How many bytes of a key journal are read at a time.
    package static let journalWindow = 1 << 20
    /// How long a KEK provider's server may take for one answer.
    package static let providerTimeout = Duration.seconds(10)
    /// The largest answer of a KEK provider's server that is read.
    package static let providerAnswerBytes = 1 << 20
    /// How many keys one request to a KEK provider's server wraps or unwraps.
    package static let providerBatch = 100
    /// The largest file with a token or a PIN.
    package static let providerSecretBytes = 4096
    /// How often a destruction removes a KEK that others create again meanwhile.
    package static let removalAttempts = 16
}
