import Foundation
import NN
import Resources
import Torch

/// The face recognisers that Semblance can load, by the names that commands and reports use.
public enum RecogniserModel: String, CaseIterable, Codable, Sendable {
    case sface
    case dlib
    /// For research: its weights may be used, not passed on, so the set-up does not bring them.
    case edgeface

    /// Names the file of EdgeFace's converted weights.
    public static let edgeFaceVariable = "SEMBLANCE_EDGEFACE"

    /// The weight file's name in the cache.
    public var weightsName: String {
        switch self {
        case .sface: "sface"
        case .dlib: "dlib_face"
        case .edgeface: "edgeface_xxs"
        }
    }

    /// Loads the network, frozen and in evaluation mode.
    /// - Parameter path: converted weights; nil takes those that the set-up installed (EdgeFace: the file that
    ///   `SEMBLANCE_EDGEFACE` names).
    /// - Throws: `ResourceError` that says how to install them, `TorchError` for a file that does not fit.
    public func load(
        weights path: String? = nil, from locator: ResourceLocator = .standard, device: Device = .cpu,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> any FaceRecogniser {
        switch self {
        case .sface: return try SFace(weights: path ?? locator.weights(weightsName), device: device)
        case .dlib: return try DlibFaceNet(weights: path ?? locator.weights(weightsName), device: device)
        case .edgeface:
            let given = environment[Self.edgeFaceVariable].flatMap { $0.isEmpty ? nil : $0 }
            guard let path = path ?? given ?? (try? locator.weights(weightsName)) else {
                throw ResourceError(
                    "EdgeFace's weights cannot be installed for you: convert the authors' checkpoint with Tools/convert/edgeface.py and name the result with --weights or \(Self.edgeFaceVariable)"
                )
            }
            let network = try EdgeFace(in: Context(device: device, seed: 0))
            try network.load(contentsOf: path)
            try network.evaluate().requiresGrad_(false)
            return network
        }
    }
}
