import Torch

extension CheckpointFile {
    /// The state dict inside a training checkpoint: tensors below the first of these names that exists, without the prefix
    /// `module.` that data parallelism puts before every key. The tensors beside it are left out.
    /// - Parameter names: names of nested dictionaries; the checkpoint itself counts when none is there.
    public func unwrapped(
        _ names: [String] = ["state_dict", "model_state_dict", "model", "net", "params_ema", "params"]
    )
        -> CheckpointFile
    {
        var copy = self
        if let name = names.first(where: { name in tensors.keys.contains { $0.hasPrefix(name + "/") } }) {
            copy.tensors = [:]
            var others: [String: Int] = [:]
            for (key, tensor) in tensors {
                if key.hasPrefix(name + "/") {
                    copy.tensors[String(key.dropFirst(name.count + 1))] = tensor
                } else {
                    others[String(key.split(separator: "/").first ?? ""), default: 0] += 1
                }
            }
            for (key, count) in others.sorted(by: { $0.key < $1.key }) {
                copy.unread.append(
                    .init(keys: "\(key)/*", count: count, reason: "beside the network's state '\(name)'"))
            }
        }
        let parallel = "module."
        if !copy.tensors.isEmpty, copy.tensors.keys.allSatisfy({ $0.hasPrefix(parallel) }) {
            copy.tensors = Dictionary(
                uniqueKeysWithValues: copy.tensors.map {
                    (String($0.key.dropFirst(parallel.count)), $0.value)
                })
        }
        return copy
    }
}
