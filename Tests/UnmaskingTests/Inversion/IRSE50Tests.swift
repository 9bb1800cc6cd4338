import Faces
import Foundation
import NN
import Testing
import Torch
import Unmasking

/// Serialised: the full networks take up to a gigabyte each.
@Suite(.serialized) struct IRSE50Tests {
    @Test func narrowNetworkAgreesWithReference() throws {
        let fixture = try Reference.read("inversion.safetensors")
        let network = try IRSE50(
            InversionReference.narrowTrunk, size: 32, dimension: 24, in: Context(seed: 1))
        try InversionReference.fill(network)
        let faces = try Reference.hashed("face", [2, 3, 32, 32]).requiresGrad_()
        let output = try network(faces)
        try expectParity(output, fixture["recogniser"], "recogniser")
        let direction = try Reference.hashed("direction", output.shape)
        let gradient = try Autograd.grad(outputs: [(output * direction).sum()], inputs: [faces])[0]
        try expectParity(
            try InversionReference.sparse(gradient), fixture["recogniser.gradient"], "recogniser gradient")
        try expectParity(try network.embed(faces), fixture["recogniser.unit"], "unit embedding")
    }

    @Test func publishedNetworkHasThePublishedKeysAndAgrees() throws {
        let network = try IRSE50(in: Context(seed: 1))
        let actual = Dictionary(uniqueKeysWithValues: network.stateDict().map { ($0.key, $0.tensor.shape) })
        #expect(try actual == InversionReference.keys("recogniser"))
        #expect(network.alignment == .arcFace112)
        try InversionReference.fill(network)
        let output = try noGrad { () throws(TorchError) in
            try network(Reference.hashed("face", [1, 3, 112, 112]))
        }
        try expectParity(
            output, Reference.read("inversion.safetensors")["full.recogniser"], "full IR-SE50")
    }

    @Test func impossibleConfigurationsAndInputsAreNamed() throws {
        var trunk = InversionReference.narrowTrunk
        trunk.stageBlocks = [1, 1]
        #expect(throws: FacesError.self) { try IRSE50(trunk, in: Context(seed: 1)) }
        #expect(throws: FacesError.self) {
            try IRSE50(InversionReference.narrowTrunk, size: 50, in: Context(seed: 1))
        }
        let network = try IRSE50(InversionReference.narrowTrunk, size: 32, in: Context(seed: 1))
        let error = #expect(throws: TorchError.self) { try network(Tensor.zeros([1, 3, 64, 64])) }
        #expect("\(try #require(error))".contains("expected [batch, 3, 32, 32]"))
    }
}
