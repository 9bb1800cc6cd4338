/// Batches of several sources in turn, so many of each: small pictures first and large ones later, another augmentation at the
/// end. A stage's source is made when its turn comes and closed after it.
///
/// Stages may be appended to a run that has a checkpoint; those before the checkpoint must stay as they were.
public final class StagedBatches: BatchSource {
    public struct Stage {
        /// Batches drawn in this stage.
        public let batches: Int
        public let make: () throws -> any BatchSource

        public init(batches: Int, make: @escaping () throws -> any BatchSource) {
            self.batches = batches
            self.make = make
        }
    }

    private let stages: [Stage]
    /// Of the next batch to be returned.
    public private(set) var stage = 0
    public private(set) var stageBatch = 0
    private var current: (any BatchSource)?

    /// - Throws: `TrainingError.invalidArgument` when there is no stage or one without batches.
    public init(_ stages: [Stage]) throws(TrainingError) {
        guard !stages.isEmpty, stages.allSatisfy({ $0.batches > 0 }) else {
            throw .invalidArgument("stages of \(stages.map(\.batches)) batches: expected at least 1 in each")
        }
        self.stages = stages
    }

    public func next() throws -> Batch? {
        if stageBatch == stages[stage].batches {
            guard stage + 1 < stages.count else { return nil }
            close()
            (stage, stageBatch) = (stage + 1, 0)
        }
        let source = try current ?? stages[stage].make()
        current = source
        guard let batch = try source.next() else { return nil }
        stageBatch += 1
        return batch
    }

    public var position: LoaderPosition {
        // Before the first batch no source exists that could tell more.
        var position = current?.position ?? LoaderPosition(sampler: "none", seed: 0, epoch: 0, batch: 0)
        (position.stage, position.stageBatch) = (stage, stageBatch)
        return position
    }

    public func restore(_ stored: LoaderPosition) throws(TrainingError) {
        guard let stage = stored.stage, let batch = stored.stageBatch, stage >= 0, batch >= 0 else {
            throw .invalidArgument("the stored position names no stage: it belongs to a run without stages")
        }
        guard stage < stages.count, batch <= stages[stage].batches else {
            throw .invalidArgument(
                "the stored position is batch \(batch) of stage \(stage), but the stages have \(stages.map(\.batches)) batches: stages that were trained must stay in the configuration"
            )
        }
        close()
        if batch > 0 {
            let source: any BatchSource
            do { source = try stages[stage].make() } catch let error as TrainingError { throw error } catch {
                throw .invalidArgument("stage \(stage): \(error)")
            }
            var inner = stored
            (inner.stage, inner.stageBatch) = (nil, nil)
            try source.restore(inner)
            current = source
        }
        (self.stage, stageBatch) = (stage, batch)
    }

    public func close() {
        current?.close()
        current = nil
    }
}
