"""One training step of the unmasker: encoder and generator, pixel, LPIPS (Alex), segmentation, code and EdgeFace identity losses,
clipping, Adam, moving average. No discriminator, as in the stages of Configs/unmasker-128.json5."""

import contextlib
import math

import torch
import torch.nn.functional as F
from torch import nn

from edgeface import EdgeFace
from encoder import Encoder
from lpips_alex import LPIPS
from moving_average import MovingAverage
from stylegan2 import Generator


class Model(nn.Module):
    def __init__(self, tuned, c):
        super().__init__()
        g = c["generator"]
        channels = {int(key): value for key, value in g["channels"].items()}
        self.encoder = Encoder(tuned, c["encoder"])
        self.generator = Generator(tuned, g["size"], channels, g["styleDimension"], g["mappingDepth"])


class Step:
    def __init__(self, tuned, c):
        self.tuned, self.c, self.stage = tuned, c, c["stage"]
        self.model, self.lpips, self.edgeface = Model(tuned, c["networks"]), LPIPS(tuned), EdgeFace(tuned)

    def load(self, tensors):
        def part(prefix):
            return {key[len(prefix) :]: value for key, value in tensors.items() if key.startswith(prefix)}

        for name in ("model", "lpips", "edgeface"):
            getattr(self, name).load_state_dict(part(name + "."))
        self.lpips.eval().requires_grad_(False)
        self.edgeface.eval().requires_grad_(False)
        self.average = MovingAverage(self.model, self.c["averageDecay"])
        self.grid = tensors["grid"]
        # Tuned: libtorch's fused kernel, as ours.
        options = {"fused": True} if self.tuned else {}
        self.groups = [list(self.model.encoder.parameters()), list(self.model.generator.parameters())]
        self.optimizers = [
            torch.optim.Adam(group, self.stage["rate"], (0.9, 0.99), **options) for group in self.groups
        ]

    def mixed(self):
        return torch.autocast("cpu", torch.bfloat16) if self.c["bfloat16"] else contextlib.nullcontext()

    def embed(self, faces):
        crop = F.grid_sample(faces, self.grid.expand(len(faces), -1, -1, -1), align_corners=False)
        return F.normalize(self.edgeface(crop)[0], dim=-1)

    def __call__(self, clean, face, alpha):
        stage = self.stage
        with self.mixed():
            latents, logits, offsets = self.model.encoder.encode(face)
            image = self.model.generator(latents, offsets)
        output, latents, logits = image.float(), latents.float(), logits.float()
        losses = {}

        weights = alpha * (stage["pixel"]["hidden"] - stage["pixel"]["visible"]) + stage["pixel"]["visible"]
        losses["pixel"] = ((output - clean).abs() * weights).sum() / (weights.sum() * 3).clamp(min=1e-6)
        with self.mixed():
            with torch.no_grad():
                target = self.lpips.maps(clean)
            weights = alpha * stage["hiddenPerceptual"] + 1
            losses["perceptual"] = self.lpips.distance(self.lpips.maps(output), target, weights).float().mean()

        wanted = F.adaptive_avg_pool2d(alpha, logits.shape[2:])
        p = logits.sigmoid()
        overlap, sizes = (p * wanted).sum((1, 2, 3)), (p.square() + wanted.square()).sum((1, 2, 3))
        dice = 1 - ((overlap * 2 + 1) / (sizes + 1)).mean()
        entropy = F.binary_cross_entropy_with_logits(logits, wanted)
        losses["segmentation"] = entropy + dice * stage["segmentation"]["diceWeight"]
        deltas = latents[:, 1:] - latents[:, :1]
        losses["delta"] = (deltas.square().sum(2) + 1e-8).sqrt().mean(0).sum()
        losses["offsets"] = sum(offset.float().square().mean() for _, offset in sorted(offsets.items()))

        worn = (alpha.amax((1, 2, 3), keepdim=True) > 0.5).float()
        judged = clean + (output - clean) * (alpha * worn + (1 - worn))
        with self.mixed():
            with torch.no_grad():
                target = self.embed(clean)
            losses["identity"] = (1 - (self.embed(judged) * target).sum(1).mean()).float()

        scale = {
            "pixel": stage["pixel"]["weight"], "perceptual": stage["perceptual"],
            "segmentation": stage["segmentation"]["weight"], "delta": stage["latent"]["deltaWeight"],
            "offsets": stage["featureOffset"], "identity": stage["identity"],
        }  # fmt: skip
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        # One transfer for all values, and NaN found before anything changes.
        values = torch.stack([loss.detach() for loss in losses.values()]).tolist()
        assert all(map(math.isfinite, values)), values
        sum(loss * scale[name] for name, loss in losses.items()).backward()
        for optimizer, group in zip(self.optimizers, self.groups):
            norm = nn.utils.clip_grad_norm_(group, 10).item()
            assert math.isfinite(norm)
            optimizer.step()
        self.average.update()
        return dict(zip(losses, values))
