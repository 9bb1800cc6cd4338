"""EdgeFace-XXS (George et al. 2023): checks a checkpoint that uses timm's `edgenext_xx_small` names with a 512-way
head and writes it as fp32. Usage: edgeface.py SOURCE.{safetensors,pt,pth} OUTPUT.safetensors

The authors' checkpoints prefix every name with "model."; it is removed."""

from safetensors import SafetensorError
from safetensors.numpy import load_file

from weight_file import ConversionError, main, read_torch, require_shapes, write_safetensors

WIDTHS, DEPTHS, KERNELS = [24, 48, 88, 168], [2, 2, 6, 2], [3, 5, 7, 9]
GLOBAL_BLOCKS, SCALES, HEADS, EMBEDDING = [0, 1, 1, 1], [2, 2, 3, 4], 4, 512
POSITIONAL = [False, True, False, False]
FOURIER = 64


def expected_shapes():
    shapes = {}

    def affine(name, width):
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (width,)

    def layer(name, out_width, in_width, *kernel):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (out_width, in_width, *kernel), (out_width,)

    layer("stem.0", WIDTHS[0], 3, 4, 4)
    affine("stem.1", WIDTHS[0])
    for stage, width in enumerate(WIDTHS):
        if stage > 0:
            affine(f"stages.{stage}.downsample.0", WIDTHS[stage - 1])
            layer(f"stages.{stage}.downsample.1", width, WIDTHS[stage - 1], 2, 2)
        for block in range(DEPTHS[stage]):
            name = f"stages.{stage}.blocks.{block}"
            if block < DEPTHS[stage] - GLOBAL_BLOCKS[stage]:
                layer(f"{name}.conv_dw", width, 1, KERNELS[stage], KERNELS[stage])
            else:
                part = -(-width // SCALES[stage])
                for convolution in range(max(1, SCALES[stage] - 1)):
                    layer(f"{name}.convs.{convolution}", part, 1, 3, 3)
                if POSITIONAL[stage]:
                    layer(f"{name}.pos_embd.token_projection", width, FOURIER, 1, 1)
                affine(f"{name}.norm_xca", width)
                shapes[f"{name}.gamma_xca"] = (width,)
                shapes[f"{name}.xca.temperature"] = (HEADS, 1, 1)
                layer(f"{name}.xca.qkv", 3 * width, width)
                layer(f"{name}.xca.proj", width, width)
            affine(f"{name}.norm", width)
            layer(f"{name}.mlp.fc1", 4 * width, width)
            layer(f"{name}.mlp.fc2", width, 4 * width)
            shapes[f"{name}.gamma"] = (width,)
    affine("head.norm", WIDTHS[-1])
    layer("head.fc", EMBEDDING, WIDTHS[-1])
    return shapes


def convert(source, output):
    if source.endswith(".safetensors"):
        try:
            arrays = load_file(source)
        except SafetensorError as error:
            raise ConversionError(f"{source} is not a readable safetensors file: {error}") from error
    else:
        arrays = read_torch(source)
    arrays = {name.removeprefix("model."): array for name, array in arrays.items()}
    require_shapes(source, arrays, expected_shapes())
    write_safetensors(output, arrays)


if __name__ == "__main__":
    main(convert, "SOURCE OUTPUT.safetensors")
