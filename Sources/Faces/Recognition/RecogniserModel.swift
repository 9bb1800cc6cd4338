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
    /// pSp's and e4e's: its weights come in through `semblance import` only.
    case irSE50 = "ir-se50"

    /// Names the file of EdgeFace's converted weights, and that of IR-SE50's imported ones.
    public static let edgeFaceVariable = "SEMBLANCE_EDGEFACE"
    public static let irSE50Variable = "SEMBLANCE_IR_SE50"

    /// The weight file's name in the cache.
    public var weightsName: String {
        switch self {
        case .sface: "sface"
        case .dlib: "dlib_face"
        case .edgeface: "edgeface_xxs"
        case .irSE50: "ir_se50"
        }
    }

    /// Where the user names weights that the set-up does not bring, and how such a file is made; nil where it brings them.
    private var own: (variable: String, remedy: String)? {
        switch self {
        case .sface, .dlib: nil
        case .edgeface:
            (
                Self.edgeFaceVariable,
                "EdgeFace's weights cannot be installed for you: convert the authors' checkpoint with Tools/convert/edgeface.py"
            )
        case .irSE50:
            (
                Self.irSE50Variable,
                "IR-SE50's weights cannot be installed for you: import the published model_ir_se50.pth with 'semblance import model_ir_se50.pth --as ir-se50'"
            )
        }
    }

    /// Loads the network, frozen and in evaluation mode.
    /// - Parameter path: converted weights; nil takes those that the set-up installed (EdgeFace and IR-SE50: the file that
    ///   `SEMBLANCE_EDGEFACE` or `SEMBLANCE_IR_SE50` names).
    /// - Throws: `ResourceError` that says how to install them, `TorchError` or `FacesError` for a file that does not fit.
    public func load(
        weights path: String? = nil, from locator: ResourceLocator = .standard, device: Device = .cpu,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> any FaceRecogniser {
        let path = try path ?? installedWeights(in: locator, environment: environment)
        switch self {
        case .sface: return try SFace(weights: path, device: device)
        case .dlib: return try DlibFaceNet(weights: path, device: device)
        case .edgeface:
            let network = try EdgeFace(in: Context(device: device, seed: 0))
            try network.load(contentsOf: path)
            try network.evaluate().requiresGrad_(false)
            return network
        case .irSE50: return try IRSE50.read(path, device: device)
        }
    }

    /// The file of weights that `load` takes unless one is named.
    /// - Throws: `ResourceError` that says how to install them.
    public func installedWeights(
        in locator: ResourceLocator = .standard,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ResourceError) -> String {
        guard let own else { return try locator.weights(weightsName) }
        let given = environment[own.variable].flatMap { $0.isEmpty ? nil : $0 }
        guard let found = given ?? (try? locator.weights(weightsName)) else {
            throw ResourceError("\(own.remedy), and name the result with --weights or \(own.variable)")
        }
        return found
    }
}
