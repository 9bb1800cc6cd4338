"""Runs the twin networks for Benchmarks/run: reads commands from standard input, answers with one line of JSON each.

    load NAME FOLDER        builds the network; weights.safetensors, inputs.safetensors, outputs.safetensors and config.json
                            in FOLDER come from Swift; answers {"difference": largest difference of an output from Swift's,
                            relative to the output's largest value}
    run SECONDS             answers {"seconds": [wall time of each run], "processor": [time of all threads together]}

Usage: worker.py plain|tuned THREADS"""

import json
import pathlib
import sys
import time

import torch
from safetensors.torch import load_file

import reid
from edgeface import EdgeFace
from encoder import Encoder
from face_mesh import FaceMesh
from landmarks import Landmarks
from lpips_alex import LPIPS
from recognisers import DlibFaceNet, SFace
from recover import Recover
from stylegan2 import Discriminator, Generator
from unmasker_step import Step
from yunet import YuNet


def make(name, tuned, c):
    simple = {
        "yunet": YuNet, "sface": SFace, "dlib": DlibFaceNet, "edgeface": EdgeFace, "face-mesh": FaceMesh, "lpips-alex": LPIPS,
    }  # fmt: skip
    if name in simple:
        return simple[name](tuned)
    if name == "landmarks":
        return Landmarks(tuned, c)
    if name.startswith("reid-"):
        return reid.Embedding(tuned, c["backbone"])
    channels = {int(key): value for key, value in c.get("channels", {}).items()}
    if name == "generator":
        return Generator(tuned, c["size"], channels, c["styleDimension"], c["mappingDepth"])
    if name == "discriminator":
        return Discriminator(tuned, c["size"], channels)
    if name == "recover":
        return Recover(tuned, c)
    return Encoder(tuned, c)


class Forward:
    def __init__(self, name, tuned, folder):
        config = json.loads((folder / "config.json").read_text())
        self.network = make(name, tuned, config).eval()
        self.network.load_state_dict(load_file(folder / "weights.safetensors"))
        inputs = load_file(folder / "inputs.safetensors")
        self.inputs = [inputs[key] for key in sorted(inputs)]
        if tuned and name == "yunet":  # our detector's pixels come interleaved
            self.inputs = [x.contiguous(memory_format=torch.channels_last) for x in self.inputs]
        self.expected = load_file(folder / "outputs.safetensors")

    def __call__(self):
        with torch.inference_mode():
            result = self.network(*self.inputs)
        return result if isinstance(result, list) else [result]

    def difference(self):
        worst = 0.0
        found = self()
        assert len(found) == len(self.expected), (len(found), sorted(self.expected))
        for n, value in enumerate(found):
            expected = self.expected[f"{n:02}"]
            assert value.shape == expected.shape, (n, value.shape, expected.shape)
            worst = max(worst, ((value - expected).abs().max() / expected.abs().max()).item())
        return worst


class Train:
    def __init__(self, name, tuned, folder):
        config = json.loads((folder / "config.json").read_text())
        person = name.startswith("step-reid")
        self.step = reid.Step(tuned, config) if person else Step(tuned, config)
        self.step.load(load_file(folder / "weights.safetensors"))
        inputs = load_file(folder / "inputs.safetensors")
        self.inputs = [inputs[key] for key in (("image", "label") if person else ("clean", "input", "alpha"))]
        self.expected = {key: value.item() for key, value in load_file(folder / "outputs.safetensors").items()}

    def __call__(self):
        return self.step(*self.inputs)

    def difference(self):
        """Of the first step's losses."""
        found = self()
        assert found.keys() == self.expected.keys(), (sorted(found), sorted(self.expected))
        return max(abs(found[key] - value) / max(abs(value), 1e-6) for key, value in self.expected.items())


def answer(load):
    """Reads commands and answers them; load(name, folder) makes what is to be timed."""
    program = None
    for line in sys.stdin:
        command, *arguments = line.split(maxsplit=2)
        try:
            if command == "load":
                program = None
                program = load(arguments[0], pathlib.Path(arguments[1].strip()))
                result = {"difference": program.difference()}
            else:
                times, busy, end = [], [], time.perf_counter() + float(arguments[0])
                while not times or time.perf_counter() < end:
                    start, used = time.perf_counter(), time.process_time()
                    program()
                    times.append(time.perf_counter() - start)
                    busy.append(time.process_time() - used)
                result = {"seconds": times, "processor": busy}
        except Exception as error:  # the runner prints it and goes on with the next network
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


def main(kind, threads):
    torch.set_num_threads(threads)
    tuned = kind == "tuned"
    answer(lambda name, folder: Train(name, tuned, folder) if name.startswith("step") else Forward(name, tuned, folder))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
