import Torch

/// Samples stacked into tensors [batch, …].
public struct Batch {
    /// Names of the samples, for messages.
    public let names: [String]
    /// Indices into the data set.
    public let indices: [Int]
    /// Pass over the data, from 0.
    public let epoch: Int
    public private(set) var tensors: [String: Tensor]

    public var count: Int { names.count }

    /// The stacked field: float32, uint8 or int64, [batch, sample's shape…].
    /// - Throws: `TrainingError.batch` naming the fields there are.
    public subscript(name: String) -> Tensor {
        get throws(TrainingError) {
            guard let tensor = tensors[name] else {
                throw .batch("the batch has no field '\(name)', only \(tensors.keys.sorted())")
            }
            return tensor
        }
    }

    /// A field as floats: bytes are scaled from 0…255 to 0…1, integers and floats keep their values.
    public func floats(_ name: String) throws -> Tensor {
        let tensor = try self[name]
        guard tensor.dtype == .uint8 else { return try tensor.to(dtype: .float32) }
        return try tensor.to(dtype: .float32).mul_(1 / 255)
    }

    /// The same batch on another device.
    public func to(device: Device) throws(TorchError) -> Batch {
        var copy = self
        for (name, tensor) in tensors { copy.tensors[name] = try tensor.to(device: device) }
        return copy
    }

    /// Stacks samples that have the same fields of the same shapes and types.
    /// - Throws: `TrainingError.batch` naming the sample and the field that differ.
    public init(_ samples: [Sample], indices: [Int], epoch: Int = 0, device: Device = .cpu) throws {
        guard let first = samples.first else {
            throw TrainingError.batch("a batch needs at least one sample")
        }
        names = samples.map(\.name)
        self.indices = indices
        self.epoch = epoch
        for sample in samples { try Self.compare(sample, with: first) }
        tensors = [:]
        for (name, field) in first.fields {
            let fields = samples.compactMap { $0.fields[name]?.values }
            let shape = [samples.count] + field.shape
            let total = shape.reduce(1, *)
            switch field.values {
            case .floats:
                let parts = fields.compactMap { if case .floats(let part) = $0 { part } else { nil } }
                tensors[name] = try Tensor(joined(parts, total), shape: shape, device: device)
            case .bytes:
                let parts = fields.compactMap { if case .bytes(let part) = $0 { part } else { nil } }
                tensors[name] = try Tensor(joined(parts, total), shape: shape, device: device)
            case .integers:
                let parts = fields.compactMap { if case .integers(let part) = $0 { part } else { nil } }
                tensors[name] = try Tensor(joined(parts, total), shape: shape, device: device)
            }
        }
    }

    private static func compare(_ sample: Sample, with first: Sample) throws(TrainingError) {
        guard sample.fields.count == first.fields.count else {
            throw .batch(
                "\(sample.name) has the fields \(sample.fields.keys.sorted()), \(first.name) \(first.fields.keys.sorted())"
            )
        }
        for (name, field) in sample.fields {
            guard let other = first.fields[name] else {
                throw .batch("\(sample.name) has a field '\(name)', \(first.name) in the same batch has not")
            }
            guard field.shape == other.shape, field.typeName == other.typeName else {
                throw .batch(
                    "field '\(name)': \(sample.name) has \(field.typeName) \(field.shape), \(first.name) in the same batch \(other.typeName) \(other.shape)"
                )
            }
            guard field.count == field.shape.reduce(1, *) else {
                throw .batch(
                    "field '\(name)' of \(sample.name): \(field.count) values do not fill the shape \(field.shape)"
                )
            }
        }
    }
}

/// Concatenates without growing the array on the way.
private func joined<Element: BitwiseCopyable>(_ parts: [[Element]], _ total: Int) -> [Element] {
    [Element](unsafeUninitializedCapacity: total) { buffer, count in
        for part in parts {
            _ = UnsafeMutableBufferPointer(rebasing: buffer[count...]).update(fromContentsOf: part)
            count += part.count
        }
    }
}
