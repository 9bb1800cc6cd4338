import NN
import Torch

/// An image classification network up to its last feature map.
///
/// Images are [batch, 3, height, width], RGB, normalised by ImageNet's mean and standard deviation. State-dict keys equal
/// the published ones; the classifier's are left out. Feature maps keep the memory format of the images: channels-last
/// is the fast one on CPUs.
open class PersonBackbone: Module {
    /// Channels of the feature map.
    public let channels: Int
    /// How many times smaller than the image the feature map is, [vertical, horizontal].
    public let strides: [Int]
    /// Published keys that begin with one of these belong to the classifier, which this network does not have.
    public let classifierPrefixes: [String]

    public init(channels: Int, stride: Int, classifierPrefixes: [String]) {
        self.channels = channels
        strides = [stride, stride]
        self.classifierPrefixes = classifierPrefixes
        super.init()
    }

    /// Loads a published classification checkpoint: every key but the classifier's must be there and fit.
    ///
    /// - Parameters:
    ///   - state: tensors by published key.
    ///   - source: names the origin in errors (a file).
    ///   - prefix: looks only at keys below this prefix ("module." of a checkpoint trained in parallel).
    /// - Throws: `TorchError.stateDict` listing missing, unexpected and mis-shaped keys.
    open func loadPretrained(
        _ state: [String: Tensor], source: String = "state dict", prefix: String = ""
    ) throws(TorchError) {
        try load(
            state.filter { key, _ in !classifierPrefixes.contains { key.hasPrefix(prefix + $0) } },
            source: source, prefix: prefix)
    }

    /// Multiplies batch normalisations into the convolutions before them, for faster inference.
    ///
    /// From here on evaluation uses these products: gradients do not reach the convolutions' parameters, and values
    /// loaded later need another `foldNormalisation()`. Training mode and the state dict are not affected.
    public func foldNormalisation() throws(TorchError) { try Self.fold(self) }

    /// Keeps layers as they are: no gradients, no new statistics, and their normalisations multiplied into their convolutions.
    ///
    /// `train(_:)` and `requiresGrad_(_:)` of the whole undo it; call it again after them.
    /// - Parameter layers: keys of modules ("features.0"), each with everything below it.
    /// - Throws: `TorchError.invalidArgument` naming a layer that is not there.
    public func freeze(_ layers: [String]) throws(TorchError) {
        let modules = namedModules()
        for layer in layers {
            guard let module = modules.first(where: { $0.key == layer })?.module else {
                let known = modules.map(\.key).filter { !$0.isEmpty }.prefix(12).joined(separator: ", ")
                throw .invalidArgument(
                    "\(type(of: self)): there is no layer '\(layer)' to freeze; expected a module's key: \(known), …"
                )
            }
            try module.requiresGrad_(false)
            module.evaluate()
            try Self.fold(module)
        }
    }

    private static func fold(_ module: Module) throws(TorchError) {
        for (_, inner) in module.namedModules() {
            guard let owner = inner as? any ConvNormOwner else { continue }
            for pair in owner.convNorms { try pair.fold() }
        }
    }

    /// Fills every convolution as torchvision does before training: He et al. 2015, fan out.
    func initialiseConvolutions(in context: Context) throws(TorchError) {
        for (_, module) in namedModules() {
            guard let convolution = module as? Conv2d else { continue }
            let weight = convolution.weight
            try noGrad { () throws(TorchError) in
                try weight.copy_(Initialiser.kaimingNormal(fanOut: true).make(weight.shape, in: context))
                _ = try convolution.bias?.zero_()
            }
        }
    }

    func requireImages(_ x: Tensor) throws(TorchError) {
        guard x.rank == 4, x.size(1) == 3, x.size(2) > 0, x.size(3) > 0 else {
            throw .invalidArgument(
                "\(type(of: self)): images of shape \(x.shape), expected [batch, 3, height, width]")
        }
    }

    static func requireLastStride(_ stride: Int) throws(TorchError) {
        guard stride == 1 || stride == 2 else {
            throw .invalidArgument("\(Self.self): last stride \(stride), expected 1 or 2")
        }
    }
}
