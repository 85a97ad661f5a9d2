// The types of lower modules that appear in this module's interface.

@_exported public import Logging
@_exported public import TallyCore
@_exported public import TallyDecisions
@_exported public import TallyEvidence
@_exported public import TallyReplay
@_exported public import TallyStore
@_exported public import TallyVault
