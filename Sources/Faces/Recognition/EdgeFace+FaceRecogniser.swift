extension EdgeFace: FaceRecogniser {
    public var name: String { "EdgeFace" }
    public var alignment: AlignmentTemplate { .arcFace112 }
    public var embeddingDimension: Int { configuration.embedding }
}
