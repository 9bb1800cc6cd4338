#!/usr/bin/env python3
"""Small pickles in the shape of InsightFace's .bin files, for Tests/FacesTests/Fixtures/packed-*.bin.

Three pairs of flat 8x8 pictures: red-red (same), red-green (not), blue-blue (same). One file each as Python 3 writes them with protocol
4 and 3, as Python 2 wrote them (byte strings in BINSTRING and SHORT_BINSTRING), and two that must be refused because they name
Python objects: protocol 2 of Python 3, and numpy arrays.

    python Tools/reference/packed_pairs.py Tests/FacesTests/Fixtures
"""

import pickle
import struct
import sys
import zlib
from pathlib import Path

import numpy as np


def png(colour):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * 8) * 8
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )


def python2(bins, same):
    """What cPickle.dumps((bins, same), protocol=2) of Python 2 writes for a list of str and one of bool."""
    out = bytearray(b"\x80\x02]q\x01(")
    for number, data in enumerate(bins):
        if len(data) < 256 and number % 2:
            out += b"U" + bytes([len(data)]) + data
        else:
            out += b"T" + struct.pack("<i", len(data)) + data
        out += b"r" + struct.pack("<I", 2 + number)
    out += b"e]q\x7f("
    for flag in same:
        out += b"\x88" if flag else b"\x89"
    out += b"e\x86q\x80."
    return bytes(out)


def main():
    folder = Path(sys.argv[1])
    red, green, blue = png((255, 0, 0)), png((0, 255, 0)), png((0, 0, 255))
    # One object used twice is kept once and recalled.
    bins = [red, bytes(bytearray(red)), red, green, blue, bytes(bytearray(blue))]
    same = [True, False, True]
    files = {
        "packed-4.bin": pickle.dumps((bins, same), protocol=4),
        "packed-3.bin": pickle.dumps((bins, same), protocol=3),
        "packed-python2.bin": python2(bins, same),
        "packed-codecs.bin": pickle.dumps((bins, same), protocol=2),
        "packed-numpy.bin": pickle.dumps(([np.frombuffer(b, np.uint8) for b in bins], same), protocol=4),
    }
    for name, data in files.items():
        back, flags = pickle.loads(data, encoding="bytes")
        assert [bytes(b) for b in back] == bins and list(flags) == same, name
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
