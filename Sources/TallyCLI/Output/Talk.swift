// The two voices of a command: data on stdout, talk on stderr, both unbuffered, so that their
// lines come in the order in which they were said.

/// What a program reads: stdout.
enum Page {
    static func line(_ text: String) { Outlet.page.write("\(text)\n") }
}

/// What a person reads while a command works: stderr.
enum Talk {
    static func say(_ line: String) { Outlet.talk.write("\(line)\n") }

    /// Asks whether to go on; the answer is read elsewhere.
    static func ask(_ question: String) { Outlet.talk.write("\(question)? [y/N] ") }
}
