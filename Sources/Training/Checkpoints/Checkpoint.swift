import Foundation
import Torch

/// The whole state of a run after a number of steps: one safetensors file, whose metadata holds what is not a tensor as JSON.
public struct Checkpoint {
    /// What is not a tensor.
    public struct State: Codable, Sendable {
        /// Steps done.
        public var step: Int
        /// Seconds of training so far, over all sessions.
        public var seconds: Double
        public var loader: LoaderPosition?
        /// The effective configuration, as JSON text.
        public var configuration: String
        public var history: TrainingHistory
        /// Sums of the losses since the last log line.
        public var means: RunningMeans

        public init(
            step: Int, seconds: Double = 0, loader: LoaderPosition? = nil, configuration: String = "{}",
            history: TrainingHistory = .init(), means: RunningMeans = .init()
        ) {
            self.step = step
            self.seconds = seconds
            self.loader = loader
            self.configuration = configuration
            self.history = history
            self.means = means
        }
    }

    private static let format = "semblance-checkpoint-1"

    public var state: State
    public var tensors: [String: Tensor]

    public init(state: State, tensors: [String: Tensor]) {
        self.state = state
        self.tensors = tensors
    }

    /// Writes the file completely or not at all.
    /// - Throws: `TorchError.file` naming the path.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(state), as: UTF8.self)
        try SafeTensors.write(tensors, to: path, metadata: ["format": Self.format, "state": text])
    }

    /// - Throws: `TorchError.file` for a file that is missing, truncated or damaged, `TrainingError.checkpoint` for one that is
    ///   not a checkpoint of this program.
    public static func read(_ path: String) throws -> Checkpoint {
        Checkpoint(state: try readState(path), tensors: try SafeTensors.read(path))
    }

    /// Only the part that is not tensors.
    public static func readState(_ path: String) throws -> State {
        let metadata = try SafeTensors.metadata(path)
        guard metadata["format"] == format, let text = metadata["state"] else {
            throw TrainingError.checkpoint(
                path: path,
                reason:
                    "not a checkpoint of a training run (format '\(metadata["format"] ?? "none")', expected '\(format)')"
            )
        }
        do { return try JSONDecoder().decode(State.self, from: Data(text.utf8)) } catch {
            throw TrainingError.checkpoint(path: path, reason: "its state cannot be decoded: \(error)")
        }
    }
}
