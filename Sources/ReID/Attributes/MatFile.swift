import CMatio

/// A MATLAB file, read through libmatio.
struct MatFile {
    let path: String
    let variables: [String: MatValue]

    /// - Throws: `ReIDError.data` for a file that is missing, not a MATLAB file, or damaged.
    init(path: String) throws(ReIDError) {
        guard FolderListing.exists(path) else { throw .data(path: path, reason: "no such file") }
        guard !FolderListing.isFolder(path) else {
            throw .data(path: path, reason: "is a folder, expected a MATLAB file")
        }
        guard let file = Mat_Open(path, Int32(MAT_ACC_RDONLY.rawValue)) else {
            throw .data(path: path, reason: "is not a MATLAB file, or cannot be read")
        }
        defer { Mat_Close(file) }
        self.path = path
        var variables: [String: MatValue] = [:]
        while let variable = Mat_VarReadNext(file) {
            defer { Mat_VarFree(variable) }
            guard let name = variable.pointee.name else { continue }
            variables[String(cString: name)] = MatValue(variable)
        }
        guard !variables.isEmpty else {
            throw .data(path: path, reason: "holds no variables; the file may be damaged or cut short")
        }
        self.variables = variables
    }
}
