"""What Schemathesis sends as photos: real ones beside bytes that are none."""

import os
import pathlib

import schemathesis
from hypothesis import strategies as st

folder = pathlib.Path(os.environ["SEMBLANCE_TEST_PHOTOS"])
photos = [path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".png", ".jpg")]
broken = st.binary(max_size=64)


def half(photo):
    return photo[:len(photo) // 2]


schemathesis.openapi.media_type(
    "image/jpeg", st.one_of(st.sampled_from(photos), st.sampled_from(photos).map(half), broken))
