"""The moving average of a network's weights that a finished model is."""

import copy

import torch


class MovingAverage:
    def __init__(self, network, decay):
        self.decay, self.count = decay, 0
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.sources, self.targets = list(network.parameters()), list(self.network.parameters())
        self.buffers = list(zip(self.network.buffers(), network.buffers()))

    @torch.no_grad()
    def update(self):
        # Short at first, so that the random start is soon forgotten.
        decay = min(self.decay, (self.count + 1) / (self.count + 10))
        torch._foreach_lerp_(self.targets, self.sources, 1 - decay)
        for target, source in self.buffers:
            target.copy_(source)
        self.count += 1
