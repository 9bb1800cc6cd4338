import Foundation

/// What the kernel says about this process's memory.
public enum ProcessMemory {
    /// Resident bytes now; 0 where the kernel does not tell.
    public static var resident: Int {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
        let words = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
