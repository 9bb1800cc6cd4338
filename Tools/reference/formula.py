"""Numbers that Python and Swift both make from a name, bit for bit, so that no weights need to be committed.

The Swift twin is `Formula` in the tests."""

import numpy as np

_MASK = (1 << 64) - 1


def _name_hash(name):
    """64-bit FNV-1a."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & _MASK
    return value


def uniform(name, count):
    """`count` fp32 numbers in [-1, 1): splitmix64 of the name's hash plus the index, top 24 bits."""
    with np.errstate(over="ignore"):
        state = np.uint64(_name_hash(name)) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return ((state >> np.uint64(40)).astype(np.float64) / 2.0**23 - 1.0).astype(np.float32)


def weight(name, shape):
    """Values that keep activations near unit size. One dimension or fewer than two inputs: an affine pair, where a
    name ending in "bias" is centred on 0 and any other on 1. Otherwise uniform with variance 2 / fan-in."""
    values = uniform(name, int(np.prod(shape)))
    fan_in = int(np.prod(shape[1:]))
    if name.endswith("bias"):
        scaled = values * np.float32(0.2)
    elif len(shape) == 1 or fan_in == 1:
        scaled = np.float32(1) + values * np.float32(0.3)
    elif name.startswith("lin"):
        scaled = (values + np.float32(1)) * np.float32(0.5)  # LPIPS's linear weights are not negative
    else:
        scaled = values * np.float32(np.sqrt(6.0 / fan_in))
    return scaled.reshape(shape).astype(np.float32)
