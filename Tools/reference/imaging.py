"""Reference values for Imaging. Usage: imaging.py [FIXTURE-FOLDER]

Files of every supported kind with what Pillow or OpenCV decodes from them; resizing by Pillow; warping by OpenCV and by
SciPy's exact bilinear interpolation; similarity transforms and pasting by scikit-image; blurring and dilating by SciPy.
Interlaced PNGs are written here and the YCCK JPEG by libturbojpeg, because Pillow writes neither. Pixels come from
scikit-image's astronaut (public domain) and formulas. Needs numpy, scipy, pillow, opencv, scikit-image, libturbojpeg.so.0."""

import base64
import ctypes
import io
import json
import pathlib
import struct
import sys
import zlib

import cv2
import numpy as np
import scipy.ndimage
import skimage.data
import skimage.transform
from PIL import Image, ImageOps

PHOTO = np.asarray(Image.fromarray(skimage.data.astronaut()).crop((170, 20, 300, 170)).resize((48, 56), Image.LANCZOS))


def base(data):
    return base64.b64encode(bytes(data)).decode()


def image_entry(array):
    array = np.ascontiguousarray(array)
    if array.ndim == 2:
        array = array[:, :, None]
    assert array.dtype == np.uint8
    return {"width": array.shape[1], "height": array.shape[0], "channels": array.shape[2], "pixels": base(array.tobytes())}


def floats_entry(array):
    """[channels, height, width] float32."""
    array = np.ascontiguousarray(array, dtype="<f4")
    return {"width": array.shape[2], "height": array.shape[1], "channels": array.shape[0], "floats": base(array.tobytes())}


# ---------------------------------------------------------------- decoding


