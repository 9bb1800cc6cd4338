"""Reference event file for Sources/Training/Events. Usage: events.py [FIXTURE-FOLDER] | events.py check FILE

The file is written by the tensorboard package's own record writer from its own protocol buffers, histograms by
torch.utils.tensorboard, all at fixed times. `check` reads any event file back through tensorboard's EventAccumulator and
prints what it holds. Needs tensorboard, torch, pillow, numpy."""

import io
import json
import pathlib
import sys

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard.summary import histogram


def default_bins():
    positive, edge = [], 1e-12
    while edge < 1e20:
        positive.append(edge)
        edge *= 1.1
    return [-x for x in positive[::-1]] + [0] + positive


def values():
    """Multiples of 1/8, so that sums are exact in any order."""
    return ((np.arange(97) * 37 % 101) - 45).astype(np.float32) / 8


def text(tag, content):
    return Summary(
        value=[
            Summary.Value(
                tag=tag,
                metadata=SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text")),
                tensor=TensorProto(
                    dtype="DT_STRING",
                    string_val=[content.encode()],
                    tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
                ),
            )
        ]
    )


def events(png, size):
    clock = iter(1_700_000_000.25 + k for k in range(100))
    yield Event(wall_time=next(clock), file_version="brain.Event:2")
    yield Event(wall_time=next(clock), step=7, session_log=SessionLog(status=SessionLog.START))
    for step, value in [(7, 0.5), (300, 0.0), (70_000, -1.25e-3)]:
        summary = Summary(value=[Summary.Value(tag="train/loss", simple_value=value)])
        yield Event(wall_time=next(clock), step=step, summary=summary)
    image = Summary.Image(height=size[1], width=size[0], colorspace=3, encoded_image_string=png)
    yield Event(wall_time=next(clock), step=8, summary=Summary(value=[Summary.Value(tag="samples", image=image)]))
    for tag, data in [("weights", values()), ("zeros", np.zeros(5, np.float32))]:
        yield Event(wall_time=next(clock), step=9, summary=histogram(tag, data, bins=default_bins()))
    yield Event(wall_time=next(clock), step=10, summary=text("notes", "rate **0.1**, größer"))


def generate(folder):
    image = Image.fromarray((np.arange(4 * 5 * 3) * 4 % 256).astype(np.uint8).reshape(4, 5, 3))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    png = buffer.getvalue()
    (folder / "events.png").write_bytes(png)
    with open(folder / "events.out.tfevents.reference", "wb") as file:
        writer = RecordWriter(file)
        for event in events(png, image.size):
            writer.write(event.SerializeToString(deterministic=True))
        writer.flush()
    (folder / "events.json").write_text(json.dumps({"histogram": values().tolist()}) + "\n")


def check(path):
    accumulator = EventAccumulator(str(path), size_guidance={"scalars": 0, "images": 0, "histograms": 0, "tensors": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    if not any(tags[kind] for kind in ("scalars", "images", "histograms", "tensors")):
        sys.exit(f"{path}: no events (the name must contain tfevents)")
    for tag in tags["scalars"]:
        print("scalar", tag, [(event.step, event.value) for event in accumulator.Scalars(tag)][-3:])
    for tag in tags["images"]:
        for event in accumulator.Images(tag):
            decoded = Image.open(io.BytesIO(event.encoded_image_string))
            assert decoded.size == (event.width, event.height), decoded.size
            print("image", tag, event.step, decoded.size)
    for tag in tags["histograms"]:
        for event in accumulator.Histograms(tag):
            histogram_value = event.histogram_value
            assert sum(histogram_value.bucket) == histogram_value.num
            print("histogram", tag, event.step, histogram_value.num, histogram_value.min, histogram_value.max)
    for tag in tags["tensors"]:
        print("text", tag, [event.tensor_proto.string_val[0].decode() for event in accumulator.Tensors(tag)])


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        check(pathlib.Path(sys.argv[2]))
    else:
        default = pathlib.Path(__file__).parents[2] / "Tests/TrainingTests/Fixtures"
        target = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else default
        target.mkdir(parents=True, exist_ok=True)
        generate(target)
