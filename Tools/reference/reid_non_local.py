"""Reference values for non-local attention in re-identification's ResNets. Usage: reid_non_local.py [FIXTURE-FILE]

Written from Ye et al. 2020 (eq. 14) and Wang et al. 2018 in reid_networks.py, with the matrix of all pairs; weights by formula from
their keys. non_local.safetensors holds
  block.half, block.single   output in evaluation mode, fp32, for "x" [2, 12, 5, 3]
  block.half.KEY             fp64 gradients of sum(output * probe) in training mode, by parameter, and for "x"
  resnet50.half, .single     every 32nd channel of the feature map for formula images [2, 3, 72, 40], last stride 1, fp64, in
                             training mode
  resnet18.half"""

import pathlib
import sys

import torch
from safetensors.torch import save_file

from reid_networks import HEIGHT, WIDTH, Store, formula, non_local, resnet

INNER = {"half": lambda channels: channels // 2, "single": lambda channels: 1}


def main(path):
    torch.set_num_threads(1)
    tensors = {}
    x = formula("x", (2, 12, 5, 3))
    for name, inner in INNER.items():
        with torch.no_grad():
            tensors[f"block.{name}"] = non_local(Store(), x, "block", inner(12))
    store, leaf = Store(torch.float64, training=True), x.double().requires_grad_()
    output = non_local(store, leaf, "block", 6)
    (output * formula("probe", output.shape).double()).sum().backward()
    tensors["block.half.x"] = leaf.grad
    tensors |= {f"block.half.{key.removeprefix('block.')}": value.grad for key, value in store.parameters.items()}
    # In training mode: without normalisation by the batch the products of three maps would overflow.
    images = formula("images", (2, 3, HEIGHT, WIDTH)).double()
    with torch.no_grad():
        for depth, name in [(50, "half"), (50, "single"), (18, "half")]:
            store = Store(torch.float64, training=True)
            tensors[f"resnet{depth}.{name}"] = resnet(depth, inner=INNER[name])(store, images, 1)[:, ::32]
    save_file({key: value.contiguous() for key, value in tensors.items()}, path)
    print({key: f"{value.abs().max().item():.3g}" for key, value in tensors.items()})


if __name__ == "__main__":
    default = pathlib.Path(__file__).parents[2] / "Tests/ReIDTests/Fixtures/non_local.safetensors"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
