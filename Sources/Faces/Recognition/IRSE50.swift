import NN
import Torch

/// IR-SE50: the face recogniser whose published weights (`model_ir_se50.pth`) pSp and e4e train their encoders from and measure
/// identity with. Checkpoint keys: those of `IRTrunk`, and `output_layer.0`, `.3`, `.4`.
///
/// A recogniser that an encoder was trained against says little about that encoder: measure with another.
public final class IRSE50: IRTrunk, FaceRecogniser {
    public static let format = "semblance-ir-se50-1"

    public let name = "ir-se50"
    public let alignment: AlignmentTemplate
    public let embeddingDimension: Int
    /// Batch normalisation, dropout, flattening, linear map, batch normalisation.
    @Child public var outputLayer: Sequential

    /// - Parameters:
    ///   - trunk: the published one unless given.
    ///   - size: side of the input in pixels; the published weights take 112.
    public init(
        _ trunk: IRTrunkConfiguration = IRTrunkConfiguration(), size: Int = 112, dimension: Int = 512,
        in context: Context
    ) throws {
        try trunk.validate()
        guard size > 0, size % 16 == 0, dimension > 0 else {
            throw FacesError.invalidArgument(
                "IR-SE50 of size \(size) and dimension \(dimension): expected a multiple of 16 and a positive number"
            )
        }
        alignment = size == 112 ? .arcFace112 : AlignmentTemplate.arcFace112.scaled(to: size)
        embeddingDimension = dimension
        let channels = trunk.stageChannels[3]
        let cells = (size / 16) * (size / 16)
        _outputLayer = Child(
            Sequential([
                try BatchNorm2d(channels, in: context),
                try Dropout(0.6, in: context),
                Flatten(),
                try Linear(channels * cells, dimension, in: context),
                try BatchNorm1d(dimension, in: context),
            ]), key: "output_layer")
        try super.init(trunk: trunk, in: context)
    }

    /// Reads a file that `semblance import --as ir-se50` wrote; frozen and in evaluation mode.
    /// - Throws: `FacesError.invalidArgument` for another kind of file, `TorchError` for one that is damaged.
    public static func read(_ path: String, device: Device = .cpu) throws -> IRSE50 {
        let found = try SafeTensors.metadata(path)["format"]
        guard found == format else {
            throw FacesError.invalidArgument(
                "\(path): not an IR-SE50 recogniser (format \(found ?? "absent"), expected \(format)); make one with 'semblance import model_ir_se50.pth --as ir-se50'"
            )
        }
        let network = try IRSE50(in: Context(device: device, seed: 0))
        try network.load(contentsOf: path)
        try network.evaluate().requiresGrad_(false)
        return network
    }

    /// Embeddings before they are scaled to unit length, [batch, embeddingDimension].
    /// - Parameter x: RGB in [-1, 1], [batch, 3, size, size].
    public override func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        guard x.rank == 4, x.shape.suffix(3) == [trunkConfiguration.inputChannels, inputSize, inputSize]
        else {
            throw .invalidArgument(
                "IR-SE50: input is \(x.shape), expected [batch, \(trunkConfiguration.inputChannels), \(inputSize), \(inputSize)]"
            )
        }
        // Flattening reads channel by channel, as the linear map was trained.
        return try outputLayer(stages(of: x)[3].contiguous())
    }

    public func embed(_ faces: Tensor) throws(TorchError) -> Tensor { try self(faces).l2Normalised() }
}
