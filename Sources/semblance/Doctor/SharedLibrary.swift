import Foundation

/// A system library as the running program sees it.
struct SharedLibrary {
    let name: String
    let package: String
    /// The file that is loaded; nil when there is none.
    let path: String?
    /// The version it states at run time.
    let version: String?

    var finding: Finding {
        guard let path else {
            return Finding(
                name, "cannot be loaded", status: .missing,
                remedy: "run Scripts/setup, or: apt-get install \(package)")
        }
        return Finding(name, "\(version ?? "unknown version"), \(path)")
    }

    static var all: [SharedLibrary] {
        [
            // TurboJPEG has no call for its version; the third generation of its interface came with 3.0.
            SharedLibrary(
                "libturbojpeg", "libturbojpeg.so.0", package: "libturbojpeg0-dev", symbol: "tjInitCompress"
            ) { _, handle in dlsym(handle, "tj3Init") == nil ? "2.x" : "3.x" },
            SharedLibrary("libpng", "libpng16.so.16", package: "libpng-dev", symbol: "png_get_libpng_ver") {
                symbol, _ in
                typealias Function = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
                return unsafeBitCast(symbol, to: Function.self)(nil).map { String(cString: $0) }
            },
            SharedLibrary("libwebp", "libwebp.so.7", package: "libwebp-dev", symbol: "WebPGetDecoderVersion")
            { symbol, _ in
                let packed = unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
                return "\(packed >> 16).\(packed >> 8 & 255).\(packed & 255)"
            },
            SharedLibrary(
                "libmatio", "libmatio.so.11", package: "libmatio-dev", symbol: "Mat_GetLibraryVersion"
            ) { symbol, _ in
                typealias Part = UnsafeMutablePointer<Int32>
                var (major, minor, release): (Int32, Int32, Int32) = (0, 0, 0)
                unsafeBitCast(symbol, to: (@convention(c) (Part, Part, Part) -> Void).self)(
                    &major, &minor, &release)
                return "\(major).\(minor).\(release)"
            },
            SharedLibrary(
                "libsqlite3", "libsqlite3.so.0", package: "libsqlite3-dev", symbol: "sqlite3_libversion"
            ) { symbol, _ in
                typealias Function = @convention(c) () -> UnsafePointer<CChar>?
                return unsafeBitCast(symbol, to: Function.self)().map { String(cString: $0) }
            },
            SharedLibrary("libpq", "libpq.so.5", package: "libpq-dev", symbol: "PQlibVersion") { symbol, _ in
                let packed = unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
                return "\(packed / 10000).\(packed % 10000)"
            },
            SharedLibrary(
                "libmicrohttpd", "libmicrohttpd.so.12", package: "libmicrohttpd-dev",
                symbol: "MHD_get_version"
            ) { symbol, _ in
                typealias Function = @convention(c) () -> UnsafePointer<CChar>?
                return unsafeBitCast(symbol, to: Function.self)().map { String(cString: $0) }
            },
        ]
    }

    private init(
        _ name: String, _ file: String, package: String, symbol: String,
        version: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> String?
    ) {
        self.name = name
        self.package = package
        guard let handle = dlopen(file, RTLD_LAZY), let address = dlsym(handle, symbol) else {
            path = nil
            self.version = nil
            return
        }
        path = Self.mappedFile(startingWith: String(file.prefix { $0 != "." }) + ".so") ?? file
        self.version = version(address, handle)
    }

    /// The file of a loaded library: the memory map names it with its full version.
    private static func mappedFile(startingWith prefix: String) -> String? {
        for line in Examination.lines(of: "/proc/self/maps") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = String(line[slash...])
            if path.split(separator: "/").last?.hasPrefix(prefix) == true { return path }
        }
        return nil
    }
}
