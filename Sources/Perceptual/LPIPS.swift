import NN
import Torch

/// Learned perceptual image patch similarity (Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a
/// Perceptual Metric"), version 0.1: the weighted squared difference of unit-length deep features.
///
/// Images are RGB in [-1, 1], [batch, 3, height, width]. Equal images have distance 0; larger is more different.
/// The network is frozen: gradients flow to the images only. Keys: torchvision's `features.N.weight`, and the
/// `lpips` package's `linN.model.1.weight`.
public final class LPIPS: Module {
    public let trunk: LPIPSTrunk
    /// torchvision's `features` up to the last compared layer.
    public let features: [Module]
    @Child public var linear0: Conv2d
    @Child public var linear1: Conv2d
    @Child public var linear2: Conv2d
    @Child public var linear3: Conv2d
    @Child public var linear4: Conv2d

    private let shift: Tensor
    private let scale: Tensor

    /// A network of random weights; `load` gives it its meaning.
    public init(_ trunk: LPIPSTrunk, in context: Context) throws(TorchError) {
        self.trunk = trunk
        features = try trunk.makeLayers(in: context)
        let widths = trunk.widths
        _linear0 = Child(try Conv2d(widths[0], 1, kernel: 1, bias: false, in: context), key: "lin0.model.1")
        _linear1 = Child(try Conv2d(widths[1], 1, kernel: 1, bias: false, in: context), key: "lin1.model.1")
        _linear2 = Child(try Conv2d(widths[2], 1, kernel: 1, bias: false, in: context), key: "lin2.model.1")
        _linear3 = Child(try Conv2d(widths[3], 1, kernel: 1, bias: false, in: context), key: "lin3.model.1")
        _linear4 = Child(try Conv2d(widths[4], 1, kernel: 1, bias: false, in: context), key: "lin4.model.1")
        // ImageNet's mean and deviation, for images in [-1, 1].
        shift = try Tensor(values: [-0.030, -0.088, -0.188], shape: [3, 1, 1], device: context.device)
        scale = try Tensor(values: [0.458, 0.448, 0.450], shape: [3, 1, 1], device: context.device)
        super.init()
        try requiresGrad_(false)
        evaluate()
    }

    private var linears: [Conv2d] { [linear0, linear1, linear2, linear3, linear4] }

    /// Features of images, for `distance(_:_:weights:)`.
    /// - Throws: `TorchError.invalidArgument` for another shape or images smaller than the trunk's pooling allows.
    public func features(of images: Tensor) throws(TorchError) -> LPIPSFeatures {
        let side = trunk.minimumSide
        guard images.rank == 4, images.size(1) == 3, images.size(2) >= side, images.size(3) >= side else {
            throw .invalidArgument(
                "LPIPS (\(trunk.rawValue)): images are \(images.shape), expected [batch, 3, height, width] with sides of at least \(side)"
            )
        }
        var maps: [Tensor] = []
        var x = try (images - shift) / scale
        for (index, layer) in features.enumerated() {
            x = try layer(x)
            guard trunk.taps.contains(index) else { continue }
            // The package divides by (length + 1e-10). Inside the root, the small number has the same effect and keeps
            // the gradient finite where all channels are zero.
            maps.append(try x * (x.square().sum([1], keepdim: true) + 1e-20).rsqrt())
        }
        return LPIPSFeatures(maps: maps, size: [images.size(2), images.size(3)])
    }

    /// Distance of each pair of images.
    /// - Parameter weights: how much each pixel counts, [batch or 1, 1, any height, any width], not negative, such as the
    ///   hidden region; nil counts all alike. Each layer averages with the weights' mean over the layer's cells; images
    ///   whose weights are all zero have distance 0.
    /// - Returns: [batch].
    public func distance(_ a: LPIPSFeatures, _ b: LPIPSFeatures, weights: Tensor? = nil) throws(TorchError)
        -> Tensor
    {
        var total: Tensor?
        for layer in try layerMaps(a, b) {
            let mean: Tensor
            if let weights {
                let cells = try weights.interpolate(size: [layer.size(2), layer.size(3)], mode: .area)
                mean = try (layer * cells).sum([1, 2, 3]) / cells.sum([1, 2, 3]).clamp(min: 1e-12)
            } else {
                mean = try layer.mean([1, 2, 3])
            }
            total = try total.map { (sum) throws(TorchError) in try sum + mean } ?? mean
        }
        guard let total else { throw .invalidArgument("LPIPS: no feature maps to compare") }
        return total
    }

    /// Where the images differ: every layer's map enlarged to the images' size (bilinear) and added.
    /// - Returns: [batch, 1, height, width].
    public func map(_ a: LPIPSFeatures, _ b: LPIPSFeatures) throws(TorchError) -> Tensor {
        var total: Tensor?
        for layer in try layerMaps(a, b) {
            let enlarged = try layer.interpolate(size: a.size, mode: .bilinear)
            total = try total.map { (sum) throws(TorchError) in try sum + enlarged } ?? enlarged
        }
        guard let total else { throw .invalidArgument("LPIPS: no feature maps to compare") }
        return total
    }

    /// Distance of each pair of images, [batch]. Prefer features where one side is compared more than once.
    public func callAsFunction(_ a: Tensor, _ b: Tensor, weights: Tensor? = nil) throws(TorchError) -> Tensor
    {
        guard a.shape == b.shape, a.requiresGrad == b.requiresGrad else {
            return try distance(features(of: a), features(of: b), weights: weights)
        }
        // Both in one pass: what each convolution prepares, such as its weights' order, it prepares once.
        let both = try features(of: .cat([a, b]))
        let count = a.size(0)
        return try distance(both.narrowed(0, count), both.narrowed(count, count), weights: weights)
    }

    /// [batch, 1, height, width] per layer.
    private func layerMaps(_ a: LPIPSFeatures, _ b: LPIPSFeatures) throws(TorchError) -> [Tensor] {
        guard a.size == b.size, a.maps.count == linears.count, b.maps.count == linears.count else {
            throw .invalidArgument("LPIPS: features of \(a.size) and \(b.size) images cannot be compared")
        }
        var layers: [Tensor] = []
        for (index, linear) in linears.enumerated() {
            layers.append(try linear((a.maps[index] - b.maps[index]).square()))
        }
        return layers
    }
}
