/// How the files of a data set are laid out.
public enum PersonDatasetLayout: Sendable, Hashable {
    /// Market-1501 (Zheng et al. 2015): folders `bounding_box_train`, `query` and `bounding_box_test` with names like
    /// `0002_c1s1_000451_03.jpg` (person, camera). Person -1 is junk, person 0000 a distractor.
    case market1501
    /// DukeMTMC-reID (Zheng et al. 2017): folders as Market-1501's, names like `0001_c2_f0046302.jpg`.
    case dukeMTMC
    /// MSMT17 (Wei et al. 2018), both versions: `list_train.txt`, `list_val.txt`, `list_query.txt` and `list_gallery.txt`, with
    /// images in `train` and `test` or `mask_train_v2` and `mask_test_v2`. Training and validation lists are joined, as the
    /// published 32,621 training images are. People are numbered anew in the test lists: the same number in train and test
    /// means two people.
    case msmt17
    /// CUHK03 under the new protocol (Zhong et al. 2017): folders as Market-1501's, names like `0001_c1_2.png`, inside
    /// `detected` or `labeled` (or with the root being one of these).
    case cuhk03NP(CUHK03Boxes)
    /// Any folder with one folder of images per person; see `FolderDataset`.
    case folder

    /// Whose boxes of CUHK03.
    public enum CUHK03Boxes: String, Sendable, CaseIterable {
        /// Of a detector, as in real use.
        case detected
        /// Drawn by hand.
        case labeled
    }

    /// The name on command lines and in configurations.
    public var name: String {
        switch self {
        case .market1501: "market1501"
        case .dukeMTMC: "dukemtmc"
        case .msmt17: "msmt17"
        case .cuhk03NP(let boxes): "cuhk03-\(boxes.rawValue)"
        case .folder: "folder"
        }
    }

    /// The data set's usual name.
    public var title: String {
        switch self {
        case .market1501: "Market-1501"
        case .dukeMTMC: "DukeMTMC-reID"
        case .msmt17: "MSMT17"
        case .cuhk03NP(let boxes): "CUHK03-NP (\(boxes.rawValue))"
        case .folder: "folder"
        }
    }

    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension PersonDatasetLayout: CaseIterable {
    public static let allCases: [PersonDatasetLayout] =
        [.market1501, .dukeMTMC, .msmt17] + CUHK03Boxes.allCases.map { .cuhk03NP($0) } + [.folder]
}

/// Coded as its name.
extension PersonDatasetLayout: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let layout = Self(name: name) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription:
                    "unknown layout '\(name)': expected one of \(Self.allCases.map(\.name).joined(separator: ", "))"
            )
        }
        self = layout
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
