// An event as people name it: by its position, or by its id.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import Tallystick

/// A place in a tenant's log.
enum EventPlace: ExpressibleByArgument, CustomStringConvertible {
    case position(Int)
    case id(EventID)

    /// Reads `184203`, `event:ID` or `ID`; an id has 32 hexadecimal digits, with or without
    /// hyphens.
    init?(argument: String) {
        if let position = Int(argument) {
            self = .position(position)
        } else if let id = EventID(argument.trimming("event:")) {
            self = .id(id)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .position(let position): String(position)
        case .id(let id): id.hex
        }
    }

    /// The position; of an id it is looked for in the whole log.
    ///
    /// - Throws: `notFound` for an id that the tenant has not.
    func position(in tenant: Tenant, _ ledger: Ledger) async throws -> Int {
        switch self {
        case .position(let position): position
        case .id(let id): try await CutFinder(pool: ledger.readers).find(id.hex, tenant.id)
        }
    }
}

extension String {
    /// The text without a beginning that it may have.
    fileprivate func trimming(_ prefix: String) -> Substring {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
    }
}
