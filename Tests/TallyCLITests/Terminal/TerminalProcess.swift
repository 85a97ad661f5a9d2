// Runs `tally` with a terminal for its standard output, as wide as a test wants it.

import Foundation
import Glibc

/// A run of the command on a terminal.
enum TerminalProcess {
    /// TIOCSPTLCK and TIOCGPTN, which Swift does not import.
    private static let (unlock, number) = (UInt(0x4004_5431), UInt(0x8004_5430))

    /// What a run printed on a terminal of so many columns.
    static func run(_ words: [String], columns: UInt16) throws -> String {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (unlocked, number) = (Int32(0), Int32(0))
        guard master >= 0, ioctl(master, Self.unlock, &unlocked) == 0,
            ioctl(master, Self.number, &number) == 0
        else { throw CocoaError(.fileNoSuchFile) }
        defer { close(master) }
        var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else {
            throw CocoaError(.fileWriteUnknown)
        }
        let terminal = FileHandle(fileDescriptor: open("/dev/pts/\(number)", O_RDWR | O_NOCTTY))
        let process = Process()
        process.executableURL = try TallyProcess.executable()
        process.arguments = words
        process.environment = try TallyProcess.ledgerEnvironment()
        process.standardOutput = terminal
        process.standardError = FileHandle.nullDevice
        try process.run()
        try terminal.close()
        let text = readToEnd(master)
        process.waitUntilExit()
        return text.replacing("\r\n", with: "\n")
    }

    /// Everything that is written until nobody holds the other side any more.
    private static func readToEnd(_ master: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
