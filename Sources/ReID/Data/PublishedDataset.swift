/// What the publications state about a data set.
struct PublishedDataset {
    struct Part {
        /// With junk.
        let images: Int
        /// Without distractors.
        let people: Int
        var junk = 0
    }

    let train, query, gallery: Part
    let cameras: Int

    subscript(split: PersonDatasetSplit) -> Part {
        switch split {
        case .train: train
        case .query: query
        case .gallery: gallery
        }
    }

    /// Nil for folders of one's own.
    init?(_ layout: PersonDatasetLayout) {
        switch layout {
        case .market1501:
            train = Part(images: 12_936, people: 751)
            query = Part(images: 3368, people: 750)
            gallery = Part(images: 19_732, people: 750, junk: 3819)
            cameras = 6
        case .dukeMTMC:
            train = Part(images: 16_522, people: 702)
            query = Part(images: 2228, people: 702)
            gallery = Part(images: 17_661, people: 1110)
            cameras = 8
        case .msmt17:
            train = Part(images: 32_621, people: 1041)
            query = Part(images: 11_659, people: 3060)
            gallery = Part(images: 82_161, people: 3060)
            cameras = 15
        case .cuhk03NP(let boxes):
            let isDetected = boxes == .detected
            train = Part(images: isDetected ? 7365 : 7368, people: 767)
            query = Part(images: 1400, people: 700)
            gallery = Part(images: isDetected ? 5332 : 5328, people: 700)
            cameras = 2
        case .folder: return nil
        }
    }
}
