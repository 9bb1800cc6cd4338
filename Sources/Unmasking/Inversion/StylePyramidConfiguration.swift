import Faces

/// What the encoders of pSp and e4e are made of.
public struct StylePyramidConfiguration: Codable, Sendable, Equatable {
    public var trunk: IRTrunkConfiguration
    /// Height and width of the input: a power of two from 32; 256 as published.
    public var inputSize: Int
    /// w codes of the generator: 2·log2(size) - 2.
    public var styleCount: Int
    public var styleDimension: Int
    /// Styles read from the coarsest level (3), and from the middle one (4); the rest is fine.
    public var coarseStyles: Int
    public var middleStyles: Int

    public init(
        trunk: IRTrunkConfiguration = IRTrunkConfiguration(), inputSize: Int = 256, styleCount: Int = 18,
        styleDimension: Int = 512, coarseStyles: Int = 3, middleStyles: Int = 4
    ) {
        self.trunk = trunk
        self.inputSize = inputSize
        self.styleCount = styleCount
        self.styleDimension = styleDimension
        self.coarseStyles = coarseStyles
        self.middleStyles = middleStyles
    }

    /// The pyramid level of a style: 0 is the coarsest, 2 the finest.
    public func level(ofStyle index: Int) -> Int {
        index < coarseStyles ? 0 : index < coarseStyles + middleStyles ? 1 : 2
    }

    /// - Throws: `UnmaskingError.configuration` naming what no network can be built from.
    public func validate() throws(UnmaskingError) {
        do { try trunk.validate() } catch { throw .configuration("\(error)") }
        guard inputSize >= 32, inputSize & (inputSize - 1) == 0, styleCount > 0, styleDimension > 0,
            coarseStyles > 0, middleStyles >= 0
        else {
            throw .configuration(
                "style pyramid of inputSize \(inputSize), styleCount \(styleCount), styleDimension \(styleDimension), coarseStyles \(coarseStyles), middleStyles \(middleStyles): expected a power of two from 32 and positive numbers"
            )
        }
    }
}
