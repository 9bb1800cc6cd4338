import Training

extension PersonDataset {
    /// Holds out some of the *training* people for validation, so that no choice is made on the test people.
    ///
    /// `train` loses all their images; `query` becomes one image of each (person, camera) and `gallery` the rest of these
    /// people's images. Only people are drawn who can be found again: one of their queries has a gallery image of another
    /// camera (any image, where cameras are unknown). When fewer than `people` are, all of those are held out.
    /// - Parameter seed: of the choice of people and of their query images; the same seed makes the same choice.
    public func holdingOut(people count: Int, seed: UInt64) -> PersonDataset {
        var random = SampleRandom(seed: seed)
        var byPerson: [Int: [PersonImage]] = [:]
        for image in train { byPerson[image.person, default: []].append(image) }
        var held: Set<Int> = []
        var (query, gallery): ([PersonImage], [PersonImage]) = ([], [])
        for person in random.shuffled(byPerson.keys.sorted()) where held.count < count {
            let parts = Self.parted(byPerson[person] ?? [], using: &random)
            guard parts.canBeScored else { continue }
            held.insert(person)
            query += parts.query
            gallery += parts.gallery
        }
        var result = self
        result.train = train.filter { !held.contains($0.person) }
        result.query = query.sorted { $0.path < $1.path }
        result.gallery = gallery.sorted { $0.path < $1.path }
        return result
    }

    /// One person's images: a query of each camera, and the rest.
    private static func parted(_ images: [PersonImage], using random: inout SampleRandom) -> (
        query: [PersonImage], gallery: [PersonImage], canBeScored: Bool
    ) {
        var (query, gallery): ([PersonImage], [PersonImage]) = ([], [])
        for camera in Set(images.map(\.camera)).sorted() {
            var ofCamera = random.shuffled(images.filter { $0.camera == camera })
            query.append(ofCamera.removeLast())
            gallery += ofCamera
        }
        let unknown = PersonImage.unknownCamera
        let canBeScored = query.contains { asked in
            gallery.contains { $0.camera != asked.camera || $0.camera == unknown }
        }
        return (query, gallery, canBeScored)
    }
}
