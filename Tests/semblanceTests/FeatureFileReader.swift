import ReID

/// The first row of a feature file.
enum FeatureFileReader {
    static func first(_ path: String) throws -> [Float] {
        try FeatureFile.read(path).features.select(0, 0).floats()
    }
}
