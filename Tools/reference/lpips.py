"""Reference values for LPIPS from the package `lpips`. Usage: lpips.py FOLDER-WITH-CONVERTED-WEIGHTS [FIXTURE-FOLDER]

Per trunk: formula weights (always testable) and, from lpips_alex.safetensors and lpips_vgg.safetensors, the
published ones; on a small photo (scikit-image's astronaut, public domain) and damaged versions of it: distances,
maps, gradients. Needs torch, torchvision, lpips 0.1.4, scikit-image, safetensors."""

import pathlib
import sys

# The script is called like the package that it imports: its own folder must not be searched first.
here = pathlib.Path(__file__).resolve().parent
sys.path = [entry for entry in sys.path if pathlib.Path(entry or ".").resolve() != here]

import lpips  # noqa: E402
import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

sys.path.append(str(here))
from formula import weight  # noqa: E402


def build(trunk):
    return lpips.LPIPS(net=trunk, pnet_rand=True, pretrained=False, spatial=True, verbose=False).eval()


def rename(model):
    """{key in our files: parameter of the package's model}"""
    found = {}
    for name, parameter in model.named_parameters():
        parts = name.split(".")
        if parts[0] == "net":  # net.slice2.3.weight -> features.3.weight
            found[f"features.{parts[2]}.{parts[3]}"] = parameter
        elif not name.startswith("lins."):
            found[name] = parameter
    return found


def pictures():
    """Two references and two damaged versions, [2, 3, 64, 64] in [-1, 1]."""
    photo = skimage.data.astronaut()
    references = np.stack([photo[80:144, 200:264], photo[0:256:4, 130:386:4]]).astype(np.uint8)
    damaged = references.copy()
    damaged[0, 24:52, 16:48] = np.array([90, 140, 190], np.uint8)
    damaged[1] = (references[1].astype(np.float32) * 0.7 + np.roll(references[1], 3, axis=1) * 0.3).astype(np.uint8)
    return references.transpose(0, 3, 1, 2).copy(), damaged.transpose(0, 3, 1, 2).copy()


def values(model, references, damaged, prefix):
    first = torch.from_numpy(references).float() / 127.5 - 1
    second = (torch.from_numpy(damaged).float() / 127.5 - 1).requires_grad_()
    total, layers = model(first, second, retPerLayer=True)
    mean = [layer.mean(dim=(1, 2, 3)) for layer in map_layers(model, first, second)]
    distance = torch.stack(mean).sum(0)
    distance.sum().backward()
    return {
        f"{prefix}.distance": distance.detach(),
        f"{prefix}.map": total.detach(),
        f"{prefix}.gradient": second.grad,
    }


def map_layers(model, first, second):
    """Layer maps before up-sampling: their means add up to the package's non-spatial distance."""
    a = model.net.forward(model.scaling_layer(first))
    b = model.net.forward(model.scaling_layer(second))
    return [
        model.lins[k]((lpips.normalize_tensor(a[k]) - lpips.normalize_tensor(b[k])) ** 2) for k in range(model.L)
    ]


def main(weights, folder):
    torch.set_num_threads(1)
    references, damaged = pictures()
    tensors = {"references": torch.from_numpy(references), "damaged": torch.from_numpy(damaged)}
    for trunk in ["alex", "vgg"]:
        for kind in ["formula", "published"]:
            model = build(trunk)
            stored = load_file(weights / f"lpips_{trunk}.safetensors")
            parameters = rename(model)
            assert parameters.keys() == stored.keys(), parameters.keys() ^ stored.keys()
            with torch.no_grad():
                for key, parameter in parameters.items():
                    made = torch.from_numpy(weight(key, tuple(parameter.shape)))
                    parameter.copy_(made if kind == "formula" else stored[key])
            found = values(model, references, damaged, f"{trunk}.{kind}")
            plain = lpips.LPIPS(net=trunk, pnet_rand=True, pretrained=False, verbose=False).eval()
            plain.load_state_dict(model.state_dict())
            check = plain(torch.from_numpy(references) / 127.5 - 1, torch.from_numpy(damaged) / 127.5 - 1)
            assert torch.allclose(check.flatten(), found[f"{trunk}.{kind}.distance"], rtol=1e-5)
            print(trunk, kind, check.flatten().tolist())
            tensors |= found
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "lpips.safetensors")


if __name__ == "__main__":
    default = here.parents[1] / "Tests/PerceptualTests/Fixtures"
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else default)
