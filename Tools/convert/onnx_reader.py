"""Reads the nodes and weights of an ONNX file with nothing but NumPy."""

from collections import namedtuple

import numpy as np

Node = namedtuple("Node", "kind inputs outputs")

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


def _fields(data):
    """(field number, value) of one protobuf message; nested messages stay bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 1:
            value, at = data[at : at + 8], at + 8
        elif wire == 2:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        elif wire == 5:
            value, at = data[at : at + 4], at + 4
        else:
            raise ValueError(f"protobuf wire type {wire} at byte {at}: not an ONNX file, or damaged")
        yield key >> 3, value


def _packed(value):
    if isinstance(value, int):
        return [value]
    out, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        out.append(number)
    return out


def _tensor(data):
    dims, kind, raw, floats, ints, name = [], 1, b"", b"", [], ""
    for field, value in _fields(data):
        if field == 1:
            dims += _packed(value)
        elif field == 2:
            kind = value
        elif field == 4:
            floats += value
        elif field == 7:
            ints += _packed(value)
        elif field == 8:
            name = value.decode()
        elif field == 9:
            raw = value
    if kind not in _DTYPES:
        raise ValueError(f"tensor {name}: ONNX data type {kind} is not supported")
    if raw or floats:
        array = np.frombuffer(raw or floats, _DTYPES[kind])
    else:
        array = np.array(ints, _DTYPES[kind])
    return name, array.reshape(dims)


def read(path):
    """Nodes in order, and the initialisers by name."""
    with open(path, "rb") as file:
        data = file.read()
    graph = next((value for field, value in _fields(data) if field == 7), None)
    if graph is None:
        raise ValueError(f"{path}: no graph inside; expected an ONNX model")
    nodes, weights = [], {}
    for field, value in _fields(graph):
        if field == 5:
            name, array = _tensor(value)
            weights[name] = array
        elif field == 1:
            inputs, outputs, kind = [], [], ""
            for part, content in _fields(value):
                if part == 1:
                    inputs.append(content.decode())
                elif part == 2:
                    outputs.append(content.decode())
                elif part == 4:
                    kind = content.decode()
            nodes.append(Node(kind, inputs, outputs))
    return nodes, weights
