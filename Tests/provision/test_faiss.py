"""The set-up of FAISS, without network and without compiling it."""

import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

from provision import faiss  # noqa: E402
from provision.console import SetupError  # noqa: E402

DEB822 = """Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: https://other.example/tools
Suites: stable
Components: main
"""


class Recorder:
    def __init__(self):
        self.lines = []

    def act(self, line):
        self.lines.append(line)

    say = act


class FaissTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.console = Recorder()
        self.faiss = faiss.Faiss(self.folder / "root", self.folder / "cache", self.console)
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)
        os.environ.pop("FAISS", None)

    def library(self, name):
        folder = self.folder / name
        for file in ("include/faiss/IndexHNSW.h", "include/omp.h", "lib/libfaiss.a"):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).touch()
        return folder

    def test_source_entries_come_from_where_the_package_came_from(self):
        texts = {
            "debian.sources": DEB822,
            "sources.list": "# deb http://mirror.example/debian old main\ndeb [arch=amd64] http://mirror.example/debian/ sid main\n"
                            "deb https://third.example/x y z\n",
            "third.list": "deb https://third.example/x y z\n",
        }
        found = faiss.source_entries(texts, {"http://mirror.example/debian"})
        self.assertEqual(found, {
            "debian.sources": DEB822.split("\n\n")[0].replace("Types: deb", "Types: deb-src") + "\n",
            "sources.list": "deb-src [arch=amd64] http://mirror.example/debian/ sid main\n",
        })
        self.assertEqual(faiss.source_entries(texts, {"http://nowhere.example"}), {})

    def test_a_given_folder_is_checked(self):
        os.environ["FAISS"] = str(self.folder)
        with self.assertRaises(SetupError) as caught:
            self.faiss.prepare()
        self.assertIn("holds no FAISS", caught.exception.reason)
        os.environ["FAISS"] = str(self.library("own"))
        self.assertEqual(self.faiss.prepare(), self.folder / "own")

    def test_what_cannot_be_compiled_falls_back(self):
        debian = self.library("debian")
        answers = {"dpkg-query": "9.9-1", "dpkg": f"{debian}/include/faiss\n{debian}/lib/libfaiss.a\n"}
        with mock.patch.object(faiss, "output_of", lambda program, *rest, **more: answers.get(program)), \
                mock.patch.object(faiss, "processor_flags", lambda: {"avx2", "fma", "f16c", "popcnt"}), \
                mock.patch.object(self.faiss, "openmp_header", lambda: debian / "include/omp.h"):
            found = self.faiss.prepare()
        self.assertEqual(found, self.folder / "cache/faiss/debian")
        self.assertTrue(faiss.is_complete(found))
        self.assertIn("could not be compiled", " ".join(self.console.lines))
        self.assertEqual(sorted(path.name for path in found.parent.iterdir()), ["debian"])

    def test_old_processors_take_debians(self):
        debian = self.library("debian")
        answers = {"dpkg-query": "9.9-1", "dpkg": f"{debian}/include/faiss\n{debian}/lib/libfaiss.a\n"}
        with mock.patch.object(faiss, "output_of", lambda program, *rest, **more: answers.get(program)), \
                mock.patch.object(faiss, "processor_flags", lambda: {"sse2"}), \
                mock.patch.object(self.faiss, "openmp_header", lambda: debian / "include/omp.h"):
            self.assertEqual(self.faiss.prepare(), self.folder / "cache/faiss/debian")
        self.assertEqual(self.console.lines, [])

    def test_a_missing_package_is_named(self):
        with mock.patch.object(faiss, "output_of", lambda *_, **__: None), self.assertRaises(SetupError) as caught:
            self.faiss.prepare()
        self.assertIn("libfaiss-dev is not installed", caught.exception.reason)

    def test_the_link_is_replaced(self):
        (self.folder / "root").mkdir()
        for name in ("first", "second"):
            link = self.faiss.link(self.library(name))
            self.assertEqual(link.resolve(), (self.folder / name).resolve())
        self.assertEqual([path.name for path in link.parent.iterdir()], ["faiss"])


if __name__ == "__main__":
    unittest.main()
