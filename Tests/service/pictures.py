"""The photos that the service is tried with, made from the one that the set-up installs."""

import os
import pathlib
import struct
import zlib

from serving import BINARY, semblance


def cache():
    """Where the set-up keeps what it fetched; the same rule as Scripts/setup."""
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("SEMBLANCE_CACHE") or base / "semblance")


def decode_png(data):
    """(width, height, rows of RGB bytes) of a PNG of 8 bits, without interlacing, RGB or RGBA."""
    place, packed, header = 8, b"", None
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        content = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", content)
        elif kind == b"IDAT":
            packed += content
        place += 12 + length
    width, height, depth, colour, _, _, interlaced = header
    channels = {2: 3, 6: 4}.get(colour)
    if depth != 8 or channels is None or interlaced:
        raise ValueError("a PNG of 8 bits, RGB or RGBA, without interlacing is expected")
    raw, size = zlib.decompress(packed), width * channels
    rows, last = [], bytearray(size)
    for y in range(height):
        start = y * (size + 1)
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + size])
        for i in range(size):
            left = row[i - channels] if i >= channels else 0
            corner = last[i - channels] if i >= channels else 0
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + last[i]) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + last[i]) // 2) & 255
            elif kind == 4:
                estimate = left + last[i] - corner
                distances = (abs(estimate - left), abs(estimate - last[i]), abs(estimate - corner))
                best = (left, last[i], corner)[distances.index(min(distances))]
                row[i] = (row[i] + best) & 255
        last = row
        rows.append(bytes(row) if channels == 3 else
                    bytes(row[i] for i in range(size) if i % 4 != 3))
    return width, height, rows


def encode_png(width, height, rows):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    raw = b"".join(b"\0" + row for row in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b"")


def cut(picture, x, y, width, height):
    """A part of a decoded picture, as PNG."""
    _, _, rows = picture
    return encode_png(width, height, [row[3 * x:3 * (x + width)] for row in rows[y:y + height]])


class Pictures:
    """The astronaut, the same with a mask, and cut-outs of the size of people in surveillance."""

    def __init__(self, folder, binary=BINARY):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.clean_path = cache() / "photos/astronaut.png"
        self.clean = self.clean_path.read_bytes()
        self.masked_path = folder / "masked.png"
        self.masked_jpeg_path = folder / "masked.jpg"
        for path in (self.masked_path, self.masked_jpeg_path):
            semblance("mask", "example:astronaut", "-o", path, "--kind", "surgical", "--seed", "7", binary=binary)
        self.masked, self.masked_jpeg = self.masked_path.read_bytes(), self.masked_jpeg_path.read_bytes()
        decoded = decode_png(self.masked)
        self.people = [cut(decoded, x, y, 64, 128) for x, y in ((0, 0), (160, 40), (192, 90), (300, 200), (440, 380))]
        self.people_folder = folder / "people"
        self.people_folder.mkdir(exist_ok=True)
        self.person_paths = []
        for number, content in enumerate(self.people, 1):
            # Market-1501's names: person, camera and sequence, frame, box.
            path = self.people_folder / f"{number:04d}_c{1 + number % 3}s1_{number:06d}_00.png"
            path.write_bytes(content)
            self.person_paths.append(path)
