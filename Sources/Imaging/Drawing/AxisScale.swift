import Foundation

/// Maps values of an axis to 0…1 and chooses its ticks.
struct AxisScale {
    let low: Double
    let high: Double
    let isLogarithmic: Bool

    /// Covers the values, or `range` where one is given. Values that a logarithmic axis cannot show are ignored.
    init(covering values: [Double], range: ClosedRange<Double>?, isLogarithmic: Bool) {
        self.isLogarithmic = isLogarithmic
        let shown = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        var (low, high) = (shown.min() ?? (isLogarithmic ? 0.1 : 0), shown.max() ?? 1)
        if isLogarithmic {
            if let range {
                if range.upperBound > 0 { high = range.upperBound }
                low = range.lowerBound > 0 ? range.lowerBound : min(low, high)
            }
            if !(high / low > 1.0001) { (low, high) = (low / 10, low * 10) }
        } else if let range, range.lowerBound < range.upperBound, range.lowerBound.isFinite,
            range.upperBound.isFinite
        {
            (low, high) = (range.lowerBound, range.upperBound)
        } else {
            if !(high > low) { (low, high) = (low - 0.5, low + 0.5) }
            let step = AxisScale.step(high - low)
            (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
        }
        self.low = low
        self.high = high
    }

    /// Nil for what the axis cannot show; values beyond its ends give less than 0 or more than 1.
    func position(_ value: Double) -> Double? {
        guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
        return isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    }

    /// Round values with their labels.
    func ticks() -> [(value: Double, label: String)] {
        if isLogarithmic {
            let first = Int((log10(low) - 1e-9).rounded(.up))
            let last = Int((log10(high) + 1e-9).rounded(.down))
            if last > first {
                let every = max(1, (last - first + 1) / 8)
                return stride(from: first, through: last, by: every).map { exponent in
                    let value = pow(10, Double(exponent))
                    return (
                        value, (-3...3).contains(exponent) ? String(format: "%g", value) : "1e\(exponent)"
                    )
                }
            }
            return [low, (low * high).squareRoot(), high].map { ($0, String(format: "%.3g", $0)) }
        }
        let step = AxisScale.step(high - low)
        let first = (low / step - 1e-9).rounded(.up)
        let count = Int(((high - first * step) / step + 1e-9).rounded(.down))
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        return (0...max(0, count)).map { index in
            let value = (first + Double(index)) * step
            let label =
                high.magnitude >= 1e6 || decimals > 5
                ? String(format: "%.3g", value) : String(format: "%.\(decimals)f", value == 0 ? 0 : value)
            return (value, label)
        }
    }

    /// 1, 2 or 5 times a power of ten, so that four to ten steps fill the span.
    private static func step(_ span: Double) -> Double {
        let power = pow(10, log10(span / 5).rounded(.down))
        let factor = span / 5 / power
        return power * (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10)
    }
}
