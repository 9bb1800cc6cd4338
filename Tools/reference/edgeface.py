"""Reference values for EdgeFace from timm's EdgeNeXt. Usage: edgeface.py [FIXTURE-FOLDER]

Writes a narrow network (every kind of block, uneven channel chunks) with formula weights: output, gradients of
sum(output * probe) with respect to the input and to some parameters. Needs torch, timm, safetensors."""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from timm.models.edgenext import EdgeNeXt

from formula import uniform, weight

PARAMETERS = [
    "stem.0.weight",
    "stages.0.blocks.1.gamma",
    "stages.1.blocks.1.pos_embd.token_projection.weight",
    "stages.2.blocks.2.convs.1.weight",
    "stages.2.blocks.2.xca.temperature",
    "stages.2.blocks.2.gamma_xca",
    "stages.3.downsample.0.weight",
    "stages.3.blocks.1.xca.qkv.weight",
    "head.fc.bias",
]


def main(folder):
    torch.set_num_threads(1)
    network = EdgeNeXt(
        num_classes=16, dims=(8, 12, 22, 32), depths=(2, 2, 3, 2), heads=(2, 2, 2, 2), kernel_sizes=(3, 5, 7, 9)
    ).eval()
    state = network.state_dict()
    network.load_state_dict({key: torch.from_numpy(weight(key, tuple(value.shape))) for key, value in state.items()})
    images = torch.from_numpy(uniform("images", 2 * 3 * 64 * 64).reshape(2, 3, 64, 64)).requires_grad_()
    probe = torch.from_numpy(uniform("probe", 2 * 16).reshape(2, 16))
    output = network(images)
    (output * probe).sum().backward()
    tensors = {"output": output.detach(), "gradient.images": images.grad}
    for name, parameter in network.named_parameters():
        if name in PARAMETERS:
            tensors[f"gradient.{name}"] = parameter.grad
    print("output", output.abs().max().item(), "keys", len(state))
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "edgeface.safetensors")


if __name__ == "__main__":
    default = pathlib.Path(__file__).parents[2] / "Tests/FacesTests/Fixtures"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
