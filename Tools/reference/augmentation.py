"""Reference values for adaptive discriminator augmentation and for whole steps of a generator's training, in PyTorch and float64.

Written from Karras et al., "Training Generative Adversarial Networks with Limited Data" (2020), appendix B, and "Analyzing and
Improving the Image Quality of StyleGAN" (2020), appendix B. The wavelet's filter is found here by spectral factorisation, places are
moved by PyTorch's own padding, convolution and sampling. Where second derivatives are needed, which PyTorch's sampling lacks, the move
is written out as a dense matrix, from what it does to every single pixel.

Random numbers come from PyTorch's generator, which the Swift side shares.

    python Tools/reference/augmentation.py      # writes Tests/UnmaskingTests/Fixtures/augmentation.safetensors
"""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from stylegan2 import FIXTURES, Discriminator, Generator, hashed, out, put


def sym6():
    """The least asymmetric orthonormal scaling filter with six vanishing moments: of all ways to choose one root of each pair, the one
    whose phase is most nearly linear."""
    moments = 6
    # P(y) = sum of binomial(5 + k, k) y^k with y = (2 - z - 1/z) / 4, as a polynomial in z.
    total = np.zeros(2 * moments - 1)
    for k in range(moments):
        term = np.array([1.0])
        for _ in range(k):
            term = np.convolve(term, [-0.25, 0.5, -0.25])
        pad = moments - 1 - k
        total += math.comb(moments - 1 + k, k) * np.pad(term, (pad, pad))
    roots = np.roots(total)
    inside = [r for r in roots if abs(r) < 1]
    groups = [[r] if abs(r.imag) < 1e-9 else [r, np.conj(r)] for r in inside if r.imag > -1e-9]
    best = None
    for choice in itertools.product([False, True], repeat=len(groups)):
        picked = [1 / r if outside else r for group, outside in zip(groups, choice) for r in group]
        taps = np.real(np.poly(picked))
        for _ in range(moments):
            taps = np.convolve(taps, [1.0, 1.0])
        taps = taps / taps.sum() * math.sqrt(2)
        omega = np.linspace(0.01, np.pi / 2, 200)
        response = np.exp(-1j * np.outer(omega, np.arange(len(taps)))) @ taps
        phase = np.unwrap(np.angle(response))
        slope = (phase @ omega) / (omega @ omega)
        wrong = np.abs(phase - slope * omega).max()
        if best is None or wrong < best[0] - 1e-9:
            best = (wrong, taps)
    taps = best[1]
    # Of the filter and its mirror image, the one that the usual tables list: it ends on its smaller taps.
    return taps if abs(taps[0]) > abs(taps[-1]) else taps[::-1].copy()


TAPS = sym6()


def turned(angle):
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def scaled(x, y):
    return np.diag([x, y, 1.0])


def shifted(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def geometry(d, size):
    """Where pixels go: the later step stands left."""
    m = scaled(-1 if d["mirrored"] else 1, 1)
    m = turned(-math.pi / 2 * d["quarters"]) @ m
    m = shifted(np.round(d["shift"][0] * size), np.round(d["shift"][1] * size)) @ m
    m = scaled(d["scale"], d["scale"]) @ m
    m = turned(-d["turn"]) @ m
    m = scaled(d["stretch"], 1 / d["stretch"]) @ m
    m = turned(-d["late"]) @ m
    return shifted(d["offset"][0] * size, d["offset"][1] * size) @ m


def colours(d):
    v = np.array([1, 1, 1, 0]) / math.sqrt(3)
    grey = np.outer(v, v)
    m = np.eye(4)
    m[:3, 3] = d["brightness"]
    m = np.diag([d["contrast"]] * 3 + [1]) @ m
    if d["luma"]:
        m = (np.eye(4) - 2 * grey) @ m
    # A rotation about the grey axis, by the exponential of its generator.
    x, y, z = v[:3]
    cross = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64)
    hue = np.eye(4)
    hue[:3, :3] = torch.matrix_exp(cross * d["hue"]).numpy()
    m = hue @ m
    m = (grey + (np.diag([1, 1, 1, 0]) - grey) * d["saturation"] + np.diag([0, 0, 0, 1])) @ m
    return m[:3]


