import NN
import Testing
import Torch
import Unmasking

@Suite struct ModulatedConvolutionTests {
    /// Outputs, gradients and gradients of gradients against per-sample weights in a grouped convolution.
    @Test(arguments: ["flat", "up", "plain", "one"])
    func agreesWithGroupedForm(_ name: String) throws {
        let fixture = try Reference.read("stylegan2.safetensors")
        let layer = try ModulatedConv2d(
            6, 4, kernel: name == "one" ? 1 : 3, styleDimension: 8,
            demodulates: name == "flat" || name == "up",
            upsampling: name == "up" ? FIRFilter() : nil, in: Context(seed: 1))
        try Reference.fill(layer)
        let x = try Reference.hashed("modulated.x", [2, 6, 5, 5]).requiresGrad_()
        let w = try Reference.hashed("modulated.w", [2, 8]).requiresGrad_()
        let y = try layer(x, style: w)
        try expectParity(y, fixture["modulated.\(name)"], name)

        let loss = try (y * Reference.hashed("modulated.direction", y.shape)).sum()
        let inputs = [
            ("x", x), ("w", w), ("weight", layer.weight), ("modulation.weight", layer.modulation.weight),
            ("modulation.bias", layer.modulation.bias),
        ]
        let gradients = try Autograd.grad(outputs: [loss], inputs: inputs.map(\.1), createGraph: true)
        for ((key, _), gradient) in zip(inputs, gradients) {
            try expectParity(gradient, fixture["modulated.\(name).grad.\(key)"], "\(name).grad.\(key)")
        }
        let squares = try #require(gradients[0]).square().sum() + #require(gradients[1]).square().sum()
        let second = [("weight", layer.weight), ("modulation.weight", layer.modulation.weight), ("w", w)]
        for ((key, _), gradient) in zip(
            second, try Autograd.grad(outputs: [squares], inputs: second.map(\.1)))
        {
            try expectParity(gradient, fixture["modulated.\(name).second.\(key)"], "\(name).second.\(key)")
        }
    }
}
