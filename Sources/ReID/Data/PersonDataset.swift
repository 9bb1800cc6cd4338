import Metrics

/// The images of a data set for re-identification, in its three parts, each sorted by path.
public struct PersonDataset: Sendable {
    public var name: String
    public var layout: PersonDatasetLayout
    public var root: String
    public var train: [PersonImage]
    public var query: [PersonImage]
    public var gallery: [PersonImage]
    public var attributes: AttributeTable?
    /// Names of people whose folders are not numbers; empty for the published sets.
    public var personNames: [Int: String]
    /// What was noticed while loading.
    public var remarks: [PersonDatasetRemark]

    public init(
        name: String, layout: PersonDatasetLayout = .folder, root: String, train: [PersonImage],
        query: [PersonImage] = [], gallery: [PersonImage] = [], attributes: AttributeTable? = nil,
        personNames: [Int: String] = [:], remarks: [PersonDatasetRemark] = []
    ) {
        self.name = name
        self.layout = layout
        self.root = root
        self.train = train
        self.query = query
        self.gallery = gallery
        self.attributes = attributes
        self.personNames = personNames
        self.remarks = remarks
    }

    public subscript(split: PersonDatasetSplit) -> [PersonImage] {
        switch split {
        case .train: train
        case .query: query
        case .gallery: gallery
        }
    }

    /// The people of the training images, ascending: class i of a classifier is the i-th.
    public var trainPeople: [Int] { Set(train.map(\.person)).sorted() }

    /// The class of each training image, from 0 on without gaps, in ascending order of people. Made anew at each use: keep it.
    public var trainLabels: [Int] {
        let classes = Dictionary(
            uniqueKeysWithValues: trainPeople.enumerated().map { ($0.element, $0.offset) })
        return train.compactMap { classes[$0.person] }
    }

    /// Who and where of the queries, for `RetrievalEvaluation`. Unknown cameras of queries and of the gallery get different
    /// numbers, since otherwise they would count as the same camera and every match would be left out.
    public var querySightings: [Sighting] { query.map { Sighting(person: $0.person, camera: $0.camera) } }

    /// Who and where of the gallery; see `querySightings`.
    public var gallerySightings: [Sighting] {
        gallery.map {
            Sighting(
                person: $0.person,
                camera: $0.camera == PersonImage.unknownCamera
                    ? PersonImage.unknownCamera - 1 : $0.camera)
        }
    }
}
