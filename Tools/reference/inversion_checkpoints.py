"""Checkpoints in the published layouts, with formula weights and narrow networks, for the tests of `semblance import`.

    python Tools/reference/inversion_checkpoints.py FOLDER

Writes stylegan2.pt (g_ema, g, d, latent_avg, optimisers, args), bare.pt (a generator's state dict alone), e4e.pt and psp.pt
(state_dict, latent_avg, opts), parallel.pt (IR-SE50's layout behind `module.`, narrow: it must be refused by shape), evil.pt and
evil-old.pt (pickles that want to run a command). Needs torch alone, so the set-up's Python can run it while the tests run."""

import argparse
import os
import pathlib
import sys

import torch

import inversion
import stylegan2
from stylegan2 import hashed

CHANNELS = {4: 12, 8: 10, 16: 8, 32: 6, 64: 4}
TRUNK = dict(stem=8, widths=(8, 8, 16, 16), reduction=4)


def generator(size=64):
    network = stylegan2.Generator(size, CHANNELS, style=16, depth=3, grad=False)
    with torch.no_grad():
        network.synthesis(network.mapping(hashed("z", (1, 16)))[:, None].expand(-1, network.styles, -1), network.noises())
    return {key: value.float() for key, value in network.p.items()}


def discriminator(size=64):
    network = stylegan2.Discriminator(size, CHANNELS, grad=False)
    with torch.no_grad():
        network(hashed("real", (1, 3, size, size)))
    return {key: value.float() for key, value in network.p.items()}


def state(network, prefix):
    return {
        prefix + key: inversion.parameter(prefix + key, tuple(shape)).to(
            torch.int64 if key.endswith("num_batches_tracked") else torch.float32
        )
        for key, shape in network.shapes.items()
    }


class Command:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch '{self.marker}'",)


def main(folder):
    torch.set_num_threads(1)
    g, d = generator(), discriminator()
    mean = inversion.parameter("latent_avg", (16,)).float()
    optimiser = {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 0.002}]}
    torch.save(
        {"g_ema": g, "g": {key: value + 1 for key, value in g.items()}, "d": d, "latent_avg": mean, "g_optim": optimiser,
         "args": argparse.Namespace(size=64, channel_multiplier=2), "ada_aug_p": 0.1},
        folder / "stylegan2.pt")
    torch.save(g, folder / "bare.pt", _use_new_zipfile_serialization=False)

    network = inversion.Pyramid(10, 16, **TRUNK)
    with torch.no_grad():
        network(hashed("face", (1, 3, 256, 256)))
    weights = state(network, "encoder.") | {"decoder." + key: value for key, value in g.items()}
    means = inversion.parameter("latent_avg", (10, 16)).float()
    options = {"encoder_type": "Encoder4Editing", "start_from_latent_avg": True, "device": torch.device("cpu")}
    torch.save({"state_dict": weights, "latent_avg": means, "opts": options, "optimizer": optimiser,
                "discriminator_state_dict": {"a": torch.zeros(2)}}, folder / "e4e.pt")
    options = {"encoder_type": "GradualStyleEncoder", "start_from_latent_avg": True, "learn_in_w": False}
    torch.save({"state_dict": weights, "latent_avg": means, "opts": argparse.Namespace(**options)}, folder / "psp.pt")

    network = inversion.Recogniser(**TRUNK)
    with torch.no_grad():
        network(hashed("face", (1, 3, 112, 112)))
    torch.save({"state_dict": state(network, "module.")}, folder / "parallel.pt")

    for name, modern in (("evil.pt", True), ("evil-old.pt", False)):
        harm = {"g_ema": g, "args": Command(folder / "marker")}
        torch.save(harm, folder / name, _use_new_zipfile_serialization=modern)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
