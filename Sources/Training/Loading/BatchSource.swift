/// What a training loop draws batches from: a `DataLoader`, or something that switches between several.
public protocol BatchSource: AnyObject {
    /// The next batch, or nil when there are no more.
    func next() throws -> Batch?
    /// Where the next batch stands: goes into checkpoints.
    var position: LoaderPosition { get }
    /// Continues after a stored position.
    /// - Throws: `TrainingError.invalidArgument` when the position does not belong to this source.
    func restore(_ stored: LoaderPosition) throws(TrainingError)
    /// Ends background work.
    func close()
}

extension DataLoader: BatchSource {}
