import Imaging
import Perceptual
import Torch

/// Whether recovery gives different people different faces: mean pairwise LPIPS of their lower faces.
public enum LowerFaceDiversity {
    /// The part of the aligned crop from the bridge of the nose to below the chin, as shares of its side.
    public static let rows = 0.44..<1.0
    public static let columns = 0.125..<0.875
    /// At most this many faces are compared, each with each.
    public static let limit = 200

    /// - Parameters:
    ///   - faces: aligned, [count, 3, s, s] in -1…1.
    ///   - persons: of each face; faces of one person are not compared.
    /// - Returns: nil when no two faces are of different persons.
    public static func measure(_ faces: Tensor, persons: [String], lpips: LPIPS) throws -> Double? {
        let (faces, persons) = (
            try faces.narrow(0, 0, min(Self.limit, faces.size(0))), persons.prefix(Self.limit)
        )
        let side = Double(faces.size(2))
        let (top, bottom) = (Int(rows.lowerBound * side), Int(rows.upperBound * side))
        let (left, right) = (Int(columns.lowerBound * side), Int(columns.upperBound * side))
        return try withoutGradients {
            let features = try lpips.features(
                of: faces.narrow(2, top, bottom - top).narrow(3, left, right - left))
            var sum = 0.0
            var pairs = 0
            for index in persons.indices.dropLast() {
                let others = (index + 1..<persons.count).filter { persons[$0] != persons[index] }
                guard !others.isEmpty else { continue }
                let one = try features.select(Tensor([Int64(index)], shape: [1]))
                let rest = try features.select(Tensor(others.map(Int64.init), shape: [others.count]))
                sum += try lpips.distance(rest, one).sum().item()
                pairs += others.count
            }
            return pairs > 0 ? sum / Double(pairs) : nil
        }
    }
}
