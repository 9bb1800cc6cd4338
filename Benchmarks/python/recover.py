"""A whole recovery, encoder and generator: an aligned face in, the drawn face and the mask's alpha out."""

import torch
import torch.nn.functional as F

from unmasker_step import Model


class Recover(Model):
    def __init__(self, tuned, c):
        super().__init__(tuned, c)
        self.size = c["generator"]["size"]

    def forward(self, faces):
        latents, logits, offsets = self.encoder.encode(faces)
        image = self.generator(latents, offsets)
        if logits.shape[2] != self.size:
            logits = F.interpolate(logits, (self.size, self.size), mode="bilinear")
        return [image, torch.sigmoid(logits)]
