import Imaging
import Torch

/// What is particular to a method: its networks, one step, and how to judge them. The rest is `TrainingLoop`'s.
public protocol TrainingTask: AnyObject {
    /// All that a step changes. Asked for once.
    var components: TrainingComponents { get }

    /// One update: forward passes, and `context.minimise` once per optimiser (a GAN has several).
    func step(_ batch: Batch, _ context: StepContext) throws

    /// Metrics on held-out data, by name. Random numbers must come from a generator of its own that starts anew each time.
    func validate() throws -> [String: Double]

    /// A picture that shows how far it has come (a grid of samples), written as PNG and to the event file; nil for none.
    func sampleGrid() throws -> Image?

    /// Further tensors for the checkpoint (a pool of old fakes, a running path length): restored by `restore(extra:)`.
    func extraState() throws -> [String: Tensor]

    /// Takes back what `extraState()` gave; must be strict.
    func restore(extra: [String: Tensor]) throws

    /// Called after each checkpoint: writes what a run gives to others, such as the finished model.
    /// - Parameter folder: the run's.
    func publish(to folder: String, step: Int) throws
}

extension TrainingTask {
    public func validate() throws -> [String: Double] { [:] }
    public func sampleGrid() throws -> Image? { nil }
    public func extraState() throws -> [String: Tensor] { [:] }
    public func publish(to folder: String, step: Int) throws {}
    public func restore(extra: [String: Tensor]) throws {
        guard extra.isEmpty else {
            throw TrainingError.invalidArgument(
                "the checkpoint holds extra state that this task does not know: \(extra.keys.sorted())")
        }
    }
}
