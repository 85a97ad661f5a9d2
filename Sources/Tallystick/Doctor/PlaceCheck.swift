// Where the ledger, its key store, the KEKs and the journal are: apart, or so near to each other
// that one stolen disk has everything.

internal import Glibc

/// Compares the four places.
struct PlaceCheck {
    private let configuration: LedgerConfiguration
    private let database: ServerFacts
    private let keys: ServerFacts

    init(_ configuration: LedgerConfiguration, database: ServerFacts, keys: ServerFacts) {
        self.configuration = configuration
        self.database = database
        self.keys = keys
    }

    func findings() -> [DoctorFinding] { [keyStore(), keks(), journal()] }

    private func keyStore() -> DoctorFinding {
        guard let own = database.system, let other = keys.system else {
            return DoctorFinding(
                "key store",
                .unknown,
                "this login may not ask which cluster it is in",
                do: "grant it pg_monitor, or look at system_identifier yourself"
            )
        }
        return DoctorFinding(
            "key store",
            own == other ? .weak : .good,
            own == other
                ? "colocated: in the ledger's own cluster \(own)"
                : "in a cluster of its own",
            do: "move it to another cluster, whose backups are kept apart from the ledger's"
        )
    }

    private func keks() -> DoctorFinding {
        switch configuration.keks {
        case .files(let directory):
            near("KEKs", "files in \(directory)", directory, database.directory)
        case .openBao(let address, _, _):
            DoctorFinding("KEKs", .good, "with OpenBao at \(address)")
        case .pkcs11(let token, _, _):
            DoctorFinding("KEKs", .good, "in the PKCS#11 token \(token)")
        }
    }

    private func journal() -> DoctorFinding {
        let directory = configuration.keyJournal
        return near("key journal", "files in \(directory)", directory, keys.directory)
    }

    private func near(
        _ topic: String,
        _ found: String,
        _ path: String,
        _ data: String?
    ) -> DoctorFinding {
        guard let own = Self.status(path), let data, let other = Self.status(data) else {
            return DoctorFinding(
                topic,
                .unknown,
                "\(found); the server's files cannot be seen from here",
                do: "make sure that it is another device than the server's"
            )
        }
        let isNear = own.st_dev == other.st_dev
        return DoctorFinding(
            topic,
            isNear ? .weak : .good,
            isNear ? "\(found), colocated: on the server's own device" : found,
            do: "move it to another device: one stolen or lost disk has both"
        )
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