def move(x, back, taps=TAPS):
    """x [n, c, s, s]; back: inverse geometry of each image, in pixels from the centre."""
    n, c, size, _ = x.shape
    reach = len(taps) // 4
    centre = (size - 1) / 2
    corners = np.array([[-centre, -centre, 1], [centre, -centre, 1], [centre, centre, 1], [-centre, centre, 1]]).T
    seen = np.stack([m @ corners for m in back])[:, :2]
    most = np.concatenate([(-seen).max((0, 2)), seen.max((0, 2))]) + 2 * reach - centre
    left, top, right, bottom = (int(math.ceil(v)) for v in np.clip(most, 0, size - 1))
    x = F.pad(x, (left, right, top, bottom), mode="reflect")
    filter_ = torch.tensor(np.outer(taps, taps) / taps.sum() ** 2)[None, None]

    big = x.new_zeros(n * c, 1, 2 * x.shape[2], 2 * x.shape[3])
    big[:, :, ::2, ::2] = x.reshape(n * c, 1, *x.shape[2:])
    big = F.conv2d(F.pad(big, (6, 5, 6, 5)), torch.flip(filter_, (2, 3)) * 4)
    big = big.reshape(n, c, *big.shape[2:])

    side = 2 * (size + 2 * reach)
    thetas = []
    for m in back:
        m = shifted((left - right) / 2, (top - bottom) / 2) @ m
        m = scaled(2, 2) @ m @ scaled(0.5, 0.5)
        m = shifted(-0.5, -0.5) @ m @ shifted(0.5, 0.5)
        thetas.append((scaled(2 / big.shape[3], 2 / big.shape[2]) @ m @ scaled(side / 2, side / 2))[:2])
    grid = F.affine_grid(torch.tensor(np.stack(thetas)), [n, c, side, side], align_corners=False)
    big = F.grid_sample(big, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    # The margin of twice the reach is cut off but for what the filter needs.
    small = F.conv2d(big.reshape(n * c, 1, side, side)[:, :, 1:-1, 1:-1], filter_, stride=2)
    return small.reshape(n, c, size, size)


def recoloured(x, draws):
    maps = torch.tensor(np.stack([colours(d) for d in draws]))
    flat = maps[:, :, :3] @ x.reshape(x.shape[0], 3, -1) + maps[:, :, 3:]
    return flat.reshape(x.shape)


def dense(draws, size):
    """Matrices [n, s², s²] of the moves of a batch."""
    back = [np.linalg.inv(geometry(d, size)) for d in draws]
    unit = torch.eye(size * size, dtype=torch.float64).reshape(1, size * size, size, size).expand(len(draws), -1, -1, -1)
    return move(unit, back).reshape(len(draws), size * size, size * size).transpose(1, 2)


def still(**changes):
    plain = dict(
        mirrored=False, quarters=0, shift=(0, 0), scale=1, turn=0, stretch=1, late=0, offset=(0, 0), brightness=0, contrast=1,
        luma=False, hue=0, saturation=1,
    )  # fmt: skip
    return plain | changes


CASES = [
    dict(mirrored=True), dict(quarters=1), dict(quarters=3), dict(shift=(0.11, -0.06)), dict(scale=0.8), dict(turn=0.4),
    dict(stretch=1.2), dict(late=-2.5), dict(offset=(0.043, -0.171)), dict(brightness=0.3), dict(contrast=1.6), dict(luma=True),
    dict(hue=1.1), dict(saturation=0.4), {},
    dict(mirrored=True, quarters=2, shift=(-0.1, 0.12), scale=1.3, turn=2, stretch=0.85, late=0.7, offset=(0.1, 0.02), brightness=-0.2,
         contrast=0.7, luma=True, hue=-2, saturation=2),
]  # fmt: skip


def transforms(size=16):
    x = hashed("augmented", (len(CASES), 3, size, size))
    for n, case in enumerate(CASES):
        d = still(**case)
        put(f"case.{n}", recoloured(move(x[n : n + 1], [np.linalg.inv(geometry(d, size))]), [d]))
    # All at once: margins are those of the whole batch.
    draws = [still(**case) for case in CASES]
    put("batch", recoloured(move(x, [np.linalg.inv(geometry(d, size)) for d in draws]), draws))
    out["sym6"] = TAPS


# --- whole steps ----------------------------------------------------------------------------------------------------


def derived(base, *parts):
    mask = (1 << 64) - 1
    state = base
    for part in parts:
        state = ((state ^ part) + 0x9E3779B97F4A7C15) & mask
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & mask
        state ^= state >> 31
    return state


class Run:
    size, channels, style, batch = 16, {4: 8, 8: 8, 16: 6}, 16, 4
    rate, mixing, interval = 2e-3, 0.9, 2

    def __init__(self, p):
        self.g, self.d = Generator(self.size, self.channels, self.style, 2), Discriminator(self.size, self.channels)
        self.g.synthesis(self.g.mapping(hashed("z", (1, self.style)))[:, None].expand(-1, self.g.styles, -1))
        self.d(hashed("x", (1, 3, self.size, self.size)))
        self.random = torch.Generator().manual_seed(derived(1, 3))
        share = self.interval / (self.interval + 1)
        self.optimisers = [
            torch.optim.Adam([v for v in net.p.values() if v.requires_grad], lr=self.rate * share, betas=(0.0, 0.99**share), eps=1e-8)
            for net in (self.g, self.d)
        ]
        self.mean_path, self.p = 0.0, p

    def normal(self, *shape):
        return torch.randn(shape, generator=self.random).double()

    def codes(self, n):
        first = self.g.mapping(self.normal(n, self.style))
        mixes = torch.rand(1, generator=self.random).item() < self.mixing
        codes = first[:, None].expand(-1, self.g.styles, -1)
        if not mixes:
            return codes
        second = self.g.mapping(self.normal(n, self.style))
        cut = torch.randint(1, self.g.styles, (1,), generator=self.random).item()
        return torch.cat([codes[:, :cut], second[:, None].expand(-1, self.g.styles - cut, -1)], 1)

    def drawn(self, codes):
        n = codes.shape[0]
        sizes = [self.g.sizes[(k + 1) // 2] for k in range(2 * len(self.g.sizes) - 1)]
        return self.g.synthesis(codes, [self.normal(n, 1, s, s) for s in sizes])

    def draws(self, n):
        u = torch.rand(n, 19, generator=self.random).double().numpy()
        g = torch.randn(n, 7, generator=self.random).double().numpy()
        p, late, found = self.p, 1 - math.sqrt(1 - self.p), []
        for a, b in zip(u, g):
            d = still()
            if a[0] < p:
                d["mirrored"] = a[13] < 0.5
            if a[1] < p:
                d["quarters"] = min(3, int(a[14] * 4))
            if a[2] < p:
                d["shift"] = ((a[15] - 0.5) / 4, (a[16] - 0.5) / 4)
            if a[3] < p:
                d["scale"] = 2 ** (0.2 * b[0])
            if a[4] < late:
                d["turn"] = (2 * a[4] / late - 1) * math.pi
            if a[5] < p:
                d["stretch"] = 2 ** (0.2 * b[1])
            if a[6] < late:
                d["late"] = (2 * a[6] / late - 1) * math.pi
            if a[7] < p:
                d["offset"] = (b[2] / 8, b[3] / 8)
            if a[8] < p:
                d["brightness"] = 0.2 * b[4]
            if a[9] < p:
                d["contrast"] = 2 ** (0.5 * b[5])
            if a[10] < p:
                d["luma"] = a[17] < 0.5
            if a[11] < p:
                d["hue"] = (2 * a[18] - 1) * math.pi
            if a[12] < p:
                d["saturation"] = 2 ** b[6]
            found.append(d)
        return found

    def view(self, x):
        if self.p == 0:
            return x
        draws = self.draws(x.shape[0])
        moved = torch.einsum("nij,ncj->nci", dense(draws, self.size), x.flatten(2)).reshape(x.shape)
        return recoloured(moved, draws)

    def update(self, which, loss):
        optimiser = self.optimisers[which]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()

    def step(self, number, real):
        values = {"augmentation p": self.p}
        due = number % self.interval == 0
        with torch.no_grad():
            fake = self.drawn(self.codes(self.batch))
        seen, shown = self.view(real), self.view(fake)
        yes, no = self.d(seen), self.d(shown)
        loss = F.softplus(-yes).mean() + F.softplus(no).mean()
        values |= {"discriminator": loss.item(), "real": yes.mean().item(), "fake": no.mean().item()}
        self.update(1, loss)
        # The heuristic: one adjustment a step, one hundredth for an image.
        p = self.p + math.copysign(1, torch.sign(yes).mean().item() - 0.6) * self.batch / 100
        self.p = min(0.8, max(0, p))
        values["augmentation p"] = self.p
        if due:
            leaf = real.clone().requires_grad_()
            slope = torch.autograd.grad(self.d(self.view(leaf)).sum(), leaf, create_graph=True)[0]
            penalty = (slope**2).sum((1, 2, 3)).mean()
            values["r1"] = penalty.item()
            self.update(1, penalty * (0.5 * 3.0 * self.interval))
        logits = self.d(self.view(self.drawn(self.codes(self.batch))))
        loss = F.softplus(-logits).mean()
        values["generator"] = loss.item()
        self.update(0, loss)
        if due:
            codes = self.codes(self.batch // 2)
            image = self.drawn(codes)
            direction = self.normal(*image.shape)
            slope = torch.autograd.grad((image * direction).sum() / self.size, codes, create_graph=True)[0]
            lengths = (slope**2).sum(2).mean(1).sqrt()
            self.mean_path += 0.01 * (lengths.mean().item() - self.mean_path)
            penalty = ((lengths - self.mean_path) ** 2).mean()
            values["path length"] = penalty.item()
            self.update(0, penalty * 2 * self.interval)
        return values


def steps():
    for name, p in (("plain", 0.0), ("augmented", 0.6)):
        run = Run(p)
        if name == "plain":
            run.view = lambda x: x
        for number in range(3):
            # Bytes of a file are 0…1, the networks' pictures -1…1.
            real = torch.sigmoid(hashed(f"real.{number}", (run.batch, 3, run.size, run.size))).float().double() * 2 - 1
            for key, value in run.step(number, real).items():
                if name == "plain" and key == "augmentation p":
                    continue
                put(f"step.{name}.{number}.{key}", torch.tensor([value]))


if __name__ == "__main__":
    torch.set_num_threads(1)
    transforms()
    steps()
    save_file(out, FIXTURES / "augmentation.safetensors")
    print(f"{len(out)} tensors; sym6", TAPS.tolist())
    print({k: float(v[0]) for k, v in out.items() if k.startswith("step.")})
