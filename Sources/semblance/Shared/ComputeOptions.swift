import CommandLineKit
import Torch

/// `--device`, `--threads`: where and with how much a command computes.
struct ComputeOptions: OptionGroup {
    static let title = "Computing"

    @Option(help: "Device: cpu, cuda or cuda:N.") var device: String = "cpu"
    @Option(help: "Threads to compute with; the default is one per core.", in: .atLeast(1)) var threads: Int?

    /// Sets the thread count and returns the device.
    /// - Throws: `TorchError` for a device that is absent.
    func prepare() throws -> Device {
        if let threads { Runtime.threads = threads }
        return try Device(device)
    }
}
