/// The three parts of a data set for re-identification.
public enum PersonDatasetSplit: String, Sendable, Codable, CaseIterable {
    case train, query, gallery
}
