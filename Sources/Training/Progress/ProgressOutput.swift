import Foundation

/// Where progress is shown.
public protocol ProgressOutput: Sendable {
    /// Whether lines can be redrawn.
    var isTerminal: Bool { get }
    /// Width in characters.
    var columns: Int { get }
    func write(_ text: String)
}

/// Standard error, whatever it is connected to. Text that cannot be written is dropped: progress must not end a run.
public struct StandardErrorOutput: ProgressOutput {
    public init() {}

    public var isTerminal: Bool {
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    public var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    public func write(_ text: String) {
        var bytes = ArraySlice(text.utf8)
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