def png(rows, width, height, depth, colour, palette=None, transparency=None, interlace=False, extra=b""):
    """A PNG file from samples `rows` [height, width, samples]; filter 0 in every line."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    def packed(part):
        out = b""
        for line in part:
            flat = line.reshape(-1)
            if depth == 16:
                body = flat.astype(">u2").tobytes()
            elif depth == 8:
                body = flat.astype(np.uint8).tobytes()
            else:
                bits = ((flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1).reshape(-1)
                body = np.packbits(bits.astype(np.uint8)).tobytes()
            out += b"\0" + body
        return out

    if interlace:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        raw = b"".join(packed(rows[y::dy, x::dx]) for x, y, dx, dy in passes if rows[y::dy, x::dx].size)
    else:
        raw = packed(rows)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlace))
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
    if palette is not None:
        out += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if transparency is not None:
        out += chunk(b"tRNS", transparency)
    return out + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def png_cases():
    h, w = 13, 19
    rng = np.random.default_rng(7)
    photo = PHOTO[20 : 20 + h, 10 : 10 + w].astype(np.int64)
    grey = photo.mean(axis=2).astype(np.int64)
    cases = []
    for interlace in (False, True):
        suffix = " interlaced" if interlace else ""
        for depth in (1, 2, 4, 8):
            top = (1 << depth) - 1
            samples = (grey * top + 127) // 255
            data = png(samples[:, :, None], w, h, depth, 0, interlace=interlace)
            expected = (samples * (255 // top)).astype(np.uint8)
            assert (np.asarray(Image.open(io.BytesIO(data)).convert("L")) == expected).all()
            cases.append((f"png grey {depth} bit{suffix}", data, expected, 0))
            palette = rng.integers(0, 256, (1 << depth, 3))
            index = rng.integers(0, 1 << depth, (h, w))
            data = png(index[:, :, None], w, h, depth, 3, palette=palette, interlace=interlace)
            expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            assert (expected == palette[index]).all()
            cases.append((f"png palette {depth} bit{suffix}", data, expected, 0))
        for depth in (8, 16):
            scale = 257 if depth == 16 else 1
            low = rng.integers(-128, 129, (h, w, 4)) if depth == 16 else np.zeros((h, w, 4), np.int64)
            rgba = np.concatenate([photo, (np.arange(h * w).reshape(h, w, 1) * 255) // (h * w)], axis=2)
            samples = np.clip(rgba * scale + low, 0, (1 << depth) - 1)
            # Rounded to the nearest of 256 levels, as the PNG specification recommends.
            levels = ((samples + scale // 2) // scale).astype(np.uint8)
            data = png(samples[:, :, :3], w, h, depth, 2, interlace=interlace)
            assert (cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[:, :, ::-1] == samples[:, :, :3]).all()
            cases.append((f"png rgb {depth} bit{suffix}", data, levels[:, :, :3], 0))
            data = png(samples, w, h, depth, 6, interlace=interlace)
            assert (
                cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[:, :, [2, 1, 0, 3]] == samples
            ).all()
            cases.append((f"png rgba {depth} bit{suffix}", data, levels, 0))
            data = png(samples[:, :, [0, 3]], w, h, depth, 4, interlace=interlace)
            if depth == 8:
                assert (np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")) == levels[:, :, [0, 0, 0, 3]]).all()
            cases.append((f"png grey and alpha {depth} bit{suffix}", data, levels[:, :, [0, 0, 0, 3]], 0))
            if depth == 16:
                data = png(samples[:, :, :1], w, h, 16, 0, interlace=interlace)
                assert (cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) == samples[:, :, 0]).all()
                cases.append((f"png grey 16 bit{suffix}", data, levels[:, :, 0], 0))
    palette = rng.integers(0, 256, (16, 3))
    index = rng.integers(0, 16, (h, w))
    data = png(index[:, :, None], w, h, 4, 3, palette=palette, transparency=bytes([0, 80, 255, 130]))
    cases.append(("png palette with transparency", data, np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")), 0))
    data = png(photo, w, h, 8, 2, transparency=struct.pack(">HHH", *photo[3, 4]))
    cases.append(("png rgb with a transparent colour", data, np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")), 0))
    return cases


def ycck_jpeg(cmyk):
    """Adobe's YCCK: libjpeg's colour space for four channels through TurboJPEG."""
    library = ctypes.CDLL("libturbojpeg.so.0")
    library.tjInitCompress.restype = ctypes.c_void_p
    handle = library.tjInitCompress()
    pointer, size = ctypes.c_void_p(), ctypes.c_ulong()
    inverted = np.ascontiguousarray(255 - cmyk)
    height, width = cmyk.shape[:2]
    tjpf_cmyk, tjsamp_444 = 11, 0
    status = library.tjCompress2(
        ctypes.c_void_p(handle), inverted.ctypes.data_as(ctypes.c_void_p), width, 0, height, tjpf_cmyk,
        ctypes.byref(pointer), ctypes.byref(size), tjsamp_444, 95, 0,
    )
    assert status == 0
    return ctypes.string_at(pointer, size.value)


def jpeg_cases():
    photo = Image.fromarray(PHOTO)

    def saved(image, **options):
        out = io.BytesIO()
        image.save(out, "JPEG", **options)
        return out.getvalue()

    # Ink in all four channels, which a conversion from RGB would not give.
    cmyk = np.concatenate([255 - PHOTO, PHOTO[:, ::-1, :1] // 3], axis=2)
    files = [
        ("jpeg baseline 4:4:4", saved(photo, quality=92, subsampling=0)),
        ("jpeg baseline 4:2:0", saved(photo, quality=75, subsampling=2)),
        ("jpeg baseline 4:2:2", saved(photo, quality=80, subsampling=1)),
        ("jpeg progressive", saved(photo, quality=85, progressive=True)),
        ("jpeg restart markers", saved(photo, quality=85, restart_marker_blocks=2)),
        ("jpeg grey", saved(photo.convert("L"), quality=90)),
        ("jpeg progressive grey", saved(photo.convert("L"), quality=90, progressive=True)),
        ("jpeg cmyk", saved(Image.fromarray(cmyk, "CMYK"), quality=95)),
        ("jpeg ycck", ycck_jpeg(cmyk)),
    ]
    cases = []
    for name, data in files:
        image = Image.open(io.BytesIO(data))
        if "ycck" in name:
            assert image.mode == "CMYK" and image.info.get("adobe_transform") == 2
        cases.append((name, data, np.asarray(image if image.mode == "L" else image.convert("RGB")), 2 if "k" in name[-4:] else 1))
    return cases


def webp_cases():
    alpha = np.dstack([PHOTO, (np.indices(PHOTO.shape[:2]).sum(axis=0) * 2).astype(np.uint8)])
    cases = []
    for name, array, options in [
        ("webp lossy", PHOTO, {"quality": 80}),
        ("webp lossless", PHOTO, {"lossless": True}),
        ("webp lossy alpha", alpha, {"quality": 80}),
        ("webp lossless alpha", alpha, {"lossless": True, "exact": True}),
    ]:
        out = io.BytesIO()
        Image.fromarray(array).save(out, "WEBP", **options)
        image = Image.open(io.BytesIO(out.getvalue()))
        cases.append((name, out.getvalue(), np.asarray(image), 1))
    return cases


def orientation_cases():
    # 20 x 14 with four different quarters, so that every orientation looks different even after compression.
    y, x = np.indices((14, 20))
    array = np.dstack([x * 12, y * 17, np.where((x < 8) & (y < 5), 230, 40)]).astype(np.uint8)
    cases = []
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind, options in [("JPEG", {"quality": 95, "subsampling": 0}), ("PNG", {}), ("WEBP", {"lossless": True})]:
            out = io.BytesIO()
            Image.fromarray(array).save(out, kind, exif=exif, **options)
            upright = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue()))).convert("RGB")
            cases.append((f"{kind.lower()} orientation {orientation}", out.getvalue(), np.asarray(upright), 1))
    # Big-endian EXIF behind another application segment.
    out = io.BytesIO()
    Image.fromarray(array).save(out, "JPEG", quality=95, subsampling=0)
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
    segments = b""
    for body in [b"http://ns.adobe.com/xap/1.0/\0<x/>", b"Exif\0\0" + tiff]:
        segments += b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    data = out.getvalue()[:2] + segments + out.getvalue()[2:]
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert upright.size == (14, 20)
    cases.append(("jpeg orientation 6, big-endian, after XMP", data, np.asarray(upright), 1))
    return cases


def decoding():
    cases = png_cases() + jpeg_cases() + webp_cases() + orientation_cases()
    return [
        {"name": name, "file": base(data), "tolerance": tolerance, "expected": image_entry(expected)}
        for name, data, expected, tolerance in cases
    ]


def refused():
    """Files that must not be decoded."""
    good = png(np.zeros((8, 8, 3), np.int64), 8, 8, 8, 2)
    header = b"IHDR" + struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0)
    huge = good[:12] + header + struct.pack(">I", zlib.crc32(header)) + good[33:]
    out = io.BytesIO()
    Image.fromarray(PHOTO).save(out, "JPEG", quality=90)
    jpeg = bytearray(out.getvalue())
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 20000, 20000)
    out = io.BytesIO()
    Image.fromarray(PHOTO).save(out, "WEBP", quality=80)
    webp = bytearray(out.getvalue())
    webp[26:30] = struct.pack("<HH", 16383, 16383)
    out = io.BytesIO()
    frames = [Image.fromarray(PHOTO), Image.fromarray(PHOTO[::-1].copy())]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], quality=50)
    gif = io.BytesIO()
    Image.fromarray(PHOTO[:8, :8]).save(gif, "GIF")
    return {
        "png claiming 20000x20000": base(huge),
        "jpeg claiming 20000x20000": base(jpeg),
        "webp claiming 16383x16383": base(webp),
        "animated webp": base(out.getvalue()),
        "gif": base(gif.getvalue()),
    }


# ---------------------------------------------------------------- geometry


def resizing():
    source = PHOTO
    filters = {"triangle": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}
    cases = []
    for name, code in filters.items():
        for width, height in [(20, 15), (96, 112), (13, 70), (47, 57), (1, 1)]:
            # In 8 bits Pillow rounds and clips between its two passes, which cuts the overshoot of cubic filters; as floats
            # only the end result is clipped.
            planes = [Image.fromarray(p.astype(np.float32)).resize((width, height), code) for p in np.moveaxis(source, 2, 0)]
            out = np.clip(np.dstack([np.asarray(p) for p in planes]), 0, 255)
            cases.append({"filter": name, "expected": image_entry(np.floor(out + 0.5).astype(np.uint8))})
    return {"source": image_entry(source), "cases": cases}


def warping():
    source = PHOTO
    height, width = source.shape[:2]
    turn = np.deg2rad(11)
    matrices = {
        "rotation": [1.3 * np.cos(turn), -1.3 * np.sin(turn), 6.2, 1.3 * np.sin(turn), 1.3 * np.cos(turn), -9.4],
        "shrink": [0.8, 0.05, 3.1, -0.04, 0.75, 5.7],
        "shear": [1, 0.3, -4.5, 0.1, 1.1, 2.25],
        "mirror": [-1, 0, 47, 0, 1, 0],
        "translation": [1, 0, 3.5, 0, 1, -2.25],
    }
    borders = {
        "constant": (cv2.BORDER_CONSTANT, "grid-constant"),
        "replicate": (cv2.BORDER_REPLICATE, "nearest"),
        "reflect": (cv2.BORDER_REFLECT_101, "mirror"),
    }
    cases = []
    for name, matrix in matrices.items():
        m = np.array(matrix, float).reshape(2, 3)
        back = np.linalg.inv(np.vstack([m, [0, 0, 1]]))
        size = (60, 44)
        y, x = np.indices((size[1], size[0])).astype(float)
        sx = back[0, 0] * x + back[0, 1] * y + back[0, 2]
        sy = back[1, 0] * x + back[1, 1] * y + back[1, 2]
        for border, (code, mode) in borders.items():
            if border == "reflect" and name != "rotation":
                continue
            by_cv = cv2.warpAffine(source, m, size, flags=cv2.INTER_LINEAR, borderMode=code, borderValue=(30, 30, 30))
            exact = np.dstack(
                [
                    scipy.ndimage.map_coordinates(source[:, :, c].astype(float), [sy, sx], order=1, mode=mode, cval=30)
                    for c in range(3)
                ]
            )
            cases.append(
                {
                    "name": name, "border": border, "matrix": m.reshape(-1).tolist(), "opencv": image_entry(by_cv),
                    "exact": image_entry(np.floor(exact + 0.5).astype(np.uint8)),
                }
            )
    return {"source": image_entry(source), "fill": 30, "cases": cases}


def similarity():
    rng = np.random.default_rng(3)
    arcface = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
    cases = []
    for count in (2, 3, 5, 5, 20):
        to = arcface if count == 5 else rng.uniform(0, 100, (count, 2))
        angle, scale = rng.uniform(-3, 3), rng.uniform(0.3, 6)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        noise = rng.normal(0, 0 if count == 2 else 3, (count, 2))
        source = to @ turn.T * scale + rng.uniform(-500, 500, 2) + noise
        fit = skimage.transform.SimilarityTransform.from_estimate(source, to)
        cases.append({"from": source.tolist(), "to": to.tolist(), "matrix": fit.params[:2].reshape(-1).tolist()})
    return cases


# ---------------------------------------------------------------- filters and pasting


def filtering():
    y, x = np.indices((23, 31))
    source = np.stack([np.sin(x * 0.9) * np.cos(y * 0.5) * 0.5 + 0.5, ((x * 7 + y * 13) % 17) / 16.0]).astype(np.float32)
    blurs = []
    for sigma in (0.5, 1.0, 2.3, 9.0):
        radius = max(1, int(np.ceil(3 * sigma)))
        out = np.stack([scipy.ndimage.gaussian_filter(p.astype(np.float64), sigma, mode="nearest", radius=radius) for p in source])
        blurs.append({"sigma": sigma, "expected": floats_entry(out)})
    dilations = []
    for radius in (1, 2.5, 4):
        r = int(radius)
        dy, dx = np.indices((2 * r + 1, 2 * r + 1)) - r
        disc = dx * dx + dy * dy <= radius * radius
        out = np.stack([scipy.ndimage.grey_dilation(p, footprint=disc, mode="constant", cval=0) for p in source])
        dilations.append({"radius": radius, "expected": floats_entry(out)})
    weights = np.clip(source[:1], 0, 1)
    means, deviations = [], []
    for plane in source.astype(np.float64):
        mean = np.average(plane, weights=weights[0])
        means.append(mean)
        deviations.append(np.sqrt(np.average((plane - mean) ** 2, weights=weights[0])))
    return {
        "source": floats_entry(source), "blurs": blurs, "dilations": dilations,
        "mean": means, "deviation": deviations,
        "plainMean": source.mean(axis=(1, 2), dtype=np.float64).tolist(),
        "plainDeviation": source.std(axis=(1, 2), dtype=np.float64).tolist(),
    }


def pasting():
    photo = np.asarray(Image.fromarray(PHOTO).resize((80, 90), Image.BICUBIC))
    size = 32
    y, x = np.indices((size, size)) - (size - 1) / 2
    crop = np.stack([0.5 + 0.4 * np.sin(x * 0.4), 0.5 + 0.4 * np.cos(y * 0.3), np.clip(0.5 + x * y / 300, 0, 1)]).astype(np.float32)
    alpha = np.clip((13 - np.hypot(x, y)) / 6, 0, 1).astype(np.float32)
    angle = np.deg2rad(17)
    # Photo pixels -> crop pixels.
    forward = np.array([[0.7 * np.cos(angle), -0.7 * np.sin(angle), 2.3], [0.7 * np.sin(angle), 0.7 * np.cos(angle), -15.2], [0, 0, 1]])
    shape = photo.shape[:2]

    def warped(plane, order, mode):
        return skimage.transform.warp(plane.astype(np.float64), forward, output_shape=shape, order=order, mode=mode, clip=False, preserve_range=True)

    # scikit-image's bicubic kernel is Catmull-Rom's.
    colours = np.stack([warped(p, 3, "edge") for p in crop], axis=2)
    matte = warped(alpha, 1, "constant")[:, :, None]
    assert matte.max() > 0.9 and (matte == 0).sum() > 1000
    out = np.clip(photo * (1 - matte) + colours * 255 * matte, 0, 255)
    return {
        "photo": image_entry(photo), "crop": floats_entry(crop), "alpha": floats_entry(alpha[None]),
        "matrix": forward[:2].reshape(-1).tolist(), "expected": image_entry(np.floor(out + 0.5).astype(np.uint8)),
        "untouched": base((matte[:, :, 0] == 0).astype(np.uint8).tobytes()),
    }


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "Tests/ImagingTests/Fixtures")
    folder.mkdir(parents=True, exist_ok=True)
    for name, maker in [
        ("decoding", decoding), ("refused", refused), ("resizing", resizing), ("warping", warping),
        ("similarity", similarity), ("filtering", filtering), ("pasting", pasting),
    ]:
        path = folder / f"{name}.json"
        path.write_text(json.dumps(maker(), separators=(",", ":")) + "\n")
        print(path, path.stat().st_size)


main()
