"""Reads the nodes and weights of an ONNX file with nothing but NumPy."""

import struct
from collections import namedtuple

import numpy as np

from weight_file import ConversionError

# `attributes`: name -> float, int, or tuple of ints; other kinds of attribute are left out.
Node = namedtuple("Node", "kind inputs outputs attributes")

_DTYPES = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float16, 11: np.float64}


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ConversionError(f"a number at byte {at} is too long")


def _fields(data):
    """(field number, value) of one protobuf message; nested messages stay bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
        elif wire in (1, 2, 5):
            size, at = _varint(data, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
            if at + size > len(data):
                raise ConversionError(f"a field of {size} bytes ends after its message")
            value, at = data[at : at + size], at + size
        else:
            raise ConversionError(f"protobuf wire type {wire} is not used by ONNX")
        yield key >> 3, value


def _packed(value):
    if isinstance(value, int):
        return [value]
    out, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        out.append(number)
    return out


def _signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def _tensor(data):
    dims, kind, raw, floats, ints, name = [], 1, b"", b"", [], ""
    for field, value in _fields(data):
        if field == 1:
            dims += _packed(value)
        elif field == 2:
            kind = value
        elif field == 4:
            floats += value
        elif field in (5, 7):
            ints += [_signed(number) for number in _packed(value)]
        elif field == 8:
            name = value.decode()
        elif field == 9:
            raw = value
    if kind not in _DTYPES:
        raise ConversionError(f"tensor {name}: ONNX data type {kind} is not supported")
    if raw or floats:
        array = np.frombuffer(raw or floats, np.dtype(_DTYPES[kind]).newbyteorder("<"))
    else:
        array = np.array(ints, _DTYPES[kind])
    return name, array.reshape(dims)


def _attribute(data):
    name, value, ints = "", None, []
    for field, content in _fields(data):
        if field == 1:
            name = content.decode()
        elif field == 2:
            (value,) = struct.unpack("<f", content)
        elif field == 3:
            value = _signed(content)
        elif field == 8:
            ints += [_signed(number) for number in _packed(content)]
    return name, tuple(ints) if ints else value


def _node(data):
    inputs, outputs, kind, attributes = [], [], "", {}
    for field, content in _fields(data):
        if field == 1:
            inputs.append(content.decode())
        elif field == 2:
            outputs.append(content.decode())
        elif field == 4:
            kind = content.decode()
        elif field == 5:
            name, value = _attribute(content)
            attributes[name] = value
    return Node(kind, inputs, outputs, attributes)


def read(path):
    """Nodes in order, and the initialisers by name."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        graph = next((value for field, value in _fields(data) if field == 7), None)
        if not isinstance(graph, bytes):
            raise ConversionError("no graph inside")
        nodes, weights = [], {}
        for field, value in _fields(graph):
            if field == 5:
                name, array = _tensor(value)
                weights[name] = array
            elif field == 1:
                nodes.append(_node(value))
    except (ConversionError, IndexError, ValueError, TypeError, AttributeError, struct.error) as error:
        raise ConversionError(f"{path} is not a readable ONNX file: {error}") from error
    return nodes, weights


def weight(path, node, position, weights):
    """The initialiser that is input number `position` of `node`."""
    if position >= len(node.inputs) or node.inputs[position] not in weights:
        raise ConversionError(f"{path}: {node.kind} {node.outputs} has no stored weight as input {position}")
    return weights[node.inputs[position]]
