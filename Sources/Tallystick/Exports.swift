// The types of lower modules that appear in this module's interface.

@_exported public import Logging
@_exported public import TallyCore
@_exported public import TallyReplay
@_exported public import TallyStore
