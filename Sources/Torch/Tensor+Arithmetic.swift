extension Tensor {
    /// Whole numbers stay integers beside integer tensors, whose dtype they must not change.
    private func scalar(_ value: Double) -> OperatorArgument {
        guard !dtype.isFloatingPoint, let whole = Int(exactly: value) else { return .double(value) }
        return .int(whole)
    }

    public static func + (l: Tensor, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::add.Tensor", l, r)
    }
    public static func - (l: Tensor, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::sub.Tensor", l, r)
    }
    public static func * (l: Tensor, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::mul.Tensor", l, r)
    }
    public static func / (l: Tensor, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::div.Tensor", l, r)
    }
    public static func + (l: Tensor, r: Double) throws(TorchError) -> Tensor {
        try one("aten::add.Scalar", l, l.scalar(r))
    }
    public static func - (l: Tensor, r: Double) throws(TorchError) -> Tensor {
        try one("aten::sub.Scalar", l, l.scalar(r))
    }
    public static func * (l: Tensor, r: Double) throws(TorchError) -> Tensor {
        try one("aten::mul.Scalar", l, l.scalar(r))
    }
    public static func / (l: Tensor, r: Double) throws(TorchError) -> Tensor {
        try one("aten::div.Scalar", l, l.scalar(r))
    }
    public static func + (l: Double, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::add.Scalar", r, r.scalar(l))
    }
    public static func - (l: Double, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::rsub.Scalar", r, r.scalar(l))
    }
    public static func * (l: Double, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::mul.Scalar", r, r.scalar(l))
    }
    public static func / (l: Double, r: Tensor) throws(TorchError) -> Tensor {
        try one("aten::mul.Scalar", try one("aten::reciprocal", r), l)
    }
    public static prefix func - (x: Tensor) throws(TorchError) -> Tensor { try one("aten::neg", x) }

    public func abs() throws(TorchError) -> Tensor { try Self.one("aten::abs", self) }
    public func sqrt() throws(TorchError) -> Tensor { try Self.one("aten::sqrt", self) }
    public func rsqrt() throws(TorchError) -> Tensor { try Self.one("aten::rsqrt", self) }
    public func exp() throws(TorchError) -> Tensor { try Self.one("aten::exp", self) }
    public func log() throws(TorchError) -> Tensor { try Self.one("aten::log", self) }
    public func log1p() throws(TorchError) -> Tensor { try Self.one("aten::log1p", self) }
    public func sin() throws(TorchError) -> Tensor { try Self.one("aten::sin", self) }
    public func cos() throws(TorchError) -> Tensor { try Self.one("aten::cos", self) }
    public func acos() throws(TorchError) -> Tensor { try Self.one("aten::acos", self) }
    public func tanh() throws(TorchError) -> Tensor { try Self.one("aten::tanh", self) }
    public func square() throws(TorchError) -> Tensor { try Self.one("aten::square", self) }
    public func reciprocal() throws(TorchError) -> Tensor { try Self.one("aten::reciprocal", self) }
    public func sign() throws(TorchError) -> Tensor { try Self.one("aten::sign", self) }
    public func floor() throws(TorchError) -> Tensor { try Self.one("aten::floor", self) }
    public func round() throws(TorchError) -> Tensor { try Self.one("aten::round", self) }
    public func pow(_ exponent: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::pow.Tensor_Scalar", self, exponent)
    }

    public func clamp(min: Double? = nil, max: Double? = nil) throws(TorchError) -> Tensor {
        try Self.one("aten::clamp", self, min.map(scalar), max.map(scalar))
    }
    public func maximum(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::maximum", self, other)
    }
    public func minimum(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::minimum", self, other)
    }
    /// start + weight · (end - start).
    public func lerp(_ end: Tensor, _ weight: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::lerp.Scalar", self, end, weight)
    }

    // MARK: Comparison (results are bool)

    public func eq(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::eq.Tensor", self, other)
    }
    public func ne(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::ne.Tensor", self, other)
    }
    public func lt(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::lt.Tensor", self, other)
    }
    public func le(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::le.Tensor", self, other)
    }
    public func gt(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::gt.Tensor", self, other)
    }
    public func ge(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::ge.Tensor", self, other)
    }
    public func eq(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::eq.Scalar", self, scalar(value))
    }
    public func ne(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::ne.Scalar", self, scalar(value))
    }
    public func lt(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::lt.Scalar", self, scalar(value))
    }
    public func le(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::le.Scalar", self, scalar(value))
    }
    public func gt(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::gt.Scalar", self, scalar(value))
    }
    public func ge(_ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::ge.Scalar", self, scalar(value))
    }
    public func logicalNot() throws(TorchError) -> Tensor { try Self.one("aten::logical_not", self) }
    public func logicalAnd(_ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::logical_and", self, other)
    }
    public func isFinite() throws(TorchError) -> Tensor { try Self.one("aten::isfinite", self) }
    /// True when every element is finite.
    public func allFinite() throws(TorchError) -> Bool {
        try Self.one("aten::all", try isFinite()).item() != 0
    }

    /// self where `condition`, else `other`.
    public func whereSelf(_ condition: Tensor, _ other: Tensor) throws(TorchError) -> Tensor {
        try Self.one("aten::where.self", condition, self, other)
    }
    public func maskedFill(_ mask: Tensor, _ value: Double) throws(TorchError) -> Tensor {
        try Self.one("aten::masked_fill.Scalar", self, mask, scalar(value))
    }

    // MARK: In place

    @discardableResult
    public func add_(_ other: Tensor, alpha: Double = 1) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::add_.Tensor", self, other, scalar(alpha))
        return self
    }
    @discardableResult
    public func sub_(_ other: Tensor, alpha: Double = 1) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::sub_.Tensor", self, other, scalar(alpha))
        return self
    }
    @discardableResult
    public func mul_(_ other: Tensor) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::mul_.Tensor", self, other)
        return self
    }
    @discardableResult
    public func add_(_ value: Double) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::add_.Scalar", self, scalar(value))
        return self
    }
    @discardableResult
    public func mul_(_ value: Double) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::mul_.Scalar", self, scalar(value))
        return self
    }
    @discardableResult
    public func clamp_(min: Double? = nil, max: Double? = nil) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::clamp_", self, min.map(scalar), max.map(scalar))
        return self
    }
    @discardableResult
    public func lerp_(_ end: Tensor, _ weight: Double) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::lerp_.Scalar", self, end, weight)
        return self
    }
    @discardableResult
    public func zero_() throws(TorchError) -> Tensor {
        _ = try Self.call("aten::zero_", self)
        return self
    }
    @discardableResult
    public func fill_(_ value: Double) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::fill_.Scalar", self, scalar(value))
        return self
    }
    /// Copies (broadcasting, converting dtype and device) into this tensor's memory.
    @discardableResult
    public func copy_(_ source: Tensor) throws(TorchError) -> Tensor {
        _ = try Self.call("aten::copy_", self, source)
        return self
    }
}
