/// Where a tensor lives. Written "cpu", "cuda" or "cuda:1".
public struct Device: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Int32, Sendable {
        case cpu = 0
        case cuda = 1
    }

    public let kind: Kind
    /// -1 for the CPU.
    public let index: Int32

    public static let cpu = Device(kind: .cpu, index: -1)

    public static func cuda(_ index: Int = 0) -> Device { Device(kind: .cuda, index: Int32(index)) }

    init(kind: Kind, index: Int32) {
        self.kind = kind
        self.index = index
    }

    /// - Throws: `TorchError.invalidArgument` for a name that is not "cpu", "cuda" or "cuda:N", or a device that is absent.
    public init(_ name: String) throws(TorchError) {
        switch name {
        case "cpu": self = .cpu
        case let name where name == "cuda" || name.hasPrefix("cuda:"):
            guard let index = name == "cuda" ? 0 : Int(name.dropFirst(5)), index >= 0 else {
                throw .invalidArgument("device '\(name)': expected cpu, cuda or cuda:N")
            }
            let present = Runtime.cudaDeviceCount
            guard index < present else {
                throw .invalidArgument(
                    "device '\(name)': this libtorch sees \(present) CUDA device(s); use cpu, or install a CUDA build"
                )
            }
            self = .cuda(index)
        default: throw .invalidArgument("device '\(name)': expected cpu, cuda or cuda:N")
        }
    }

    public var description: String { kind == .cpu ? "cpu" : "cuda:\(index)" }
}
