"""Runs an exported copy of a twin in onnxruntime; speaks the language of worker.py.

`load NAME FOLDER` exports the tuned twin of NAME into FOLDER, for the batch of its inputs, and opens it: StyleGAN2's convolutions with
weights that the batch shares, as somebody would export them who cares for speed.

Usage: onnx_worker.py THREADS"""

import json
import sys
import warnings

import torch
from safetensors.torch import load_file

from worker import answer, make


class Exported:
    def __init__(self, name, folder, threads):
        import onnxruntime

        config = json.loads((folder / "config.json").read_text())
        network = make(name, True, config).eval()
        network.load_state_dict(load_file(folder / "weights.safetensors"))
        inputs = load_file(folder / "inputs.safetensors")
        names = sorted(inputs)
        path = folder / "exported.onnx"
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(network, tuple(inputs[n] for n in names), path, input_names=names, dynamo=True, verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as OMP_WAIT_POLICY=passive
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs = {n: inputs[n].numpy() for n in names}
        self.expected = load_file(folder / "outputs.safetensors")

    def __call__(self):
        return self.session.run(None, self.inputs)

    def difference(self):
        found = [torch.from_numpy(x) for x in self()]
        return max(
            ((value - self.expected[f"{n:02}"]).abs().max() / self.expected[f"{n:02}"].abs().max()).item()
            for n, value in enumerate(found)
        )


def main(threads):
    torch.set_num_threads(threads)
    answer(lambda name, folder: Exported(name, folder, threads))


if __name__ == "__main__":
    main(int(sys.argv[1]))
