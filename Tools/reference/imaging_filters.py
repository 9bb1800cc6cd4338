"""Reference values for Imaging's filters on planes. Usage: imaging_filters.py [FIXTURE-FOLDER]

Colour spaces by scikit-image and Pillow; erosion, opening, closing and box means by SciPy; resizing of floats and of
transparent pictures by Pillow; warping of floats by SciPy; multi-band blending by a NumPy implementation that blends the
bands of both pictures, as the paper has it. The JPEG of an unusual chroma sampling comes from `cjpeg`
(libjpeg-turbo-progs). Pixels come from scikit-image's astronaut (public domain) and formulas."""

import base64
import io
import json
import pathlib
import subprocess
import sys

import numpy as np
import scipy.ndimage
import skimage.color
import skimage.data
from PIL import Image

PHOTO = np.asarray(Image.fromarray(skimage.data.astronaut()).crop((170, 20, 298, 148)).resize((32, 32), Image.LANCZOS))


def base(data):
    return base64.b64encode(bytes(data)).decode()


def picture(array):
    array = np.ascontiguousarray(array if array.ndim == 3 else array[:, :, None])
    assert array.dtype == np.uint8
    return {"width": array.shape[1], "height": array.shape[0], "channels": array.shape[2], "pixels": base(array.tobytes())}


def planes(array):
    """[channels, height, width] float32."""
    array = np.ascontiguousarray(array, dtype="<f4")
    return {"width": array.shape[2], "height": array.shape[1], "channels": array.shape[0], "floats": base(array.tobytes())}


def disc(radius):
    reach = int(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return x * x + y * y <= radius * radius


def colours():
    rgb = PHOTO[::2, ::2].astype(np.float64) / 255
    primaries = np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]] * 2)
    rgb[0] = primaries
    first = lambda a: np.moveaxis(a, 2, 0)
    # Pillow rounds to 8 bits; the definition is that of JFIF.
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]])
    ycc = rgb @ matrix.T + np.array([0, 128 / 255, 128 / 255])
    pillow = np.asarray(Image.fromarray((rgb * 255).round().astype(np.uint8)).convert("YCbCr")) / 255
    assert np.abs(pillow - ycc).max() < 1.01 / 255
    return {
        "rgb": planes(first(rgb)),
        "lab": planes(first(skimage.color.rgb2lab(rgb))),
        "hsv": planes(first(skimage.color.rgb2hsv(rgb))),
        "yCbCr": planes(first(ycc)),
    }


def morphology():
    plane = (PHOTO[:, :, 1].astype(np.float32) / 255)[:27, :31]
    cases = []
    for radius in (1, 2.5, 4, 9):
        shape = disc(radius)
        low = lambda a: scipy.ndimage.minimum_filter(a, footprint=shape, mode="constant", cval=np.inf)
        high = lambda a: scipy.ndimage.maximum_filter(a, footprint=shape, mode="constant", cval=-np.inf)
        cases.append({
            "radius": radius, "eroded": planes(low(plane)[None]), "dilated": planes(high(plane)[None]),
            "opened": planes(high(low(plane))[None]), "closed": planes(low(high(plane))[None]),
        })  # fmt: skip
    boxes = [
        {"radius": r, "expected": planes(scipy.ndimage.uniform_filter(plane.astype(np.float64), 2 * r + 1, mode="nearest")[None])}
        for r in (1, 3, 20)
    ]
    return {"source": planes(plane[None]), "discs": cases, "boxes": boxes}


def sizes():
    filters = {"triangle": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}
    plane = PHOTO[:, :, 0].astype(np.float32) / 255
    y, x = np.mgrid[:32, :32]
    alpha = np.clip(255 * (1.2 - np.hypot(x - 15, y - 17) / 12), 0, 255).astype(np.uint8)
    translucent = np.dstack([PHOTO, alpha])
    cases = []
    for name, kind in filters.items():
        for width, height in ((11, 19), (50, 41), (32, 7)):
            floats = np.asarray(Image.fromarray(plane).resize((width, height), kind))
            mixed = np.asarray(Image.fromarray(translucent).resize((width, height), kind))
            cases.append({"filter": name, "floats": planes(floats[None]), "translucent": picture(mixed)})
    return {"floats": planes(plane[None]), "translucent": picture(translucent), "cases": cases}


