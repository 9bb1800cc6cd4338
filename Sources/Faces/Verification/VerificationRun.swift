import Foundation
import Imaging
import Metrics
import Torch

/// Scores a list of pairs: embeds every distinct photo once, and compares by cosine.
///
/// Landmarks come from the very photo that is recognised; no knowledge of the clean photo reaches a treated one. A photo in
/// which no face is found is recognised whole, so that no pair is left out, and counted.
public final class VerificationRun {
    /// What a run measured.
    public struct Outcome {
        public var pairs: [VerificationPair]
        /// Cosine similarity of each pair, -1…1.
        public var scores: [Float]
        /// Distinct photos, each counted once per role.
        public var photos: Int
        /// Photos in which no face was found.
        public var withoutFace: [String]
        /// Second photos that could not be treated.
        public var untreated: [String]
        /// Embeddings of distinct first photos, and of distinct second ones.
        public var references: [(photo: VerificationPair.Photo, embedding: [Float])]
        public var probes: [(photo: VerificationPair.Photo, embedding: [Float])]
    }

    private let embedder: FaceEmbedder
    private let folder: String
    private let treatment: (any ProbeTreatment)?
    private let batchSize: Int

    /// - Parameters:
    ///   - folder: of the photos, `NAME/NAME_0001.jpg` (or .jpeg, .png, .webp).
    ///   - treatment: of the second photos; nil leaves them as they are.
    public init(
        embedder: FaceEmbedder, folder: String, treatment: (any ProbeTreatment)? = nil, batchSize: Int = 16
    ) {
        self.embedder = embedder
        self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.treatment = treatment
        self.batchSize = max(1, batchSize)
    }

    /// - Parameter progress: called after each photo with the number done and the total; may throw to stop.
    /// - Throws: `FacesError.invalidArgument` for no pairs or missing photos, `ImagingError` for unreadable ones, `TorchError`.
    public func score(_ list: VerificationPairs, progress: (Int, Int) throws -> Void = { _, _ in }) throws
        -> Outcome
    {
        guard !list.pairs.isEmpty else { throw FacesError.invalidArgument("no pairs to compare") }
        let firsts = Self.distinct(list.pairs.map(\.first))
        let seconds = Self.distinct(list.pairs.map(\.second))
        // All files are looked for before hours are spent on the first of them.
        let paths = try findFiles(firsts + seconds)
        // Untreated photos are the same in both roles.
        let isTreating = treatment != nil
        let known = Set(firsts)
        let jobs =
            firsts.map { Job(photo: $0, isTreated: false) }
            + seconds.filter { isTreating || !known.contains($0) }.map {
                Job(photo: $0, isTreated: isTreating)
            }
        var embeddings: [Job: [Float]] = [:]
        var waiting: [(job: Job, crop: Image)] = []
        var (withoutFace, untreated): ([String], [String]) = ([], [])
        func flush() throws {
            let rows = try embedder.recogniser.embed(crops: waiting.map(\.crop), batchSize: batchSize)
            let values = try rows.floats()
            let width = embedder.recogniser.embeddingDimension
            for (index, item) in waiting.enumerated() {
                embeddings[item.job] = Array(values[index * width..<(index + 1) * width])
            }
            waiting = []
        }
        for (index, job) in jobs.enumerated() {
            let path = paths[job.photo] ?? job.photo.stem
            var photo = try Image.read(path).rgb()
            var face = try embedder.mainFace(of: photo)
            if job.isTreated, let treatment {
                let probe = try treatment.apply(to: photo, face: face, name: job.photo.stem)
                if !probe.isTreated { untreated.append(path) }
                photo = probe.image
                face = try embedder.mainFace(of: photo) ?? probe.fallback
            }
            if face == nil { withoutFace.append(path) }
            waiting.append((job, try embedder.crop(photo, face)))
            if waiting.count == batchSize || index == jobs.count - 1 { try flush() }
            try progress(index + 1, jobs.count)
        }
        func embedding(_ photo: VerificationPair.Photo, isTreated: Bool) throws -> [Float] {
            guard let row = embeddings[Job(photo: photo, isTreated: isTreated)] else {
                throw FacesError.invalidArgument("\(photo.stem): was not embedded")
            }
            return row
        }
        return Outcome(
            pairs: list.pairs,
            scores: try list.pairs.map { pair in
                let a = try embedding(pair.first, isTreated: false)
                let b = try embedding(pair.second, isTreated: isTreating)
                return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
            }, photos: jobs.count, withoutFace: withoutFace, untreated: untreated,
            references: try firsts.map { ($0, try embedding($0, isTreated: false)) },
            probes: try seconds.map { ($0, try embedding($0, isTreated: isTreating)) })
    }

    private struct Job: Hashable {
        let photo: VerificationPair.Photo
        let isTreated: Bool
    }

    /// In order of first use.
    private static func distinct(_ photos: [VerificationPair.Photo]) -> [VerificationPair.Photo] {
        var seen = Set<VerificationPair.Photo>()
        return photos.filter { seen.insert($0).inserted }
    }

    private func findFiles(_ photos: [VerificationPair.Photo]) throws(FacesError) -> [VerificationPair.Photo:
        String]
    {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw .invalidArgument(
                "\(folder): no such folder; expected photos in the layout NAME/NAME_0001.jpg")
        }
        var paths: [VerificationPair.Photo: String] = [:]
        var missing: [String] = []
        for photo in photos where paths[photo] == nil {
            let candidates = ["jpg", "jpeg", "png", "webp"].map { "\(folder)/\(photo.stem).\($0)" }
            if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) {
                paths[photo] = found
            } else {
                missing.append(candidates[0])
            }
        }
        guard missing.isEmpty else {
            throw .invalidArgument(
                "\(missing.count) photos of the list are missing, the first is \(missing[0]); point to the folder that holds one folder per person"
            )
        }
        return paths
    }
}

extension VerificationRun.Outcome {
    public var same: [Bool] { pairs.map(\.isSame) }
    public var folds: [Int] { pairs.map(\.fold) }

    /// Accuracy over folds, AUC, EER, TAR at FAR 10^-exponent.
    public func report(exponents: [Int] = [2, 3]) throws(MetricsError) -> VerificationReport {
        try VerificationReport(scores: scores, same: same, folds: folds, exponents: exponents)
    }

    /// Every distinct first photo against every distinct second one, other than itself: many more impostor pairs than the
    /// list has, so that small false acceptance rates can be measured. Pairs that share a photo are not independent.
    public func allPairs() throws -> VerificationScores {
        let width = references.first?.embedding.count ?? 0
        let columns = try Tensor(values: probes.flatMap(\.embedding), shape: [probes.count, width])
            .transpose(0, 1)
        var (genuine, impostor): ([Float], [Float]) = ([], [])
        impostor.reserveCapacity(references.count * probes.count)
        // In blocks of rows: the whole table would take gigabytes for large lists.
        for start in Swift.stride(from: 0, to: references.count, by: 256) {
            let block = references[start..<min(start + 256, references.count)]
            let table = try withoutGradients {
                try Tensor(values: block.flatMap(\.embedding), shape: [block.count, width]).matmul(columns)
                    .floats()
            }
            for (row, reference) in block.enumerated() {
                for (column, probe) in probes.enumerated() where probe.photo != reference.photo {
                    let score = table[row * probes.count + column]
                    if probe.photo.person == reference.photo.person {
                        genuine.append(score)
                    } else {
                        impostor.append(score)
                    }
                }
            }
        }
        return try VerificationScores(genuine: genuine, impostor: impostor)
    }
}
