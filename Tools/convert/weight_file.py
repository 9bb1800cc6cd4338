"""What every converter of published weights needs: reading without running foreign code, writing whole files."""

import os
import pickle
import sys
import tempfile

import numpy as np
from safetensors.numpy import save

try:
    from numpy._core.multiarray import _reconstruct
except ImportError:  # NumPy 1
    from numpy.core.multiarray import _reconstruct


class ConversionError(Exception):
    """The source is not the file that the converter knows; the message says what differs."""


class _ArrayUnpickler(pickle.Unpickler):
    """Rebuilds dictionaries of NumPy arrays only: a pickle may otherwise call anything."""

    _allowed = {
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
    }

    def find_class(self, module, name):
        if (module, name) not in self._allowed:
            raise ConversionError(f"the pickle asks for {module}.{name}; only NumPy arrays are expected")
        if name == "_reconstruct":
            return _reconstruct
        return getattr(np, name)


def read_array_pickle(path):
    """The nested dictionary of arrays pickled in `path`."""
    try:
        with open(path, "rb") as file:
            return _ArrayUnpickler(file).load()
    except (ConversionError, OSError):
        raise
    except Exception as error:  # an unpickler fails on foreign bytes in any number of ways
        raise ConversionError(f"{path} is not a readable pickle: {error!r}") from error


def read_torch(path):
    """{name: fp32 array} of a PyTorch state dict; only tensors are unpickled."""
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in state.items()}
    except OSError:
        raise
    except Exception as error:
        raise ConversionError(f"{path} is not a readable PyTorch state dict: {error!r}") from error


def require_shapes(path, arrays, shapes):
    """Fails unless `arrays` has exactly the names and shapes of `shapes`."""
    problems = [f"missing {name}" for name in sorted(shapes.keys() - arrays.keys())]
    problems += [f"unexpected {name}" for name in sorted(arrays.keys() - shapes.keys())]
    for name in sorted(shapes.keys() & arrays.keys()):
        if tuple(arrays[name].shape) != tuple(shapes[name]):
            problems.append(f"{name} is {tuple(arrays[name].shape)}, expected {tuple(shapes[name])}")
        elif not np.isfinite(arrays[name]).all():
            problems.append(f"{name} holds values that are not finite")
    if len(problems) > 6:
        problems = problems[:5] + [f"and {len(problems) - 5} more"]
    if problems:
        raise ConversionError(f"{path}: " + "; ".join(problems))


def write_safetensors(path, arrays):
    """Writes `arrays` as fp32; the file appears only when it is complete. Equal input gives equal bytes."""
    data = save({name: np.ascontiguousarray(arrays[name], dtype=np.float32) for name in sorted(arrays)})
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=os.path.basename(path) + ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp gives 0600; weights are as readable as any other file the user makes.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main(convert, usage):
    """Runs `convert(*arguments)`; prints a reason on stderr and exits 64 on misuse, 65 on a bad source."""
    arguments = sys.argv[1:]
    words = usage.split()
    required = sum(not word.startswith("[") for word in words)
    if not required <= len(arguments) <= len(words):
        print(f"usage: {os.path.basename(sys.argv[0])} {usage}", file=sys.stderr)
        sys.exit(64)
    try:
        convert(*arguments)
    except (ConversionError, OSError) as error:
        print(f"{os.path.basename(sys.argv[0])}: {error}", file=sys.stderr)
        sys.exit(65)
