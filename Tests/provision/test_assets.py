"""The set-up's downloads, against packages made here: no network is used."""

import hashlib
import json
import os
import pathlib
import sys
import tempfile
import textwrap
import unittest
import zipfile
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

from provision.assets import AssetStore, Manifest, sha256  # noqa: E402
from provision.console import Console, SetupError  # noqa: E402

CONVERTER = """
import pathlib, sys
pathlib.Path(sys.argv[2]).write_bytes(pathlib.Path(sys.argv[1]).read_bytes().upper())
"""


class AssetTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        folder = pathlib.Path(temporary.name)
        self.root, self.cache, wheels = folder / "root", folder / "cache", folder / "wheels"
        (self.root / "Tools/convert").mkdir(parents=True)
        (self.root / "Scripts").mkdir()
        (self.root / "Tools/convert/upper.py").write_text(textwrap.dedent(CONVERTER))
        wheels.mkdir()
        self.wheel = wheels / "tinyweights-1.0-py3-none-any.whl"
        with zipfile.ZipFile(self.wheel, "w") as archive:
            archive.writestr("tinyweights/model.bin", b"weights")
            archive.writestr("tinyweights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinyweights\nVersion: 1.0\n")
            archive.writestr("tinyweights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr("tinyweights-1.0.dist-info/RECORD", "")
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
        patch = mock.patch.dict(os.environ, offline)
        patch.start()
        self.addCleanup(patch.stop)
        self.lines = []
        console = Console(quiet=True)
        console.act = self.lines.append
        self.store = AssetStore(self.root, self.cache, sys.executable, console)
        self.content = {
            "packages": {"tinyweights==1.0": {"sha256": sha256(self.wheel), "megabytes": 0.1}},
            "assets": [{
                "name": "tiny", "purpose": "tests", "package": "tinyweights==1.0", "member": "tinyweights/model.bin",
                "sha256": hashlib.sha256(b"weights").hexdigest(), "converter": "upper.py", "output": "weights/tiny.bin",
                "outputSHA256": hashlib.sha256(b"WEIGHTS").hexdigest(), "licence": "none", "required": True,
            }],
        }

    def manifest(self, **changes):
        self.content["assets"][0].update(changes)
        path = self.root / "Scripts/weights.json"
        path.write_text(json.dumps(self.content))
        return Manifest(path)

    def assertFails(self, manifest, *parts):
        with self.assertRaises(SetupError) as caught:
            self.store.prepare(manifest, "required")
        for part in parts:
            self.assertIn(part, caught.exception.reason)
        self.assertTrue(caught.exception.remedy)
        self.assertNothingLeft()

    def assertNothingLeft(self):
        left = [path for path in self.cache.rglob("*") if path.is_file()] if self.cache.exists() else []
        self.assertEqual(left, [])

    def test_file_is_fetched_converted_and_not_fetched_again(self):
        manifest = self.manifest()
        self.assertEqual(self.store.prepare(manifest, "required"), [])
        self.assertEqual((self.cache / "weights/tiny.bin").read_bytes(), b"WEIGHTS")
        self.assertEqual([path.name for path in self.cache.iterdir()], ["weights"])
        self.wheel.unlink()
        self.assertEqual(self.store.prepare(manifest, "required"), [])

    def test_damaged_file_is_replaced(self):
        manifest = self.manifest()
        target = self.cache / "weights/tiny.bin"
        target.parent.mkdir(parents=True)
        target.write_bytes(b"WEI")
        self.store.prepare(manifest, "required")
        self.assertEqual(target.read_bytes(), b"WEIGHTS")

    def test_leftovers_of_a_killed_run_are_removed(self):
        (self.cache / "partial-x").mkdir(parents=True)
        (self.cache / "partial-x/half").write_bytes(b"wei")
        self.store.prepare(self.manifest(), "required")
        self.assertEqual([path.name for path in self.cache.iterdir()], ["weights"])

    def test_other_archive_is_refused(self):
        self.content["packages"]["tinyweights==1.0"]["sha256"] = "0" * 64
        self.assertFails(self.manifest(), "differs from the one that was checked")

    def test_other_file_is_refused(self):
        self.assertFails(self.manifest(sha256="1" * 64), "tinyweights/model.bin", "expected " + "1" * 64)

    def test_other_conversion_is_refused(self):
        self.assertFails(self.manifest(outputSHA256="2" * 64), "converting tiny gave", "expected " + "2" * 64)

    def test_absent_member_is_named(self):
        self.assertFails(self.manifest(member="tinyweights/other.bin"), "holds no tinyweights/other.bin")

    def test_failing_converter_is_quoted(self):
        (self.root / "Tools/convert/upper.py").write_text("raise SystemExit('no tensor named conv1')")
        self.assertFails(self.manifest(), "converting tiny failed", "no tensor named conv1")

    def test_absent_package_is_named(self):
        self.wheel.unlink()
        self.assertFails(self.manifest(), "fetching tinyweights==1.0")

    def test_no_network_is_named(self):
        with mock.patch.dict(os.environ, {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}):
            self.wheel.unlink()
            self.assertFails(self.manifest(), "no network", "tinyweights==1.0")

    def test_optional_file_may_be_left_out(self):
        self.wheel.unlink()
        manifest = self.manifest(required=False)
        self.assertEqual(self.store.prepare(manifest, "required"), [])
        self.assertEqual([asset["name"] for asset in self.store.prepare(manifest, "all")], ["tiny"])
        self.assertIn("left out tiny", self.lines[-1])

    def test_unknown_field_is_named(self):
        with self.assertRaises(SetupError) as caught:
            self.manifest(ouput="x")
        self.assertIn("ouput", caught.exception.reason)


if __name__ == "__main__":
    unittest.main()