def warps():
    source = np.moveaxis(PHOTO.astype(np.float32) / 255, 2, 0)[:2]
    matrix = np.array([[0.9, -0.35, 6.0], [0.3, 0.8, -4.0]])
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    y, x = np.mgrid[:36, :40]
    sx, sy = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2], inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]
    modes = {"constant": ("grid-constant", 51 / 255), "replicate": ("nearest", 0), "reflect": ("mirror", 0)}
    return {
        "source": planes(source), "matrix": matrix.reshape(-1).tolist(),
        "expected": {
            name: planes(np.stack([scipy.ndimage.map_coordinates(p, [sy, sx], order=1, mode=mode, cval=value) for p in source]))
            for name, (mode, value) in modes.items()
        },
    }  # fmt: skip


KERNEL = np.array([1, 4, 6, 4, 1]) / 16


def reduce(a):
    for axis in (0, 1):
        a = scipy.ndimage.correlate1d(a, KERNEL, axis=axis, mode="nearest")
    return a[::2, ::2]


def expand(a, shape):
    """Zeros between the pixels, then twice the kernel along both axes; the coarse picture's border replicated."""
    a = np.pad(a, 2, mode="edge")
    for axis in (0, 1):
        shape_up = list(a.shape)
        shape_up[axis] *= 2
        up = np.zeros(shape_up)
        up[(slice(None),) * axis + (slice(None, None, 2),)] = a
        a = scipy.ndimage.correlate1d(up, 2 * KERNEL, axis=axis, mode="constant")
    return a[4 : 4 + shape[0], 4 : 4 + shape[1]]


def pyramid(a, levels):
    bands = []
    for _ in range(levels):
        small = reduce(a)
        bands.append(a - expand(small, a.shape))
        a = small
    return bands + [a]


def multi_band():
    levels, left, top = 3, 9, 7
    photo = PHOTO[:, :, ::-1].repeat(2, 0).repeat(2, 1)[:44, :52]
    crop = np.clip(PHOTO[:28, :30] * 0.8 + 40, 0, 255) / 255
    y, x = np.mgrid[:28, :30]
    alpha = np.clip(1.6 - np.hypot((x - 14.5) / 11, (y - 13.5) / 10), 0, 1).astype(np.float32)
    alpha[[0, -1], :] = 0
    alpha[:, [0, -1]] = 0
    matte = np.zeros(photo.shape[:2])
    matte[top : top + 28, left : left + 30] = alpha
    gaussian = [matte]
    for _ in range(levels):
        gaussian.append(reduce(gaussian[-1]))
    out = photo.astype(np.float64) / 255
    for c in range(3):
        under = photo[:, :, c] / 255.0
        over = under.copy()
        over[top : top + 28, left : left + 30] = crop[:, :, c]
        bands = [g * o + (1 - g) * u for g, o, u in zip(gaussian, pyramid(over, levels), pyramid(under, levels))]
        total = bands[-1]
        for band in reversed(bands[:-1]):
            total = expand(total, band.shape) + band
        out[:, :, c] += np.minimum(1, 4 * matte) * (total - under)
    return {
        "photo": picture(photo), "crop": planes(np.moveaxis(crop, 2, 0)), "alpha": planes(alpha[None]),
        "levels": levels, "left": left, "top": top,
        "expected": picture(np.clip(out * 255 + 0.5, 0, 255).astype(np.uint8)),
    }  # fmt: skip


def sampling():
    """Luma three times as wide as chroma: a sampling that TurboJPEG has no name for."""
    ppm = b"P6 32 32 255\n" + PHOTO.tobytes()
    data = subprocess.run(["cjpeg", "-quality", "92", "-sample", "3x1"], input=ppm, capture_output=True, check=True).stdout
    return {"file": base(data), "expected": picture(np.asarray(Image.open(io.BytesIO(data))))}


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "Tests/ImagingTests/Fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "colours": colours(), "morphology": morphology(), "sizes": sizes(), "warps": warps(), "multiBand": multi_band(),
        "sampling": sampling(),
    }  # fmt: skip
    (folder / "filters.json").write_text(json.dumps(values, separators=(",", ":"), sort_keys=True) + "\n")
