import CTorch

/// Facts and settings of the loaded libtorch.
public enum Runtime {
    public static var version: String { String(cString: ct_version()) }
    public static var cudaDeviceCount: Int { Int(ct_cuda_device_count()) }
    public static var hasOneDNN: Bool { ct_mkldnn_available() }
    /// Instruction set of libtorch's own kernels: "AVX512", "AVX2" or "DEFAULT".
    public static var cpuCapability: String { String(cString: ct_cpu_capability()) }

    /// Threads used inside one operation.
    public static var threads: Int {
        get { Int(ct_threads()) }
        set { ct_set_threads(Int32(newValue)) }
    }

    /// Keeps large freed blocks in the process. glibc returns each big tensor to the kernel when it is freed and has it zeroed
    /// page by page at the next allocation; training steps lose a fifth of their time to that. Costs memory: what was once
    /// needed stays reserved.
    ///
    /// Call it before the first thread starts: only the process's one growing heap can keep what it has. A further heap, which
    /// glibc gives to a thread that finds none free, is cut into pieces of 64 MB that are returned as soon as they are empty;
    /// and as every thread's heap keeps its own largest need, their sum grows for as long as the process runs. So no further
    /// heaps are made from here on.
    public static func keepFreedMemory() { _ = ct_keep_freed_memory() }

    /// Keeps tensors on the CPU apart from the rest of the process's memory, for programs that run for long and compute beside
    /// threads that do something else. Forward passes then take as much memory as the largest of them, however often they run;
    /// see `TensorHeap`. The rest shares one heap: of many heaps, one per thread, each keeps its own largest need, and their sum
    /// grows for as long as the process runs. Of the rest, blocks above 8 MB, such as large photos, are returned to the
    /// kernel at once.
    ///
    /// Call it before the first thread starts; tensors that there are keep their memory.
    public static func keepTensorsApart() {
        _ = ct_share_heap(8 << 20)
        TensorHeap.install()
    }

    /// Bytes that tensors on the CPU took at most since `keepTensorsApart()`, gaps between them included; what is below 32 KB a
    /// tensor is not in it.
    public static var tensorMemory: Int { TensorHeap.shared?.peak ?? 0 }

    /// Devices that can be named, the CPU first.
    public static var devices: [Device] { [.cpu] + (0..<cudaDeviceCount).map { .cuda($0) } }
}
