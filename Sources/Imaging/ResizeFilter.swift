import Foundation

/// Reconstruction filters; when shrinking they widen with the scale, so that nothing aliases.
public enum ResizeFilter: Sendable {
    /// Bilinear when enlarging.
    case triangle
    /// Keys' cubic with a = -0.5.
    case bicubic
    case lanczos3

    var support: Double {
        switch self {
        case .triangle: 1
        case .bicubic: 2
        case .lanczos3: 3
        }
    }

    func weight(_ x: Double) -> Double {
        let x = abs(x)
        switch self {
        case .triangle: return max(0, 1 - x)
        case .bicubic:
            if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
        case .lanczos3:
            guard x < 3 else { return 0 }
            guard x > 1e-9 else { return 1 }
            let t = Double.pi * x
            return 3 * sin(t) * sin(t / 3) / (t * t)
        }
    }
}
