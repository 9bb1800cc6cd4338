import Faces
import Imaging
import Torch

/// Puts the landmarks of detected faces where they would have been found without a mask.
///
/// A detector guesses what a mask hides, and is wrong by a tenth of the distance between the eyes, which shifts every crop that is made
/// by its points. Here the face is cut out by those points, a network says where they belong, and again from the better crop.
public final class LandmarkRefiner {
    public let network: LandmarkNetwork
    /// The part that needs no network.
    public let window: LandmarkWindow
    private let device: Device

    public init(_ network: LandmarkNetwork, device: Device = .cpu) {
        self.network = network
        self.device = device
        window = LandmarkWindow(size: network.configuration.inputSize)
    }

    /// - Parameters:
    ///   - faces: of any photo, masked or not.
    ///   - photo: RGB.
    /// - Returns: the same faces in their order, with better landmarks.
    public func callAsFunction(_ faces: [DetectedFace], in photo: Image) throws -> [DetectedFace] {
        try window.refine(faces, in: photo, locate: locate)
    }

    /// The landmarks of many windows in one forward pass.
    /// - Parameter windows: each [3, size, size] in 0…1.
    /// - Returns: in pixels of the windows.
    public func locate(_ windows: [FloatImage]) throws -> [FiveLandmarks] {
        guard !windows.isEmpty else { return [] }
        let size = window.size
        let points = try withoutGradients {
            let input = try Tensor(
                values: windows.flatMap(\.data), shape: [windows.count, 3, size, size], device: device)
            return try network(input * 2 - 1).floats()
        }
        return try FiveLandmarks.rows(points)
    }
}
