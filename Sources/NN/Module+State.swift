import Torch

extension Module {
    /// Parameters and buffers by checkpoint key, in order. The tensors are the module's own: clone before keeping.
    public func stateDict(prefix: String = "") -> [(key: String, tensor: Tensor)] {
        members.parameters.map { (prefix + $0.key, $0.tensor) }
            + members.buffers.map { (prefix + $0.key, $0.tensor) }
            + members.children.flatMap { $0.module.stateDict(prefix: "\(prefix)\($0.key).") }
    }

    public func stateDictionary(prefix: String = "") -> [String: Tensor] {
        Dictionary(
            stateDict(prefix: prefix).map { ($0.key, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    }

    /// Copies values into this module's tensors in place. Nothing is changed unless everything fits.
    ///
    /// - Parameters:
    ///   - state: tensors by key; dtypes and devices are converted.
    ///   - source: names the origin in errors (a file).
    ///   - prefix: only keys below this prefix ("encoder.") are looked at, with the prefix removed. This is the one way to
    ///     load a part of a checkpoint.
    ///   - allowNonFinite: accept NaN and infinity.
    /// - Throws: `TorchError.stateDict` listing missing, unexpected and mis-shaped keys;
    ///   `TorchError.file` naming the first key with a NaN or infinite value.
    public func load(
        _ state: [String: Tensor], source: String = "state dict", prefix: String = "",
        allowNonFinite: Bool = false
    ) throws(TorchError) {
        var given: [String: Tensor] = [:]
        for (key, tensor) in state where key.hasPrefix(prefix) {
            given[String(key.dropFirst(prefix.count))] = tensor
        }
        let own = stateDict()
        var missing: [String] = []
        var mismatched: [String] = []
        for (key, tensor) in own {
            // Checkpoints from before PyTorch 0.4.1 lack this counter; it does not influence the output.
            guard let value = given[key] else {
                if !key.hasSuffix("num_batches_tracked") { missing.append(key) }
                continue
            }
            if value.shape != tensor.shape {
                mismatched.append("\(key) (file \(value.shape), network \(tensor.shape))")
            }
        }
        let known = Set(own.map(\.key))
        let unexpected = given.keys.filter { !known.contains($0) }.sorted()
        guard missing.isEmpty, mismatched.isEmpty, unexpected.isEmpty else {
            throw .stateDict(source: source, missing: missing, unexpected: unexpected, mismatched: mismatched)
        }
        if !allowNonFinite {
            for (key, value) in given.sorted(by: { $0.key < $1.key }) where value.dtype.isFloatingPoint {
                guard try value.allFinite() else {
                    throw .file(
                        path: source,
                        reason:
                            "'\(prefix)\(key)' holds NaN or infinity: the file is damaged or its training diverged"
                    )
                }
            }
        }
        try noGrad { () throws(TorchError) in
            for (key, tensor) in own {
                if let value = given[key] { try tensor.copy_(value) }
            }
        }
    }

    /// Loads a safetensors file. See `load(_:source:prefix:allowNonFinite:)`.
    public func load(contentsOf path: String, prefix: String = "") throws(TorchError) {
        try load(try SafeTensors.read(path), source: path, prefix: prefix)
    }

    /// Writes the state dict as a safetensors file, atomically; `dtype` converts floating-point tensors (`.float16`).
    public func save(to path: String, dtype: ScalarType? = nil, metadata: [String: String] = [:])
        throws(TorchError)
    {
        var tensors: [String: Tensor] = [:]
        for (key, tensor) in stateDict() {
            tensors[key] =
                dtype != nil && tensor.dtype.isFloatingPoint ? try tensor.to(dtype: dtype!) : tensor
        }
        try SafeTensors.write(tensors, to: path, metadata: metadata)
    }

    /// Copies another module's values into this one, which must have the same keys and shapes.
    public func copy(from other: Module) throws(TorchError) {
        try load(other.stateDictionary(), source: "\(type(of: other))", allowNonFinite: true)
    }
}
