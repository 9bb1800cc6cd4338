import Foundation
import Synchronization

/// The one line of progress at the bottom of a terminal.
final class StatusLine: Sendable {
    private struct State {
        var isShown = false
        var last: ContinuousClock.Instant?
    }

    private let output: TextOutput
    private let state = Mutex(State())

    init(_ output: TextOutput) { self.output = output }

    func show(_ text: () -> String, isFinal: Bool) {
        state.withLock { state in
            let now = ContinuousClock.now
            let interval: Duration = output.isTerminal ? .milliseconds(100) : .seconds(10)
            if !isFinal, let last = state.last, now - last < interval { return }
            state.last = isFinal ? nil : now
            if output.isTerminal {
                try? output.write("\r\u{1B}[K" + text() + (isFinal ? "\n" : ""))
                state.isShown = !isFinal
            } else {
                try? output.write(text() + "\n")
            }
        }
    }

    /// Makes room for another line.
    func clear() {
        state.withLock { state in
            guard state.isShown else { return }
            try? output.write("\r\u{1B}[K")
            state.isShown = false
            state.last = nil
        }
    }
}
