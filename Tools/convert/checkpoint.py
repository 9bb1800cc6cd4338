"""One PyTorch checkpoint, whatever it nests, to one safetensors file.

    python checkpoint.py CHECKPOINT.pt OUTPUT.safetensors

Tensors keep their values and types; the names of nested dictionaries are joined with "/": "g_ema/convs.0.conv.weight". Other
values (numbers, texts) are kept as text in the metadata under "values", and what is not kept under "left_out": both are JSON
objects {name: text}. Optimiser states are not kept.

Pickles are programs. Only PyTorch's restricted reader is used (`weights_only`), which builds tensors, plain containers and
numbers and refuses everything else. Two things that harmless checkpoints hold are added: `argparse.Namespace`, as which training
scripts store their options, and NumPy's numbers, which stand-ins of our own rebuild."""

import argparse
import json
import os
import struct
import sys
import tempfile

from weight_file import ConversionError, main


class _Kind:
    """Stands in for numpy.dtype while numbers are unpickled: the letter of the kind and the number of bytes."""

    _formats = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H",
                "u4": "I", "u8": "Q", "b1": "?"}

    def __init__(self, code, *_):
        if code not in self._formats:
            raise ConversionError(f"the pickle holds NumPy numbers of type {code!r}, which is not known")
        self.format = self._formats[code]
        self.order = "<"

    def __setstate__(self, state):
        if state[1] == ">":
            self.order = ">"


def _number(kind, data):
    return struct.unpack(kind.order + kind.format, data)[0]


SAFE = [
    argparse.Namespace,
    (_Kind, "numpy.dtype"),
    (_number, "numpy.core.multiarray.scalar"),
    (_number, "numpy._core.multiarray.scalar"),
]


def load(path):
    try:
        import torch
    except ImportError as error:
        raise ConversionError(f"this Python has no torch: {error}") from error
    try:
        with torch.serialization.safe_globals(SAFE):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, ConversionError):
        raise
    except Exception as error:  # an unpickler fails on foreign bytes in any number of ways
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        # PyTorch's advice is to switch the protection off; the reason stands in one line.
        reason = next((line for line in lines if "Unsupported" in line or "GLOBAL" in line), lines[0] if lines else repr(error))
        raise ConversionError(
            f"{path} is not a PyTorch checkpoint of tensors and plain values, and nothing else is read: {reason[:300]}"
        ) from error


def is_optimiser(value):
    return isinstance(value, dict) and "state" in value and "param_groups" in value


def flatten(value, name, tensors, values, left_out):
    import torch

    if isinstance(value, argparse.Namespace):
        value = vars(value)
    if isinstance(value, torch.Tensor):
        if value.is_sparse or value.is_quantized or value.is_complex():
            left_out[name] = f"a {value.layout} tensor of {value.dtype}, which safetensors cannot hold"
        else:
            tensors[name] = value
    elif is_optimiser(value):
        left_out[name] = f"state of an optimiser over {len(value['state'])} tensors"
    elif isinstance(value, dict):
        for key, item in value.items():
            flatten(item, f"{name}/{key}" if name else str(key), tensors, values, left_out)
    elif isinstance(value, (list, tuple)) and any(isinstance(item, (dict, torch.Tensor)) for item in value):
        for index, item in enumerate(value):
            flatten(item, f"{name}/{index}" if name else str(index), tensors, values, left_out)
    else:
        values[name] = value if isinstance(value, str) else json.dumps(value, default=str)


def unshared(tensors):
    """Whole copies of tensors that share memory or are strided; the format has neither."""
    seen, out = set(), {}
    for name, tensor in tensors.items():
        tensor = tensor.detach()
        place = tensor.untyped_storage().data_ptr()
        whole = tensor.is_contiguous() and tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
        out[name] = tensor if whole and place not in seen else tensor.contiguous().clone()
        seen.add(place)
    return out


def convert(source, output):
    from safetensors.torch import save_file

    tensors, values, left_out = {}, {}, {}
    flatten(load(source), "", tensors, values, left_out)
    if not tensors:
        raise ConversionError(f"{source} holds no tensors")
    metadata = {"values": json.dumps(values), "left_out": json.dumps(left_out)}
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(output)), suffix=".tmp")
    os.close(handle)
    try:
        save_file(unshared(tensors), temporary, metadata)
        os.replace(temporary, output)
    except BaseException:
        os.unlink(temporary)
        raise


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main(convert, "CHECKPOINT.pt OUTPUT.safetensors")
