// A null-terminated array of C strings, as argument and environment lists are passed.
// Used by ChildProcess only.

import Glibc

/// Strings copied for C, to be freed by the one who made them.
struct CStringArray {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    func free() {
        for pointer in pointers { Glibc.free(pointer) }
    }
}
