// The directory of KEKs, and that of the journal: held open while something is done in it, so that
// it stays the same one whatever is renamed meanwhile.

internal import Glibc
internal import TallyCore

/// An open directory of ours, to which nobody else can write.
struct KeyDirectory: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Opens a directory.
    ///
    /// - Throws: `provider` when there is none, or others own it or may write to it.
    init(_ path: String) throws(VaultError) {
        let opened = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw DurableFile.failure("open", path) }
        do throws(VaultError) {
            try Self.require(KeyFile.status(opened, path), path)
        } catch {
            close(opened)
            throw error
        }
        self.path = path
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Makes a directory that only its owner can enter, if there is none.
    static func make(_ path: String) throws(VaultError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw DurableFile.failure("create", path)
        }
    }

    private static func require(_ status: stat, _ path: String) throws(VaultError) {
        guard KeyFile.isOwn(status) else { throw KeyFile.stranger(path, status.st_uid) }
        guard status.st_mode & 0o022 == 0 else {
            throw VaultError(
                .provider,
                "others may write to \(path)",
                hint: "chmod 700 it, and look at what is in it before it is used"
            )
        }
    }

    /// Opens a file of ours; `nil` when there is none.
    func open(
        _ name: String,
        _ flags: Int32,
        demand: KeyFile.Demand = .secret
    ) throws(VaultError) -> Int32? {
        try KeyFile.open(name, in: descriptor, path: place(name), flags, demand: demand)
    }

    /// Whether the name is taken, by whatever it may be.
    func has(_ name: String) throws(VaultError) -> Bool {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0 else { return true }
        guard errno == ENOENT else { throw DurableFile.failure("examine", place(name)) }
        return false
    }

    /// Reads a file, or its first `limit` bytes; `nil` when there is none.
    func read(_ name: String, limit: Int) throws(VaultError) -> [UInt8]? {
        guard let file = try open(name, O_RDONLY) else { return nil }
        defer { close(file) }
        return try DurableFile.read(file, from: 0, count: limit, path: place(name))
    }

    /// Creates a file with its whole content, or leaves what is there.
    ///
    /// The content appears at once under its name, so no reader sees half of it. Who locks the file
    /// waits until it has no other name.
    /// - Returns: `false` when the name is taken.
    func create(_ name: String, content: [UInt8]) throws(VaultError) -> Bool {
        let temporary = "\(name).\(getpid()).\(UInt32.random(in: 0 ... .max)).new"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = openat(descriptor, temporary, flags, 0o600)
        guard file >= 0 else { throw DurableFile.failure("create", place(temporary)) }
        defer { close(file) }
        defer { unlinkat(descriptor, temporary, 0) }
        try DurableFile.lock(file, path: place(temporary))
        try DurableFile.append(content, to: file, path: place(temporary))
        guard linkat(descriptor, temporary, descriptor, name, 0) == 0 else {
            guard errno == EEXIST else { throw DurableFile.failure("create", place(name)) }
            return false
        }
        try sync()
        return true
    }

    /// Removes a name, if it is there, and makes that durable.
    func remove(_ name: String) throws(VaultError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
            throw DurableFile.failure("remove", place(name))
        }
        try sync()
    }

    /// The names in it, in no promised order.
    func names() throws(VaultError) -> [String] {
        guard let folder = opendir(path) else { throw DurableFile.failure("read", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
        return names
    }

    /// Lets nobody else who asks for it into the directory until the process ends or `body` does.
    func locked<Value>(
        _ body: () throws(VaultError) -> Value
    ) throws(VaultError) -> Value {
        try DurableFile.lock(descriptor, path: path)
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Makes creations and removals of names durable.
    func sync() throws(VaultError) {
        guard fsync(descriptor) == 0 else { throw DurableFile.failure("sync", path) }
    }

    func place(_ name: String) -> String { "\(path)/\(name)" }
}
