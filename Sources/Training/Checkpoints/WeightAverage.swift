import NN
import Torch

/// A moving average of a network's weights, of whatever network.
public protocol WeightAverage: AnyObject {
    var averagedModule: Module { get }
    var decay: Double { get }
    func update(decay: Double?) throws(TorchError)
}

extension EMA: WeightAverage {
    public var averagedModule: Module { average }
}
