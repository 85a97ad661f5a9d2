// The folder of root's embedded ledgers is passed by the user who runs their servers, also where
// root's files are nobody else's.

import Foundation
import Glibc
import TallyTesting
import Testing

@testable import Tallystick

struct PassableFolderTests {
    @Test(arguments: [nil, 0o700, 0o711, 0o755] as [mode_t?])
    func othersCanPass(mode: mode_t?) throws {
        let path = "\(try TestCluster.shared.get().scratch)/\(UUID().uuidString)"
        if let mode {
            try #require(mkdir(path, 0o755) == 0 && chmod(path, mode) == 0)
        }
        EmbeddedRegistry.makePassable(path)
        var status = stat()
        try #require(stat(path, &status) == 0)
        #expect(status.st_mode & 0o011 == 0o011)
        #expect(status.st_mode & 0o022 == 0, "nobody else writes to it")
    }
}
