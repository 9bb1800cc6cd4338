import Foundation
import HTTP
import Synchronization

/// One input that waits for its output.
final class Pending<Output: Sendable>: Sendable {
    private let result = Mutex<Result<Output, any Error>?>(nil)
    private let arrival = DispatchSemaphore(value: 0)
    let cancellation: RequestCancellation
    let since = ContinuousClock.now

    init(_ cancellation: RequestCancellation) { self.cancellation = cancellation }

    /// The first result counts.
    func deliver(_ result: Result<Output, any Error>) {
        let isFirst = self.result.withLock { held in
            guard held == nil else { return false }
            held = result
            return true
        }
        if isFirst { arrival.signal() }
    }

    /// Waits for the result, or until the request is called off.
    func value() throws -> Output {
        let number = cancellation.onCancel { [self] in
            deliver(.failure(cancellation.reason ?? RequestCancellation.Reason.shutdown))
        }
        defer { cancellation.remove(number) }
        arrival.wait()
        guard let result = result.withLock({ $0 }) else { throw RequestCancellation.Reason.shutdown }
        return try result.get()
    }
}
