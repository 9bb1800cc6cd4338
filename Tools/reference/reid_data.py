"""Reference values for the data of re-identification. Usage: reid_data.py [FIXTURE-FOLDER]

Colour adjustments from Pillow (hue from colorsys), attribute files in the layout of Market-1501's and DukeMTMC-reID's
written by SciPy, with made-up people. Needs numpy, scipy, pillow."""

import colorsys
import json
import pathlib
import sys

import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from scipy.io import savemat

MARKET = ["age", "backpack", "bag", "handbag", "downblack", "downblue", "downbrown", "downgray", "downgreen", "downpink",
          "downpurple", "downwhite", "downyellow", "upblack", "upblue", "upgreen", "upgray", "uppurple", "upred", "upwhite",
          "upyellow", "clothes", "down", "up", "hair", "hat", "gender"]
DUKE = ["backpack", "bag", "handbag", "boots", "gender", "hat", "shoes", "top", "downblack", "downwhite", "downred",
        "downgray", "downblue", "downgreen", "downbrown", "upblack", "upwhite", "upred", "uppurple", "upgray", "upblue",
        "upgreen", "upbrown"]


def picture():
    """[12, 10, 3], every channel with a narrow range of its own, a saturated corner and a grey one."""
    y, x = np.mgrid[0:12, 0:10]
    image = np.stack([40 + 13 * x + 2 * y, 200 - 9 * y - 3 * x, 90 + (x * y) % 31], axis=2).astype(np.uint8)
    image[:2, :2] = [255, 0, 30]
    image[-2:, -2:] = 77
    return image


def rotated(image, share):
    out = np.empty_like(image)
    for index in np.ndindex(image.shape[:2]):
        h, s, v = colorsys.rgb_to_hsv(*(image[index] / 255))
        out[index] = np.round(np.array(colorsys.hsv_to_rgb((h + share) % 1, s, v)) * 255)
    return out


def adjustments(image):
    source = Image.fromarray(image)
    enhancers = {"brightness": ImageEnhance.Brightness, "contrast": ImageEnhance.Contrast,
                 "saturation": ImageEnhance.Color, "sharpness": ImageEnhance.Sharpness}
    for name, enhancer in enhancers.items():
        for amount in (0.0, 0.4, 0.85, 1.3, 1.9):
            yield name, amount, enhancer(source).enhance(amount)
    for share in (-0.5, -0.2, 0.05, 0.31):
        yield "hue", share, rotated(image, share)
    for threshold in (0, 100, 180, 256):
        yield "solarise", threshold, ImageOps.solarize(source, threshold)
    for bits in (1, 4, 7, 8):
        yield "posterise", bits, ImageOps.posterize(source, bits)
    yield "autoContrast", 0, ImageOps.autocontrast(source)
    yield "equalise", 0, ImageOps.equalize(source)


def structure(fields, people, values):
    """Row vectors of uint8 and a cell of text, as in the published files."""
    result = {field: np.array([[values(field, person) for person in people]], np.uint8) for field in fields}
    result["image_index"] = np.array([[f"{person:04d}" for person in people]], object)
    return result


def market_value(field, person):
    classes = 4 if field == "age" else 2
    return 1 + (person + sum(map(ord, field))) % classes


def write_attributes(folder):
    train, test = [2, 7, 10], [1, 3]
    market = {"train": structure(MARKET, train, market_value),
              # Another order, as in the published file.
              "test": structure(MARKET[::-1], test, market_value)}
    savemat(folder / "market_attribute.mat", {"market_attribute": market})
    savemat(folder / "market_attribute_compressed.mat", {"market_attribute": market}, do_compression=True)
    duke = {"train": structure(DUKE, [1, 5], market_value), "test": structure(DUKE[::-1], [2, 3, 4], market_value)}
    savemat(folder / "duke_attribute.mat", {"duke_attribute": duke})
    odd = {"train": structure([f for f in MARKET if f != "hat"] + ["shoes", "umbrella"], train, market_value),
           "test": structure(MARKET, test, market_value)}
    odd["train"]["age"] = np.array([[9, 0, 4]], np.uint8)
    savemat(folder / "odd_attribute.mat", {"market_attribute": odd})
    savemat(folder / "other.mat", {"faces": np.eye(3), "notes": "nothing"})
    uneven = {"train": structure(MARKET, train, market_value), "test": structure(MARKET, test, market_value)}
    uneven["train"]["hat"] = np.array([[1, 2]], np.uint8)
    savemat(folder / "uneven_attribute.mat", {"market_attribute": uneven})
    expected = {
        name: {str(person): {field: market_value(field, person) - 1 for field in fields} for person in people}
        for name, fields, people in (("market", MARKET, train + test), ("duke", DUKE, [1, 2, 3, 4, 5]))}
    (folder / "attributes.json").write_text(json.dumps(expected, sort_keys=True) + "\n")


def main():
    default = pathlib.Path(__file__).resolve().parents[2] / "Tests/ReIDTests/Fixtures/Data"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    image = picture()
    cases = [{"kind": kind, "amount": amount, "pixels": np.asarray(result).flatten().tolist()}
             for kind, amount, result in adjustments(image)]
    (folder / "colour.json").write_text(json.dumps(
        {"width": image.shape[1], "height": image.shape[0], "pixels": image.flatten().tolist(), "cases": cases}) + "\n")
    write_attributes(folder)


if __name__ == "__main__":
    main()
