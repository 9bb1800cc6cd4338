import Imaging

/// One loaded item of a data set: plain arrays, so that background threads can make it.
public struct Sample: Sendable {
    /// Where it came from (a file), for messages.
    public var name: String
    public var fields: [String: SampleField]

    public init(name: String, _ fields: [String: SampleField]) {
        self.name = name
        self.fields = fields
    }
}

/// An array of one sample, row-major; the batch adds a leading dimension.
public struct SampleField: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        case floats([Float])
        case bytes([UInt8])
        case integers([Int])
    }

    public let values: Values
    public let shape: [Int]

    public static func floats(_ values: [Float], shape: [Int]) -> SampleField {
        SampleField(values: .floats(values), shape: shape)
    }
    public static func bytes(_ values: [UInt8], shape: [Int]) -> SampleField {
        SampleField(values: .bytes(values), shape: shape)
    }
    public static func integers(_ values: [Int], shape: [Int]) -> SampleField {
        SampleField(values: .integers(values), shape: shape)
    }

    /// One float, shape [].
    public static func float(_ value: Float) -> SampleField { .floats([value], shape: []) }

    /// One integer (a label), shape [].
    public static func integer(_ value: Int) -> SampleField { .integers([value], shape: []) }

    /// [channels, height, width] floats in 0…1.
    public static func image(_ image: FloatImage) -> SampleField {
        .floats(image.data, shape: [image.channels, image.height, image.width])
    }

    /// [channels, height, width] bytes in 0…255, a quarter of the memory of floats while they wait.
    public static func image(_ image: Image) -> SampleField {
        let (plane, channels) = (image.width * image.height, image.channels)
        let planar = [UInt8](unsafeUninitializedCapacity: plane * channels) { target, count in
            image.pixels.withUnsafeBufferPointer { source in
                for channel in 0..<channels {
                    for index in 0..<plane {
                        target[channel * plane + index] = source[index * channels + channel]
                    }
                }
            }
            count = plane * channels
        }
        return .bytes(planar, shape: [channels, image.height, image.width])
    }

    var count: Int {
        switch values {
        case .floats(let values): values.count
        case .bytes(let values): values.count
        case .integers(let values): values.count
        }
    }

    var typeName: String {
        switch values {
        case .floats: "floats"
        case .bytes: "bytes"
        case .integers: "integers"
        }
    }
}
