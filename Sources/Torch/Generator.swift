import CTorch

/// A seeded source of random numbers. Passed explicitly: there is no hidden global state to disturb.
public final class Generator {
    let handle: OpaquePointer
    public let device: Device

    public init(seed: UInt64, device: Device = .cpu) throws(TorchError) {
        var out: OpaquePointer?
        try check("Generator") {
            ct_generator_make(seed, device.kind.rawValue, max(device.index, 0), &out, $0)
        }
        handle = out!
        self.device = device
    }

    deinit { ct_generator_free(handle) }

    public func reseed(_ seed: UInt64) throws(TorchError) {
        try check("Generator.reseed") { ct_generator_set_seed(handle, seed, $0) }
    }

    /// The whole state as bytes [n], uint8: store it in a checkpoint to continue the same sequence.
    public func state() throws(TorchError) -> Tensor {
        var out: OpaquePointer?
        try check("Generator.state") { ct_generator_get_state(handle, &out, $0) }
        return Tensor(adopting: out!)
    }

    public func setState(_ state: Tensor) throws(TorchError) {
        try check("Generator.setState") { ct_generator_set_state(handle, state.handle, $0) }
        withExtendedLifetime(state) {}
    }

    /// Mixes a base seed with labels ("loader", epoch, …) into an independent seed (SplitMix64 finaliser per word).
    public static func derive(_ base: UInt64, _ parts: UInt64...) -> UInt64 {
        var state = base
        for part in parts {
            state = (state ^ part) &+ 0x9E37_79B9_7F4A_7C15
            state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
            state ^= state >> 31
        }
        return state
    }
}
