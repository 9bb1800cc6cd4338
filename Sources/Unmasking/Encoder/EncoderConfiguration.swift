/// What a `PyramidEncoder` is made of.
public struct EncoderConfiguration: Codable, Sendable, Equatable {
    public enum Normalization: String, Codable, Sendable {
        case batch, group, none
    }

    /// Height and width of the input image: a power of two.
    public var inputSize: Int
    /// 3 for an image; 6 for an image and the current reconstruction (ReStyle).
    public var inputChannels: Int
    /// 2: the first convolution halves the size, which saves three quarters of the first stage.
    public var stemStride: Int
    /// Channels of the trunk's stages; every stage but the first halves the size.
    public var stageChannels: [Int]
    /// Residual blocks of every stage.
    public var stageBlocks: [Int]
    public var normalization: Normalization
    /// Squeeze-and-excitation at the end of every residual branch.
    public var squeezesAndExcites: Bool
    /// Channels of the feature pyramid over the last three stages.
    public var pyramidChannels: Int
    /// Pyramid levels are averaged to this many cells a side before the fully connected heads.
    public var pooledSize: Int
    /// Width of the fully connected layer that the heads of a level share.
    public var hiddenFeatures: Int
    /// w codes of the generator: 2·log2(size) - 2.
    public var styleCount: Int
    public var styleDimension: Int
    /// Styles read from the coarsest pyramid level (pSp: 0-2), and from the middle one (3-6); the rest is fine.
    public var coarseStyles: Int
    public var middleStyles: Int
    /// Height and width of the mask logits: a power of two between the finest stage and the input; 0 for no
    /// segmentation head.
    public var maskSize: Int
    public var maskChannels: Int
    /// Channels by resolution of additive generator features (see `EncodedFace.featureOffsets`); resolutions must be
    /// among the trunk's. Empty for W+ only.
    public var featureOffsets: [Int: Int]

    public init(
        inputSize: Int = 128, inputChannels: Int = 3, stemStride: Int = 2,
        stageChannels: [Int] = [32, 64, 128, 192, 256], stageBlocks: [Int] = [1, 1, 2, 2, 1],
        normalization: Normalization = .batch, squeezesAndExcites: Bool = false, pyramidChannels: Int = 96,
        pooledSize: Int = 4, hiddenFeatures: Int = 320, styleCount: Int = 12, styleDimension: Int = 256,
        coarseStyles: Int = 3, middleStyles: Int = 4, maskSize: Int = 64, maskChannels: Int = 32,
        featureOffsets: [Int: Int] = [:]
    ) {
        self.inputSize = inputSize
        self.inputChannels = inputChannels
        self.stemStride = stemStride
        self.stageChannels = stageChannels
        self.stageBlocks = stageBlocks
        self.normalization = normalization
        self.squeezesAndExcites = squeezesAndExcites
        self.pyramidChannels = pyramidChannels
        self.pooledSize = pooledSize
        self.hiddenFeatures = hiddenFeatures
        self.styleCount = styleCount
        self.styleDimension = styleDimension
        self.coarseStyles = coarseStyles
        self.middleStyles = middleStyles
        self.maskSize = maskSize
        self.maskChannels = maskChannels
        self.featureOffsets = featureOffsets
    }

    /// The defaults, with the styles that `generator` takes.
    public init(for generator: GeneratorConfiguration) {
        self.init(
            inputSize: generator.size, styleCount: generator.styleCount,
            styleDimension: generator.styleDimension,
            maskSize: generator.size / 2)
    }

    /// Height and width of every stage's output.
    public var stageSizes: [Int] { stageChannels.indices.map { (inputSize / stemStride) >> $0 } }

    /// Styles per pyramid level, coarse to fine.
    public var stylesPerLevel: [Int] {
        let coarse = min(coarseStyles, styleCount)
        let middle = min(middleStyles, styleCount - coarse)
        return [coarse, middle, styleCount - coarse - middle]
    }

    /// - Throws: `UnmaskingError.configuration` naming the field that cannot be used.
    public func validate() throws(UnmaskingError) {
        guard inputSize >= 16, inputSize & (inputSize - 1) == 0, inputChannels > 0,
            [1, 2].contains(stemStride)
        else {
            throw .configuration(
                "encoder inputSize \(inputSize), inputChannels \(inputChannels), stemStride \(stemStride): expected a power of two from 16, a positive number, 1 or 2"
            )
        }
        guard stageChannels.count >= 3, stageChannels.count == stageBlocks.count,
            (stageChannels + stageBlocks).allSatisfy({ $0 > 0 }), (stageSizes.last ?? 0) >= 1
        else {
            throw .configuration(
                "encoder stageChannels \(stageChannels), stageBlocks \(stageBlocks): expected the same number (3 or more) of positive values, and no more halvings than \(inputSize) px allow"
            )
        }
        guard normalization != .group || stageChannels.allSatisfy({ $0 % 8 == 0 }) else {
            throw .configuration(
                "encoder stageChannels \(stageChannels): group normalisation needs multiples of 8")
        }
        guard styleCount > 0, styleDimension > 0, coarseStyles > 0, middleStyles >= 0, pyramidChannels > 0,
            pooledSize > 0, hiddenFeatures > 0
        else {
            throw .configuration(
                "encoder styleCount \(styleCount), styleDimension \(styleDimension), coarseStyles \(coarseStyles), middleStyles \(middleStyles), pyramidChannels \(pyramidChannels), pooledSize \(pooledSize), hiddenFeatures \(hiddenFeatures): expected positive numbers"
            )
        }
        let finest = stageSizes[stageSizes.count - 3]
        guard
            maskSize == 0
                || (maskChannels > 0 && (stageSizes + [inputSize]).filter { $0 >= finest }.contains(maskSize))
        else {
            throw .configuration(
                "encoder maskSize \(maskSize), maskChannels \(maskChannels): expected 0, or one of \((stageSizes + [inputSize]).filter { $0 >= finest }.sorted()) and a positive number of channels"
            )
        }
        let strange = featureOffsets.filter { !stageSizes.contains($0.key) || $0.value < 1 }
        guard strange.isEmpty else {
            throw .configuration(
                "encoder featureOffsets \(strange): expected resolutions among \(stageSizes) and positive channel counts"
            )
        }
    }
}
