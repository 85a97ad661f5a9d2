// A null-terminated array of C strings, as argument and environment lists are passed.
// For every program that is started without a shell.

import Glibc

/// Strings copied for C, to be freed by the one who made them.
package struct CStringArray {
    package let pointers: [UnsafeMutablePointer<CChar>?]

    package init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    package func free() {
        for pointer in pointers { Glibc.free(pointer) }
    }
}
