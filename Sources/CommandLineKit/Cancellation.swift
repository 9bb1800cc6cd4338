import Foundation
import Synchronization

/// How often SIGINT or SIGTERM arrived; the handler may touch nothing but this.
private let interruptions = Atomic<Int>(0)

/// Whether the user asked to stop: long work looks here between steps and ends in good order.
public final class Cancellation: Sendable {
    private let requested = Atomic<Bool>(false)
    private let heedsSignals: Bool

    /// The one that Ctrl-C sets, once `installSignalHandlers()` was called.
    public static let process = Cancellation(heedsSignals: true)

    /// One that only `cancel()` sets.
    public convenience init() { self.init(heedsSignals: false) }

    private init(heedsSignals: Bool) { self.heedsSignals = heedsSignals }

    public var isCancelled: Bool {
        requested.load(ordering: .relaxed) || (heedsSignals && interruptions.load(ordering: .relaxed) > 0)
    }

    public func cancel() { requested.store(true, ordering: .relaxed) }

    /// - Throws: `CancelledError` once the user asked to stop.
    public func check() throws(CancelledError) {
        if isCancelled { throw CancelledError() }
    }

    /// Makes the first SIGINT or SIGTERM a request to stop and the second one deadly, and SIGPIPE an error that
    /// writing reports.
    public static func installSignalHandlers() {
        signal(SIGPIPE, SIG_IGN)
        _ = interruptions.load(ordering: .relaxed)
        // A parent may have blocked them, and the mask is inherited.
        var heeded = sigset_t()
        sigemptyset(&heeded)
        sigaddset(&heeded, SIGINT)
        sigaddset(&heeded, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &heeded, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                guard interruptions.add(1, ordering: .relaxed).oldValue == 0 else {
                    signal(number, SIG_DFL)
                    raise(number)
                    return
                }
                let note: StaticString = "\nstopping in good order; once more stops at once\n"
                _ = write(STDERR_FILENO, note.utf8Start, note.utf8CodeUnitCount)
            }
        }
    }
}

/// The work ended because the user asked for it. Ends the program with status 130.
public struct CancelledError: Error, Equatable, Sendable, CustomStringConvertible {
    public init() {}
    public var description: String { "stopped on request" }
}
