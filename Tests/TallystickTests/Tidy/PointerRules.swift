// C functions that keep a pointer for a later call. Swift lends a pointer for one call only, so
// they are called in C, in a function that ends before the pointer does.

/// Calls that would leave a pointer behind.
enum PointerRules {
    // Cut in two here, so that this file does not break its own rule.
    private static let keepers = [
        "BIO_new_mem_" + "buf", "OSSL_PARAM_" + "construct", "put" + "env(", "set" + "vbuf(",
        "EVP_CIPHER_CTX_set_app_" + "data", "LZ4_set" + "Stream", "PQsetNotice" + "Processor",
        "sig" + "altstack(",
    ]

    /// Calls of such functions in Swift.
    static func keptPointers(_ tree: SourceTree) -> [String] {
        tree.swiftFiles.flatMap { file in
            file.lines.enumerated().compactMap { number, line in
                keepers.first { line.contains($0) }.map {
                    "\(file.path):\(number + 1): \($0) keeps a pointer beyond its call; "
                        + "call it in a C function that is done with it"
                }
            }
        }
    }
}
