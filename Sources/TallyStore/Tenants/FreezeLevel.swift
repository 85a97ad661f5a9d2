// How a tenant's processing is restricted (GDPR Art. 18), and what goes on all the same.

/// How far a frozen tenant is restricted; reading and export always go on.
public enum FreezeLevel: Int16, Sendable, CaseIterable {
    /// Background work stops, and appends are refused but for those with a ``ProcessingPurpose``.
    case restricted = 1
    /// Nothing is appended at all.
    case locked = 2
}

/// Why something is recorded for a restricted tenant, by paragraph 2 of GDPR Article 18.
public enum ProcessingPurpose: String, Sendable, CaseIterable {
    /// The data subject consents.
    case consent
    /// Legal claims are established, exercised or defended.
    case legalClaims = "legal-claims"
    /// The rights of another person are protected.
    case protection
    /// An important public interest.
    case publicInterest = "public-interest"
}
