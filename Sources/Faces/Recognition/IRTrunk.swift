import NN
import Torch

/// The 50-layer IR-SE network without a head. Checkpoint keys: `input_layer.0` … `.2`, `body.N`.
open class IRTrunk: Module {
    public let trunkConfiguration: IRTrunkConfiguration
    @Child public var inputLayer: Sequential
    /// All units of all stages, numbered through.
    public let body: [IRBottleneck]

    /// - Throws: `FacesError.invalidArgument` or `TorchError`.
    public init(trunk: IRTrunkConfiguration, in context: Context) throws {
        try trunk.validate()
        trunkConfiguration = trunk
        _inputLayer = Child(
            Sequential([
                try Conv2d(
                    trunk.inputChannels, trunk.stemChannels, kernel: 3, padding: 1, bias: false, in: context),
                try BatchNorm2d(trunk.stemChannels, in: context),
                try PReLU(trunk.stemChannels, in: context),
            ]), key: "input_layer")
        var inputs = trunk.stemChannels
        var units: [IRBottleneck] = []
        for (outputs, count) in zip(trunk.stageChannels, trunk.stageBlocks) {
            for index in 0..<count {
                units.append(
                    try IRBottleneck(
                        inputs, outputs, stride: index == 0 ? 2 : 1, reduction: trunk.reduction, in: context))
                inputs = outputs
            }
        }
        body = units
        super.init()
    }

    /// The output of every stage, fine to coarse.
    /// - Parameter x: [batch, inputChannels, h, w].
    /// - Returns: four maps, [batch, stageChannels[i], ⌈h / 2^(i+1)⌉, ⌈w / 2^(i+1)⌉].
    public func stages(of x: Tensor) throws(TorchError) -> [Tensor] {
        var map = try inputLayer(x.channelsLast())
        var maps: [Tensor] = []
        var unit = 0
        for count in trunkConfiguration.stageBlocks {
            for _ in 0..<count {
                map = try body[unit](map)
                unit += 1
            }
            maps.append(map)
        }
        return maps
    }
}
