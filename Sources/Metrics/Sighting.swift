/// Who an image shows and which camera took it.
public struct Sighting: Sendable, Hashable, Codable {
    /// Identity. Negative in a gallery marks a junk image, which neither helps nor harms (Market-1501 uses -1; its
    /// distractors, 0, are ordinary people that match no query).
    public let person: Int
    public let camera: Int

    public init(person: Int, camera: Int) {
        self.person = person
        self.camera = camera
    }
}
