// Files that open everything are named by the doctor when they are not ours alone: KEKs, journals,
// and the token or PIN that leads to KEKs elsewhere.

import Foundation
import TallyTesting
import TallyVault
import Testing

@testable import Tallystick

@Suite struct PermissionCheckTests {
    private let folder: String
    private var file: String { "\(folder)/secret" }

    init() throws {
        folder = try TestCluster.shared.get().scratch + "/permissions-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try KeyFiles.write(Data("secret".utf8), file)
    }

    private func findings(_ keks: KEKLocation) -> [String: DoctorFinding] {
        let configuration = LedgerConfiguration(
            database: "",
            keys: "",
            keks: keks,
            keyJournal: folder
        )
        let findings = PermissionCheck(configuration).findings()
        return Dictionary(uniqueKeysWithValues: findings.map { ($0.topic, $0) })
    }

    private var places: [(topic: String, keks: KEKLocation)] {
        [
            ("KEKs: permissions", .files(directory: folder)),
            ("KEKs: token file", .openBao(address: "", mount: "", tokenFile: file)),
            ("KEKs: PIN file", .pkcs11(token: "", modulePath: "", pinFile: file)),
        ]
    }

    @Test func whatIsTheOwnersAloneIsGood() {
        for (topic, keks) in places {
            #expect(findings(keks)[topic]?.state == .good)
            #expect(findings(keks)["key journal: permissions"]?.state == .good)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620] as [mode_t])
    func aFileThatOthersCanUseIsNamed(mode: mode_t) {
        #expect(chmod(file, mode) == 0)
        for (topic, keks) in places {
            let finding = findings(keks)[topic]
            #expect(finding?.state == .failing && finding?.found.contains(file) == true)
            #expect(findings(keks)["key journal: permissions"]?.state == .failing)
        }
    }

    @Test func aFileOfSomebodyElseIsNamed() {
        guard geteuid() == 0 else { return }
        #expect(chown(file, 65534, 65534) == 0)
        for (topic, keks) in places {
            #expect(findings(keks)[topic]?.found.contains("belongs to user 65534") == true)
        }
    }

    @Test func aLinkAndAPipeAreNamed() throws {
        #expect(rename(file, file + ".real") == 0)
        #expect(symlink(file + ".real", file) == 0)
        for (topic, keks) in places {
            #expect(findings(keks)[topic]?.found.contains("is no regular file") == true)
        }
        #expect(unlink(file) == 0 && mkfifo(file, 0o600) == 0)
        for (topic, keks) in places { #expect(findings(keks)[topic]?.state == .failing) }
    }

    @Test func aTokenThatIsNotThereIsNamed() {
        #expect(unlink(file) == 0)
        for (topic, keks) in places.dropFirst() {
            #expect(findings(keks)[topic]?.found == "there is no \(file)")
        }
    }
}
