import NN
import Resources
import Torch

/// The face recognisers whose published weights Semblance can load, by the name of their weight file.
public enum RecogniserModel: String, CaseIterable, Codable, Sendable {
    case sface
    case dlib = "dlib_face"
    /// For research: its weights may be used, not passed on.
    case edgeFace = "edgeface_xxs"

    /// Loads the network, frozen and in evaluation mode.
    /// - Parameter path: converted weights; nil takes those that the set-up installed.
    /// - Throws: `ResourceError` that says how to install them, `TorchError` for a file that does not fit.
    public func load(
        weights path: String? = nil, from locator: ResourceLocator = .standard, device: Device = .cpu
    ) throws -> any FaceRecogniser {
        let path = try path ?? locator.weights(rawValue)
        switch self {
        case .sface: return try SFace(weights: path, device: device)
        case .dlib: return try DlibFaceNet(weights: path, device: device)
        case .edgeFace:
            let network = try EdgeFace(in: Context(device: device, seed: 0))
            try network.load(contentsOf: path)
            try network.evaluate().requiresGrad_(false)
            return network
        }
    }
}
