"""Tensor files written by NumPy and by Python's safetensors, one tensor of every element type.

    python Tools/reference/tensor_files.py   # writes Tests/TorchTests/Fixtures/{types.safetensors, types/*.npy}
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

FIXTURES = Path(__file__).resolve().parents[2] / "Tests" / "TorchTests" / "Fixtures"
FLOATS = [0.0, -1.5, 3.140625, 1024.0, float("inf"), -0.0]


def tensors():
    yield "float64", torch.tensor(FLOATS, dtype=torch.float64)
    yield "float32", torch.tensor(FLOATS, dtype=torch.float32)
    yield "float16", torch.tensor(FLOATS, dtype=torch.float16)
    yield "bfloat16", torch.tensor(FLOATS, dtype=torch.bfloat16)
    for dtype in [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]:
        info = torch.iinfo(dtype)
        yield str(dtype).removeprefix("torch."), torch.tensor([info.min, 0, 1, 2, 100, info.max], dtype=dtype)
    yield "bool", torch.tensor([True, False, False, True, True, False])


def main():
    (FIXTURES / "types").mkdir(parents=True, exist_ok=True)
    state = {name: x.reshape(2, 3) for name, x in tensors()}
    for name, x in state.items():
        if name != "bfloat16":  # NumPy has no such type
            np.save(FIXTURES / "types" / f"{name}.npy", x.numpy())
    np.save(FIXTURES / "types" / "scalar.npy", np.array(2.5, np.float32))
    np.save(FIXTURES / "types" / "vector.npy", np.arange(3, dtype=np.int16))
    np.save(FIXTURES / "types" / "empty.npy", np.zeros((0, 4), np.float32))
    np.save(FIXTURES / "types" / "fortran.npy", np.asfortranarray(np.ones((2, 3), np.float32)))
    np.save(FIXTURES / "types" / "complex.npy", np.ones(2, np.complex64))
    state["scalar"] = torch.tensor(2.5)
    state["empty"] = torch.zeros(0, 4)
    state['odd "name"\\ü'] = torch.tensor([1.0])
    save_file(state, FIXTURES / "types.safetensors", metadata={"made by": "Python\n\u00fc"})


main()
