import Foundation
import HTTP
import Synchronization

/// What the thread can do with a lane without knowing its types.
protocol LaneWork<Models>: AnyObject, Sendable {
    associatedtype Models
    var count: Int { get }
    var oldest: ContinuousClock.Instant? { get }
    var maximum: Int { get }
    var delay: Duration { get }
    /// Takes a batch out, to be run without the lock.
    func take() -> ((Models) -> Void)?
}

/// The one thread that owns the models: tensors never leave it.
///
/// Each model has a lane, in which inputs of concurrent requests gather to be run in one forward pass.
public final class InferenceThread<Models>: Sendable {
    fileprivate final class Core: @unchecked Sendable {
        let condition = NSCondition()
        // Guarded by `condition`.
        var lanes: [any LaneWork<Models>] = []
        var isStopping = false
        var failure: (any Error)?
        var isReady = false
        var hasEnded = false
    }

    fileprivate let core = Core()

    /// Starts the thread and loads the models on it.
    /// - Throws: what loading throws.
    public init(name: String = "inference", load: @escaping @Sendable () throws -> Models) throws {
        let core = core
        let thread = Thread {
            let models: Models
            do { models = try load() } catch {
                core.condition.withLock {
                    core.failure = error
                    core.hasEnded = true
                    core.condition.broadcast()
                }
                return
            }
            core.condition.withLock {
                core.isReady = true
                core.condition.broadcast()
            }
            Self.work(core, models)
        }
        thread.name = name
        thread.stackSize = 16 << 20
        thread.start()
        try core.condition.withLock {
            while !core.isReady, core.failure == nil { core.condition.wait() }
            if let failure = core.failure { throw failure }
        }
    }

    /// Adds a lane.
    /// - Parameters:
    ///   - name: of the model, in metrics.
    ///   - run: maps inputs to as many outputs, on the thread. When it throws for several, each is tried by itself, so that one
    ///     bad input fails alone.
    public func lane<Input: Sendable, Output: Sendable>(
        _ name: String, _ settings: BatchingSettings = .init(), metrics: Metrics? = nil,
        run: @escaping @Sendable (Models, [Input]) throws -> [Output]
    ) -> Lane<Input, Output> {
        let lane = Lane<Input, Output>(core, name, settings, metrics, run)
        core.condition.withLock { core.lanes.append(lane) }
        return lane
    }

    /// Refuses new inputs, runs those that wait, and ends the thread.
    public func stop() {
        core.condition.withLock {
            core.isStopping = true
            core.condition.broadcast()
            while !core.hasEnded { core.condition.wait() }
        }
    }

    private static func work(_ core: Core, _ models: Models) {
        core.condition.lock()
        defer {
            core.hasEnded = true
            core.condition.broadcast()
            core.condition.unlock()
        }
        while true {
            let now = ContinuousClock.now
            var next: (lane: any LaneWork<Models>, since: ContinuousClock.Instant)?
            var earliest: ContinuousClock.Instant?
            for lane in core.lanes {
                guard let since = lane.oldest else { continue }
                if core.isStopping || lane.count >= lane.maximum || since + lane.delay <= now {
                    if next == nil || since < next?.since ?? now { next = (lane, since) }
                } else {
                    earliest = min(earliest ?? since + lane.delay, since + lane.delay)
                }
            }
            if let next {
                guard let run = next.lane.take() else { continue }
                core.condition.unlock()
                run(models)
                core.condition.lock()
            } else if let earliest {
                _ = core.condition.wait(until: Date(timeIntervalSinceNow: (earliest - now) / .seconds(1)))
            } else if core.isStopping {
                return
            } else {
                core.condition.wait()
            }
        }
    }

    /// The way to one model.
    public final class Lane<Input: Sendable, Output: Sendable>: LaneWork, @unchecked Sendable {
        private let core: Core
        private let name: String
        let maximum: Int
        let delay: Duration
        private let metrics: Metrics?
        private let run: @Sendable (Models, [Input]) throws -> [Output]
        // Guarded by the core's condition.
        private var waiting: [(input: Input, pending: Pending<Output>)] = []

        fileprivate init(
            _ core: Core, _ name: String, _ settings: BatchingSettings, _ metrics: Metrics?,
            _ run: @escaping @Sendable (Models, [Input]) throws -> [Output]
        ) {
            self.core = core
            self.name = name
            self.metrics = metrics
            self.run = run
            maximum = max(1, settings.maximum)
            delay = maximum == 1 ? .zero : .milliseconds(settings.milliseconds)
        }

        /// Runs the model on one input, together with those of other requests, and waits for the output.
        /// - Throws: what the model throws; the reason when the request is called off.
        public func callAsFunction(_ input: Input, _ cancellation: RequestCancellation) throws -> Output {
            try callAsFunction([input], cancellation)[0]
        }

        /// Runs the model on several inputs of one request.
        public func callAsFunction(_ inputs: [Input], _ cancellation: RequestCancellation) throws -> [Output]
        {
            guard !inputs.isEmpty else { return [] }
            try cancellation.check()
            let pending = inputs.map { _ in Pending<Output>(cancellation) }
            let isOpen = core.condition.withLock {
                guard !core.isStopping, !core.hasEnded else { return false }
                waiting += zip(inputs, pending).map { ($0, $1) }
                core.condition.signal()
                return true
            }
            guard isOpen else { throw RequestCancellation.Reason.shutdown }
            return try pending.map { try $0.value() }
        }

        var count: Int { waiting.count }
        var oldest: ContinuousClock.Instant? { waiting.first?.pending.since }

        func take() -> ((Models) -> Void)? {
            // What nobody waits for any more is not computed.
            waiting.removeAll { $0.pending.cancellation.reason != nil }
            let batch = Array(waiting.prefix(maximum))
            guard !batch.isEmpty else { return nil }
            waiting.removeFirst(batch.count)
            return { [self] models in compute(models, batch) }
        }

        private func compute(_ models: Models, _ batch: [(input: Input, pending: Pending<Output>)]) {
            let start = ContinuousClock.now
            let result = Result {
                let outputs = try run(models, batch.map(\.input))
                guard outputs.count == batch.count else {
                    throw ServiceError.internalMismatch(
                        "\(name): \(outputs.count) outputs of \(batch.count) inputs")
                }
                return outputs
            }
            if case .failure = result, batch.count > 1 {
                for entry in batch { compute(models, [entry]) }
                return
            }
            // Counted before anyone can know of it.
            metrics?.observe("semblance_batch_size", [("model", name)], Double(batch.count))
            metrics?.observe(
                "semblance_inference_seconds", [("model", name)],
                (ContinuousClock.now - start) / .seconds(1))
            for (index, entry) in batch.enumerated() { entry.pending.deliver(result.map { $0[index] }) }
        }
    }
}
