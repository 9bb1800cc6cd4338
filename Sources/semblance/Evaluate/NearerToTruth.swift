import Faces
import Foundation

/// On how many masked photos an embedding comes nearer to that of the same photo without its mask than the masked photo's, which was cut
/// out as a detector sees it.
struct NearerToTruth: Encodable {
    let recogniser: String
    /// Photos with a mask on.
    let photos: Int
    /// Fractions of them, by cosine.
    let realigned: Double
    let recovered: Double
    /// The sum of the last two, which is the probe's side of fused evidence.
    let both: Double

    /// - Parameter photos: distinct, embedded clean, masked, realigned and recovered.
    /// - Returns: nil where no photo wears a mask.
    init?(recogniser: String, _ photos: [VerificationPair.Photo], _ embeddings: PhotoEmbeddings)
        throws(FacesError)
    {
        var nearer = (realigned: 0, recovered: 0, both: 0)
        var count = 0
        for photo in photos {
            let clean = try embeddings.row(photo, .clean)
            let masked = try embeddings.row(photo, .masked)
            guard masked.isTreated else { continue }
            count += 1
            func isNearer(_ values: [Float]) -> Bool {
                FaceComparison.similarity(values, clean.values)
                    > FaceComparison.similarity(masked.values, clean.values)
            }
            if isNearer(try embeddings.row(photo, .realigned).values) { nearer.realigned += 1 }
            if isNearer(try embeddings.row(photo, .recovered).values) { nearer.recovered += 1 }
            if isNearer(try FusionRule.sum().probeSum(photo, embeddings)) { nearer.both += 1 }
        }
        guard count > 0 else { return nil }
        self.recogniser = recogniser
        self.photos = count
        realigned = Double(nearer.realigned) / Double(count)
        recovered = Double(nearer.recovered) / Double(count)
        both = Double(nearer.both) / Double(count)
    }

    var line: String {
        func percent(_ value: Double) -> String { String(format: "%.1f", value * 100) }
        return
            "\(recogniser): nearer to the photo without its mask than masked on \(photos) photos: realigned \(percent(realigned)) %, recovered \(percent(recovered)) %, both \(percent(both)) %"
    }
}
