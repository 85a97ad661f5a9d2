// What the process was started with: Swift repairs arguments that are not UTF-8, and two different
// names would become one. So they are refused before anything reads them.

internal import ArgumentParser
internal import Foundation
internal import TallyCore

/// The arguments and variables of this process.
enum ProcessText {
    /// Refuses arguments that are not UTF-8, and variables of the ledger's that are not.
    ///
    /// - Throws: a usage error, naming the argument by its number, from 1, or the variable.
    static func requireUTF8() throws {
        for number in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[number], !isUTF8(argument) else { continue }
            throw ValidationError(
                "argument \(number) is not UTF-8, and would not be stored as it was given; "
                    + "convert it, as with iconv -f latin1 -t utf8"
            )
        }
        try requireUTF8(environ)
    }

    private static func requireUTF8(
        _ variables: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws {
        var next = variables
        while let at = next, let variable = at.pointee {
            next = at + 1
            guard strncmp(variable, prefix, prefix.utf8.count) == 0, !isUTF8(variable) else {
                continue
            }
            let name = UnsafeBufferPointer(start: variable, count: strlen(variable))
                .prefix { $0 != CChar(UInt8(ascii: "=")) }
                .map { String(UnicodeScalar(UInt8(bitPattern: $0))) }
            throw ValidationError(
                "the environment variable \(ByteText(name.joined()).escaped()) is not "
                    + "UTF-8; convert its value, or unset it"
            )
        }
    }

    private static let prefix = "TALLY_"

    private static func isUTF8(_ text: UnsafePointer<CChar>) -> Bool {
        String(validatingCString: text) != nil
    }
}
