"""Reads the stored tensors of a TensorFlow Lite file with nothing but NumPy.

The file is a FlatBuffer: a table starts with the distance back to its list of field offsets, and strings, vectors and
other tables are reached through relative offsets."""

import struct

import numpy as np

from weight_file import ConversionError

# Field numbers of TensorFlow Lite's schema.
_SUBGRAPHS, _BUFFERS = 2, 4
_TENSORS = 0
_SHAPE, _TYPE, _BUFFER, _NAME = 0, 1, 2, 3
_DATA = 0
_DTYPES = {0: "<f4", 1: "<f2", 2: "<i4"}


class _Table:
    def __init__(self, data, at):
        self.data, self.at = data, at
        self.fields = at - self._number("<i", at)

    def _number(self, format, at):
        if at < 0:
            raise ConversionError(f"offset {at} lies outside")
        return struct.unpack_from(format, self.data, at)[0]

    def _field(self, index):
        entry = 4 + 2 * index
        if entry >= self._number("<H", self.fields):
            return None
        offset = self._number("<H", self.fields + entry)
        return self.at + offset if offset else None

    def scalar(self, index, format):
        at = self._field(index)
        return self._number(format, at) if at is not None else 0

    def bytes(self, index, item=1):
        """The content of a vector of `item`-byte elements, or of a string."""
        at = self._field(index)
        if at is None:
            return b""
        at += self._number("<I", at)
        size = item * self._number("<I", at)
        if at + 4 + size > len(self.data):
            raise ConversionError(f"a vector of {size} bytes ends after the file")
        return self.data[at + 4 : at + 4 + size]

    def tables(self, index):
        at = self._field(index)
        if at is None:
            return []
        at += self._number("<I", at)
        starts = [at + 4 + 4 * i for i in range(self._number("<I", at))]
        return [_Table(self.data, start + self._number("<I", start)) for start in starts]


def read(path):
    """{name: array} of the tensors of the first graph that have stored values, as fp32 where they are floats."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        if data[4:8] != b"TFL3":
            raise ConversionError("its identifier is not TFL3")
        model = _Table(data, struct.unpack_from("<I", data, 0)[0])
        buffers = [buffer.bytes(_DATA) for buffer in model.tables(_BUFFERS)]
        arrays = {}
        for tensor in model.tables(_SUBGRAPHS)[0].tables(_TENSORS):
            content = buffers[tensor.scalar(_BUFFER, "<I")]
            kind = tensor.scalar(_TYPE, "<b")
            if not content or kind not in _DTYPES:
                continue
            shape = np.frombuffer(tensor.bytes(_SHAPE, 4), "<i4")
            array = np.frombuffer(content, _DTYPES[kind]).reshape(shape)
            arrays[tensor.bytes(_NAME).decode()] = array if kind == 2 else array.astype(np.float32)
    except (ConversionError, struct.error, IndexError, ValueError) as error:
        raise ConversionError(f"{path} is not a readable TensorFlow Lite file: {error}") from error
    return arrays
