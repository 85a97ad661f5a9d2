// Lines of input on their way to the ledger, a bounded batch at a time.

internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// One line: the event that it holds, or why it holds none.
struct InputLine {
    /// The line's number, from 1.
    let number: Int
    /// The request id, drawn where the line has none; empty where it could not be read.
    let request: String
    let event: Result<NewEvent, Problem>
}

/// Lines that are appended together.
struct InputBatch {
    private(set) var lines: [InputLine] = []
    /// Whether there are no more, because the input ended or failed.
    private(set) var isLast = false
    /// Why the input failed.
    private(set) var fault: Problem?

    /// Reads up to ``InputLimits/batchLines`` lines of ``InputLimits/batchBytes``, and no more than
    /// there are without waiting for whoever writes them.
    ///
    /// - Parameters:
    ///   - reader: where the lines come from.
    ///   - pastRefused: whether to go on behind a line that holds no event.
    init(_ reader: inout LineReader, pastRefused: Bool) {
        var bytes = 0
        while lines.count < InputLimits.batchLines, bytes < InputLimits.batchBytes,
            lines.isEmpty || reader.isReady
        {
            do throws(ReadingFault) {
                guard let text = try reader.next() else {
                    isLast = true
                    return
                }
                bytes += text.count
                lines.append(Self.line(reader.number, text))
            } catch {
                note(error, reader.number)
            }
            if isLast || !pastRefused && hasRefused { return }
        }
    }

    private var hasRefused: Bool {
        if case .failure = lines.last?.event { true } else { false }
    }

    private mutating func note(_ error: ReadingFault, _ number: Int) {
        switch error {
        case .line(let problem):
            lines.append(InputLine(number: number, request: "", event: .failure(problem)))
        case .input(let problem):
            fault = problem
            isLast = true
        }
    }

    private static func line(_ number: Int, _ text: [UInt8]) -> InputLine {
        do throws(Problem) {
            let (event, request) = try EventLine.read(text)
            return InputLine(
                number: number,
                request: request ?? RequestID.draw(at: Micros.now()),
                event: .success(event)
            )
        } catch {
            return InputLine(number: number, request: "", event: .failure(error))
        }
    }
}
