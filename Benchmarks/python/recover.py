"""A whole recovery, encoder and generator: an aligned face in, the drawn face and the mask's alpha out."""

import torch
import torch.nn.functional as F
from torch import nn

from encoder import Encoder
from stylegan2 import Generator


class Recover(nn.Module):
    def __init__(self, tuned, c):
        super().__init__()
        g = c["generator"]
        channels = {int(key): value for key, value in g["channels"].items()}
        self.encoder = Encoder(tuned, c["encoder"])
        self.generator = Generator(tuned, g["size"], channels, g["styleDimension"], g["mappingDepth"])
        self.size = g["size"]

    def forward(self, faces):
        latents, logits, offsets = self.encoder.encode(faces)
        image = self.generator(latents, offsets)
        if logits.shape[2] != self.size:
            logits = F.interpolate(logits, (self.size, self.size), mode="bilinear")
        return [image, torch.sigmoid(logits)]
