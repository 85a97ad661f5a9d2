// The two voices of a command: data on stdout, talk on stderr, both unbuffered, so that their
// lines come in the order in which they were said.

internal import Foundation

/// What a program reads: stdout.
enum Page {
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}

/// What a person reads while a command works: stderr.
enum Talk {
    static func say(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
