import Faces
import Foundation
import NN
import Perceptual
import Resources
import Torch
import Unmasking

/// Forward passes as the commands run them: frozen, in evaluation mode, outside the graph, fp32.
struct ForwardWorkloads {
    let locator = ResourceLocator.standard
    let batch: Int
    private let generator: Generator

    init(batch: Int) throws(TorchError) {
        self.batch = batch
        generator = try Generator(seed: 1)
    }

    /// - Returns: nil for a name that is not a network's.
    func make(_ name: String) throws -> Workload? {
        switch name {
        case "yunet":
            let network = try YuNet(in: Context(seed: 1))
            try network.load(contentsOf: locator.weights("yunet"))
            // The detector's pixels come interleaved, which is the channels-last layout.
            return try forward(network, [bytes(480, 640).channelsLast()]) { (x) throws(TorchError) in
                try network.levels(x[0]).flatMap { [$0.classLogits, $0.objectLogits, $0.boxes, $0.points] }
            }
        case "sface":
            let network = try SFace(weights: locator.weights("sface"))
            return try forward(network, [bytes(112, 112)]) { (x) throws(TorchError) in [try network(x[0])] }
        case "dlib":
            let network = try DlibFaceNet(weights: locator.weights("dlib_face"))
            return try forward(network, [bytes(150, 150)]) { (x) throws(TorchError) in [try network(x[0])] }
        case "edgeface":
            let network = try Self.edgeFace()
            return try forward(network, [faces(112)]) { (x) throws(TorchError) in [try network(x[0])] }
        case "face-mesh":
            let network = try FaceMesh(weights: locator.weights("face_mesh"))
            let crop = try Tensor.rand([batch, 3, 192, 192], generator: generator)
            return try forward(network, [crop]) { (x) throws(TorchError) in
                let output = try network.output(x[0])
                return [output.points, output.presence]
            }
        case "landmarks":
            let network = try LandmarkNetwork.read(locator.model("masked-landmarks"))
            let size = network.configuration.inputSize
            return try forward(network, [faces(size)], configuration: Self.json(network.configuration)) {
                (x) throws(TorchError) in [try network(x[0])]
            }
        case "lpips-alex":
            let network = try LPIPS(.alex, in: Context(seed: 1))
            try network.load(contentsOf: locator.weights("lpips_alex"))
            return try forward(network, [faces(128), faces(128)]) { (x) throws(TorchError) in
                [try network(x[0], x[1])]
            }
        case "discriminator":
            let configuration = DiscriminatorConfiguration(
                size: 128, channels: UnmaskerTraining().discriminator.channels)
            let network = try StyleGAN2Discriminator(configuration, in: Context(seed: 1))
            return try forward(network, [faces(128)], configuration: Self.json(configuration)) {
                (x) throws(TorchError) in [try network(x[0])]
            }
        case "generator":
            let network = try UnmaskingModel.read(locator.model("unmasker-128")).generator
            let shape = [batch, network.configuration.styleCount, network.configuration.styleDimension]
            let latents = try Tensor.randn(shape, generator: generator)
            return try forward(network, [latents], configuration: Self.json(network.configuration)) {
                (x) throws(TorchError) in [try network.synthesize(x[0], noise: .none)]
            }
        case "encoder":
            let network = try UnmaskingModel.read(locator.model("unmasker-128")).encoder
            return try forward(network, [faces(128)], configuration: Self.json(network.configuration)) {
                (x) throws(TorchError) in
                let face = try network.encode(x[0])
                return [face.latents] + (face.maskLogits.map { [$0] } ?? [])
                    + face.featureOffsets.sorted { $0.key < $1.key }.map(\.value)
            }
        case "recover":
            let network = try UnmaskingModel.read(locator.model("unmasker-128"))
            return try forward(network, [faces(128)], configuration: Self.json(network.configuration)) {
                (x) throws(TorchError) in
                let face = try network.recover(x[0])
                return [face.image, face.alpha]
            }
        default: return nil
        }
    }

    /// With the published weights where `SEMBLANCE_EDGEFACE` names them; how long it takes does not depend on them.
    static func edgeFace() throws -> EdgeFace {
        let network = try EdgeFace(in: Context(seed: 1))
        if let path = ProcessInfo.processInfo.environment[RecogniserModel.edgeFaceVariable], !path.isEmpty {
            try network.load(contentsOf: path)
        }
        try network.evaluate().requiresGrad_(false)
        return network
    }

    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    /// Random pixels of 0…255, [batch, 3, height, width].
    private func bytes(_ height: Int, _ width: Int) throws(TorchError) -> Tensor {
        try Tensor.rand([batch, 3, height, width], generator: generator) * 255
    }

    /// Random pixels of -1…1, [batch, 3, side, side].
    private func faces(_ side: Int) throws(TorchError) -> Tensor {
        try Tensor.rand([batch, 3, side, side], generator: generator) * 2 - 1
    }

    private func forward(
        _ network: Module, _ inputs: [Tensor], configuration: String = "{}",
        _ body: @escaping ([Tensor]) throws(TorchError) -> [Tensor]
    ) throws -> Workload {
        try network.evaluate().requiresGrad_(false)
        let outputs = try noGrad { () throws(TorchError) in try body(inputs) }
        func numbered(_ list: [Tensor]) -> [String: Tensor] {
            Dictionary(
                uniqueKeysWithValues: list.enumerated().map { (String(format: "%02d", $0), $1) })
        }
        return Workload(
            weights: network.stateDictionary(), inputs: numbered(inputs), outputs: numbered(outputs),
            configuration: configuration
        ) {
            _ = try noGrad { () throws(TorchError) in try body(inputs) }
        }
    }
}
