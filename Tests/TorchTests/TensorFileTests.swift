import Foundation
import Testing
import Torch

@Suite struct TensorFileTests {
    static let types: [ScalarType] = [
        .float64, .float32, .float16, .bfloat16, .int64, .int32, .int16, .int8, .uint8, .bool,
    ]

    /// What Tools/reference/tensor_files.py stored in every type.
    static func expected(_ type: ScalarType) -> [Double] {
        switch type {
        case .bool: [1, 0, 0, 1, 1, 0]
        case .uint8: [0, 0, 1, 2, 100, 255]
        case .int8: [-128, 0, 1, 2, 100, 127]
        case .int16: [-32768, 0, 1, 2, 100, 32767]
        case .int32: [-2_147_483_648, 0, 1, 2, 100, 2_147_483_647]
        case .int64: [Double(Int64.min), 0, 1, 2, 100, Double(Int64.max)]
        default: [0, -1.5, 3.140625, 1024, .infinity, 0]
        }
    }

    static func check(_ tensor: Tensor, _ type: ScalarType) throws {
        #expect(tensor.dtype == type)
        #expect(tensor.shape == [2, 3])
        #expect(try tensor.to(dtype: .float64).array(Double.self) == expected(type), "\(type)")
        if type == .int64 { #expect(try tensor.array(Int64.self).last == Int64.max) }
    }

    // MARK: Good files

    @Test(arguments: types) func readsEveryTypeOfSafeTensors(_ type: ScalarType) throws {
        let file = try SafeTensors.read(Reference.path("types.safetensors"))
        try Self.check(#require(file["\(type)"]), type)
    }

    @Test func readsOddShapesNamesAndMetadata() throws {
        let path = Reference.path("types.safetensors")
        let file = try SafeTensors.read(path)
        #expect(file.count == Self.types.count + 3)
        #expect(try file["scalar"]?.item() == 2.5)
        #expect(file["scalar"]?.shape == [])
        #expect(file["empty"]?.shape == [0, 4])
        #expect(try file["odd \"name\"\\ü"]?.floats() == [1])
        #expect(try SafeTensors.metadata(path) == ["made by": "Python\nü"])
    }

    /// Byte for byte the file of Python's library, so every reader of the format can read ours.
    @Test func writesTheBytesOfPythonsSafeTensors() throws {
        let source = Reference.path("types.safetensors")
        try withFolder { folder in
            let copy = folder + "/copy.safetensors"
            try SafeTensors.write(
                SafeTensors.read(source), to: copy, metadata: SafeTensors.metadata(source))
            #expect(try Data(contentsOf: URL(filePath: copy)) == Data(contentsOf: URL(filePath: source)))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["copy.safetensors"])
        }
    }

    @Test(arguments: types.filter { $0 != .bfloat16 }) func npyBothWays(_ type: ScalarType) throws {
        let source = Reference.path("types/\(type).npy")
        let tensor = try NPY.read(source)
        try Self.check(tensor, type)
        try expectCopy(tensor, of: source)
    }

    @Test func npyOfOtherShapesBothWays() throws {
        for (name, shape) in [("scalar", []), ("vector", [3]), ("empty", [0, 4])] {
            let source = Reference.path("types/\(name).npy")
            let tensor = try NPY.read(source)
            #expect(tensor.shape == shape)
            try expectCopy(tensor, of: source)
        }
    }

    private func expectCopy(_ tensor: Tensor, of source: String) throws {
        try withFolder { folder in
            try NPY.write(tensor, to: folder + "/copy.npy")
            #expect(
                try Data(contentsOf: URL(filePath: folder + "/copy.npy"))
                    == Data(contentsOf: URL(filePath: source)))
        }
    }

    @Test func viewsAreWrittenInRowMajorOrder() throws {
        let x = try Tensor(values: [1, 2, 3, 4, 5, 6], shape: [2, 3]).transpose(0, 1)
        try withFolder { folder in
            try SafeTensors.write(["x": x], to: folder + "/x.safetensors")
            try NPY.write(x, to: folder + "/x.npy")
            #expect(try SafeTensors.read(folder + "/x.safetensors")["x"]?.floats() == [1, 4, 2, 5, 3, 6])
            #expect(try NPY.read(folder + "/x.npy").floats() == [1, 4, 2, 5, 3, 6])
        }
    }

    // MARK: Damaged files

    @Test(arguments: [
        ("empty", "", "0 bytes: not a safetensors file"),
        ("notJSON", "hello, this is not a header", "the header is not a JSON object"),
        ("array", "[1, 2]", "the header is not a JSON object"),
        ("entry", #"{"x": 3}"#, "tensor 'x' has a malformed header entry"),
        (
            "offsets", #"{"x": {"dtype": "U8", "shape": [2], "data_offsets": [0]}}"#,
            "tensor 'x' has a malformed header entry"
        ),
        (
            "negative", #"{"x": {"dtype": "U8", "shape": [-2], "data_offsets": [0, 2]}}"#,
            "tensor 'x' has a malformed header entry"
        ),
        (
            "dtype", #"{"x": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}"#,
            "tensor 'x' has dtype F8_E4M3, which is not supported"
        ),
        (
            "beyond", #"{"x": {"dtype": "U8", "shape": [100], "data_offsets": [0, 100]}}"#,
            "needs 100 bytes at 0..<100, the file has 8"
        ),
        (
            "before", #"{"x": {"dtype": "U8", "shape": [2], "data_offsets": [-1, 1]}}"#,
            "needs 2 bytes at -1..<1, the file has 8"
        ),
        (
            "backwards", #"{"x": {"dtype": "U8", "shape": [2], "data_offsets": [4, 2]}}"#,
            "needs 2 bytes at 4..<2"
        ),
        (
            "shape", #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#,
            "needs 8 bytes at 0..<4"
        ),
        (
            "huge",
            #"{"x": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}}"#,
            "is too large"
        ),
        (
            "overlap",
            #"{"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [4], "data_offsets": [2, 6]}}"#,
            "tensors 'a' and 'b' overlap"
        ),
    ])
    func refusesDamagedSafeTensors(_ name: String, _ header: String, _ reason: String) throws {
        let length = UInt64(header.utf8.count)
        let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        let bytes = header.isEmpty ? [] : prefix + Array(header.utf8) + [UInt8](repeating: 1, count: 8)
        try expectRefusal(bytes, "\(name).safetensors", reason) { try SafeTensors.read($0) }
    }

    @Test func refusesTruncatedSafeTensors() throws {
        let whole = [UInt8](try Data(contentsOf: URL(filePath: Reference.path("types.safetensors"))))
        for length in [5, 8, 40, whole.count - 1] {
            try expectRefusal(Array(whole[..<length]), "short.safetensors", "") { try SafeTensors.read($0) }
        }
        let endless = [UInt8](repeating: 255, count: 8) + whole[8...]
        try expectRefusal(endless, "endless.safetensors", "truncated or not safetensors") {
            try SafeTensors.read($0)
        }
        try expectRefusal(endless, "endless.safetensors", "truncated or not safetensors") {
            try SafeTensors.metadata($0)
        }
    }

    @Test func refusesDamagedNPY() throws {
        let whole = [UInt8](try Data(contentsOf: URL(filePath: Reference.path("types/float32.npy"))))
        func text(_ from: String, _ to: String) throws -> [UInt8] {
            var data = Data(whole)
            let range = try #require(data.range(of: Data(from.utf8)))
            data.replaceSubrange(range, with: Data(to.utf8))
            return [UInt8](data)
        }
        var version = whole
        version[6] = 9
        let cases: [([UInt8], String)] = [
            ([], "not a .npy file"),
            (Array("PNG, not an array".utf8), "not a .npy file"),
            (Array(whole[..<20]), "the header is truncated"),
            (Array(whole.dropLast(3)), "needs 24 bytes, the file has 21"),
            (whole + [0], "needs 24 bytes, the file has 25"),
            (version, "format version 9"),
            (try text("'descr'", "'desxr'"), "malformed header"),
            (try text("(2, 3)", "(2, x)"), "malformed or too large shape"),
            (try text("(2, 3)", "(2,-3)"), "malformed or too large shape"),
            (
                try text("(2, 3), }                     ", "(9223372036854775807, 3), } "),
                "malformed or too large shape"
            ),
            (try text("<f4", ">f4"), "element type >f4 is not supported"),
        ]
        for (bytes, reason) in cases {
            try expectRefusal(bytes, "broken.npy", reason) { try NPY.read($0) }
        }
        #expect(throws: TorchError.self) { try NPY.read(Reference.path("types/fortran.npy")) }
        #expect(throws: TorchError.self) { try NPY.read(Reference.path("types/complex.npy")) }
    }

    @Test func namesFilesThatAreNotThere() throws {
        let absent = "/nowhere/weights.safetensors"
        expectReason("no such file", absent) { try SafeTensors.read(absent) }
        expectReason("no such file", absent) { try NPY.read(absent) }
        expectReason("cannot create", absent) { try SafeTensors.write(["x": .ones([1])], to: absent) }
        expectReason("cannot be read", "/tmp") { try SafeTensors.read("/tmp") }
    }

    @Test func bfloat16HasNoNumPyType() throws {
        try withFolder { folder in
            let path = folder + "/x.npy"
            expectReason("has no NumPy equivalent", path) {
                try NPY.write(.ones([1], dtype: .bfloat16), to: path)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    // MARK: Helpers

    private func expectRefusal<Result>(
        _ bytes: [UInt8], _ name: String, _ reason: String, _ body: (String) throws -> Result
    ) throws {
        try withFolder { folder in
            let path = "\(folder)/\(name)"
            try Data(bytes).write(to: URL(filePath: path))
            expectReason(reason, path) { try body(path) }
        }
    }

    private func expectReason<Result>(_ reason: String, _ path: String, _ body: () throws -> Result) {
        let error = #expect(throws: TorchError.self) { _ = try body() }
        guard case .file(let named, let text) = error else {
            Issue.record("\(String(describing: error)) is not a file error")
            return
        }
        #expect(named == path)
        #expect(reason.isEmpty || text.contains(reason), "\(text)")
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "/semblance-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
