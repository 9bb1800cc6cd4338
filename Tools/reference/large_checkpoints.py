"""Checkpoints of the size of 1024 pixels in the published layouts, with formula weights, for the tests of `semblance import`.

    python Tools/reference/large_checkpoints.py FOLDER       # what the tests run, in the set-up's Python: torch is enough
    python Tools/reference/large_checkpoints.py --fixture    # writes Tests/UnmaskingTests/Fixtures/large-checkpoints.safetensors

stylegan2-1024.pt is whole: every tensor of the published generator (config F, 30 M numbers), as its keys and shapes are listed in
stylegan2-keys.json. What it draws is in the fixtures of stylegan2.py. e4e-1024.pt and psp-1024.pt have 18 styles, the decoder of 1024
pixels and the encoder of 256, all with few channels: whole ones have 270 M numbers, which takes a test minutes."""

import argparse
import json
import math
import pathlib
import sys

import torch

import inversion
import stylegan2
from inversion_checkpoints import TRUNK, state
from stylegan2 import FIXTURES, fir, hashed

CHANNELS = {4: 8, 8: 8, 16: 8, 32: 6, 64: 6, 128: 4, 256: 4, 512: 4, 1024: 4}
STYLES, STYLE = 18, 16


def whole():
    shapes = json.loads((FIXTURES / "stylegan2-keys.json").read_text())["generator.1024"]
    weights = {
        key: fir(gain=4.0).float() if key.endswith("kernel") else stylegan2.parameter(key, tuple(shape)).float()
        for key, shape in shapes.items()
    }
    return {"g_ema": weights, "latent_avg": hashed("latent_avg", (512,)).float(), "args": argparse.Namespace(size=1024)}


def decoder():
    return stylegan2.Generator(1024, CHANNELS, style=STYLE, depth=2, grad=False)


def narrow():
    network, painter = inversion.Pyramid(STYLES, STYLE, **TRUNK), decoder()
    with torch.no_grad():
        network(hashed("face", (1, 3, 256, 256)))
        painter.mapping(hashed("z", (1, STYLE)))
        painter.synthesis(hashed("w", (1, STYLES, STYLE)), painter.noises())
    weights = state(network, "encoder.") | {f"decoder.{key}": value.float() for key, value in painter.p.items()}
    return weights, inversion.parameter("latent_avg", (STYLES, STYLE)).float()


def main(folder):
    torch.save(whole(), folder / "stylegan2-1024.pt")
    weights, means = narrow()
    for name, encoder in (("e4e", "Encoder4Editing"), ("psp", "GradualStyleEncoder")):
        options = argparse.Namespace(encoder_type=encoder, start_from_latent_avg=True, output_size=1024)
        torch.save({"state_dict": weights, "latent_avg": means, "opts": options}, folder / f"{name}-1024.pt")


def fixture():
    from safetensors.numpy import save_file

    network, painter = inversion.Pyramid(STYLES, STYLE, **TRUNK), decoder()
    mean, values = inversion.parameter("latent_avg", (STYLES, STYLE)), {}
    with torch.no_grad():
        offsets = network(hashed("face", (1, 3, 256, 256)))
        for name, rule in (("psp", inversion.psp), ("e4e", inversion.e4e)):
            codes = rule(offsets, mean)
            image = painter.synthesis(codes, painter.noises())
            assert image.shape[2] == 1024 and math.isfinite(image.abs().max())
            values[f"{name}.codes"] = codes.float().numpy()
            values[f"{name}.image"] = image[:, :, 3::32, 5::32].contiguous().float().numpy()
    save_file(values, FIXTURES / "large-checkpoints.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1] == "--fixture":
        fixture()
    else:
        main(pathlib.Path(sys.argv[1]))
