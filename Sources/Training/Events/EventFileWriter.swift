import Foundation
import Imaging

/// Writes scalars, images, histograms and text for TensorBoard: a TFRecord file of `Event` protocol buffers
/// (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
///
/// Use it from one thread. Every record is handed to the operating system at once, so that a killed run loses nothing.
public final class EventFileWriter {
    public let path: String
    private let descriptor: Int32
    private let clock: () -> Double

    /// Makes "events.out.tfevents.SECONDS.HOST.PID" in a folder, which is made if needed.
    /// - Parameters:
    ///   - resumingAt: first step that this file will hold, when the run continues an older one: TensorBoard then drops what older
    ///     files say about this and later steps.
    ///   - clock: seconds since 1970.
    public convenience init(
        folder: String, resumingAt step: Int? = nil,
        clock: @escaping () -> Double = { Date().timeIntervalSince1970 }
    ) throws(TrainingError) {
        try makeFolder(folder)
        let host = ProcessInfo.processInfo.hostName
        let base = "\(folder)/events.out.tfevents.\(Int(clock())).\(host).\(getpid())"
        // Two writers of one process within a second must not share a file.
        var number = 0
        while FileManager.default.fileExists(atPath: "\(base).\(number)") { number += 1 }
        try self.init(path: "\(base).\(number)", resumingAt: step, clock: clock)
    }

    /// - Throws: `TrainingError.file` when the file cannot be made.
    public init(
        path: String, resumingAt step: Int? = nil,
        clock: @escaping () -> Double = { Date().timeIntervalSince1970 }
    ) throws(TrainingError) {
        self.path = path
        self.clock = clock
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .file(path: path, reason: "cannot be created: \(String(cString: strerror(errno)))")
        }
        try event(step: 0) { $0.text(3, "brain.Event:2") }
        if let step {
            // SessionLog with status START.
            try event(step: step) { $0.message(7) { $0.integer(1, 1) } }
        }
    }

    deinit { close(descriptor) }

    public func scalar(_ tag: String, _ value: Double, step: Int) throws(TrainingError) {
        try summary(tag, step: step) { $0.float(2, Float(value)) }
    }

    public func image(_ tag: String, _ image: Image, step: Int) throws {
        let png = try image.encodePNG()
        try self.image(
            tag, png: png, width: image.width, height: image.height, channels: image.channels, step: step)
    }

    /// - Parameter channels: 1 (grey), 3 (RGB) or 4 (RGBA).
    public func image(
        _ tag: String, png: [UInt8], width: Int, height: Int, channels: Int, step: Int
    ) throws(TrainingError) {
        try summary(tag, step: step) {
            $0.message(4) {
                $0.integer(1, height)
                $0.integer(2, width)
                $0.integer(3, channels)
                $0.data(4, png)
            }
        }
    }

    /// A histogram over TensorFlow's default buckets; values that are not finite are left out.
    public func histogram(_ tag: String, _ values: [Float], step: Int) throws(TrainingError) {
        let histogram = EventHistogram(values)
        try summary(tag, step: step) {
            $0.message(5) {
                $0.double(1, histogram.minimum)
                $0.double(2, histogram.maximum)
                $0.double(3, Double(histogram.count))
                $0.double(4, histogram.sum)
                $0.double(5, histogram.sumOfSquares)
                $0.doubles(6, histogram.limits)
                $0.doubles(7, histogram.buckets)
            }
        }
    }

    /// Markdown text, as TensorBoard's text plug-in shows it.
    public func text(_ tag: String, _ text: String, step: Int) throws(TrainingError) {
        try event(step: step) {
            $0.message(5) {
                $0.message(1) {
                    $0.text(1, tag)
                    // TensorProto: DT_STRING, shape [1].
                    $0.message(8) {
                        $0.integer(1, 7)
                        $0.message(2) { $0.message(2) { $0.integer(1, 1) } }
                        $0.data(8, Array(text.utf8))
                    }
                    // SummaryMetadata: PluginData.
                    $0.message(9) { $0.message(1) { $0.text(1, "text") } }
                }
            }
        }
    }

    /// Waits until the disk has everything.
    public func flush() { fsync(descriptor) }

    private func summary(
        _ tag: String, step: Int, _ value: (inout ProtobufMessage) -> Void
    ) throws(TrainingError) {
        try event(step: step) {
            $0.message(5) {
                $0.message(1) {
                    $0.text(1, tag)
                    value(&$0)
                }
            }
        }
    }

    private func event(step: Int, _ content: (inout ProtobufMessage) -> Void) throws(TrainingError) {
        var event = ProtobufMessage()
        event.double(1, clock())
        event.integer(2, step)
        content(&event)
        try record(event.bytes)
    }

    /// TFRecord: length, masked CRC of the length, data, masked CRC of the data.
    private func record(_ data: [UInt8]) throws(TrainingError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 16)
        bytes.append(littleEndian: UInt64(data.count))
        bytes.append(littleEndian: CRC32C.masked(bytes))
        bytes.append(contentsOf: data)
        bytes.append(littleEndian: CRC32C.masked(data))
        try append(bytes, to: descriptor, path: path)
    }
}

func append(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(TrainingError) {
    var offset = 0
    while offset < bytes.count {
        let written = bytes.withUnsafeBytes {
            write(descriptor, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
        }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
            throw .file(path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
        }
        offset += written
    }
}
