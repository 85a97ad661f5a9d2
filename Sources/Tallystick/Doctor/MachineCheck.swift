// Where the memory of this process could end up: keys are zeroed, but only in memory.

internal import Foundation
internal import Glibc

/// Looks at swap and core dumps of this machine.
enum MachineCheck {
    static func findings() -> [DoctorFinding] { [swap(), coreDumps()] }

    private static func swap() -> DoctorFinding {
        guard let table = try? String(contentsOfFile: "/proc/swaps", encoding: .utf8) else {
            return DoctorFinding(
                "swap",
                .unknown,
                "/proc/swaps cannot be read",
                do: "make sure that this machine does not swap, or that its swap is encrypted"
            )
        }
        let devices = table.split(separator: "\n").dropFirst().count
        return DoctorFinding(
            "swap",
            devices == 0 ? .good : .weak,
            devices == 0 ? "none" : "\(devices) device(s): keys in memory may be written there",
            do: "swapoff -a, or encrypt it with a key that is drawn at each start"
        )
    }

    private static func coreDumps() -> DoctorFinding {
        var limit = rlimit()
        let isOff =
            getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0
            && limit.rlim_cur == 0
        return DoctorFinding(
            "core dumps",
            isOff ? .good : .weak,
            isOff ? "off" : "a crash may write keys to a file",
            do: "ulimit -c 0, or LimitCORE=0 in the service's unit"
        )
    }
}
