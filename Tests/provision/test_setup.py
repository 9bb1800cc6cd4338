"""Scripts/setup itself, where it can be run without changing this machine."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts"))

from provision.console import Console, SetupError, explain  # noqa: E402
from provision.environment import Environment, header_version, is_complete  # noqa: E402


class SetupTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.root = self.folder / "clone"
        shutil.copytree(ROOT / "Scripts", self.root / "Scripts", ignore=shutil.ignore_patterns("__pycache__"))

    def tool(self, name, script):
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run_setup(self, *arguments, path=None, **environment):
        environment = {**os.environ, "SEMBLANCE_CACHE": str(self.folder / "cache"), **environment}
        environment["PATH"] = path or f"{self.folder}/bin:{environment['PATH']}"
        return subprocess.run([self.root / "Scripts/setup", *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)

    def assertFails(self, result, *parts):
        self.assertEqual(result.returncode, 1, result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def test_old_swift_is_named(self):
        self.tool("swift", "echo 'Swift version 5.10.1 (swift-5.10.1-RELEASE)'")
        self.assertFails(self.run_setup(), "Swift 6.3 or newer is needed", "is 5.10.1", "Install a newer toolchain")

    def test_absent_swift_is_named(self):
        for name in ("bash", "cat", "sha256sum", "cut", "readlink", "dirname", "id", "env"):
            self.tool(name, f'exec {shutil.which(name)} "$@"')
        self.assertFails(self.run_setup(path=f"{self.folder}/bin"), "no Swift was found in PATH")

    def test_old_python_is_named(self):
        self.tool("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        self.tool("oldpython", 'case "$1" in -V) echo "Python 3.8.1";; *) exit 1;; esac')
        result = self.run_setup(SEMBLANCE_PYTHON=str(self.folder / "bin/oldpython"))
        self.assertFails(result, "Python 3.10 or newer is needed", "is Python 3.8.1", "SEMBLANCE_PYTHON")

    def test_unknown_option_is_a_usage_error(self):
        result = self.run_setup("--every")
        self.assertEqual(result.returncode, 64)
        self.assertIn("unknown option '--every'", result.stderr)

    def missing_libraries(self, **environment):
        """Runs the set-up where pkg-config finds nothing, with tools that only say what they were asked."""
        self.tool("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        for name in ("bash", "cat", "sha256sum", "cut", "readlink", "dirname", "env", "sed", "head", "tail", "mktemp", "rm",
                     "grep", "python3", "sh"):
            self.tool(name, f'exec {shutil.which(name)} "$@"')
        self.tool("pkg-config", "exit 1")
        return self.run_setup(path=f"{self.folder}/bin", **environment)

    def test_missing_apt_is_named(self):
        self.assertFails(self.missing_libraries(), "this system has no apt-get", "libturbojpeg0-dev libpng-dev libwebp-dev libmatio-dev libsqlite3-dev libmicrohttpd-dev libpq-dev")

    def test_missing_sudo_is_named(self):
        self.tool("apt-get", "exit 1")
        self.tool("id", "echo 1000")
        self.assertFails(self.missing_libraries(), "needs root, and there is no sudo", "apt-get install -y libturbojpeg0-dev")

    def test_sudo_without_terminal_is_named(self):
        self.tool("apt-get", "exit 1")
        self.tool("id", "echo 1000")
        self.tool("sudo", "exit 1")
        self.assertFails(self.missing_libraries(), "sudo asks for a password, and there is no terminal")

    def test_apt_without_network_is_named(self):
        self.tool("id", "echo 0")
        self.tool("apt-get", "echo 'E: Failed to fetch http://x  Could not resolve host' >&2; exit 100")
        self.assertFails(self.missing_libraries(), "no network: apt-get could not fetch")

    def test_apt_on_a_full_disk_is_named(self):
        self.tool("id", "echo 0")
        self.tool("apt-get", "echo \"E: You don't have enough free space in /var/cache\" >&2; exit 100")
        self.assertFails(self.missing_libraries(), "the disk is full: apt-get could not install")

    def test_wrong_libtorch_is_named(self):
        self.tool("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        self.assertFails(self.run_setup(LIBTORCH=str(self.folder)), f"LIBTORCH={self.folder} holds no libtorch")
        api = self.folder / "include/torch/csrc/api/include/torch"
        api.mkdir(parents=True)
        (self.folder / "lib").mkdir()
        for file in (api / "torch.h", self.folder / "lib/libtorch_cpu.so", self.folder / "lib/libc10.so"):
            file.touch()
        (api / "version.h").write_text('#define TORCH_VERSION "2.1.0"\n')
        self.assertTrue(is_complete(self.folder))
        self.assertEqual(header_version(self.folder), "2.1.0")
        self.assertFails(self.run_setup(LIBTORCH=str(self.folder)), "is libtorch 2.1.0, but 2.13.0 is needed")

    def test_unwritable_cache_is_named(self):
        self.tool("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        (self.folder / "file").touch()
        self.assertFails(self.run_setup(SEMBLANCE_CACHE=str(self.folder / "file/cache")), "setting up")

    def test_full_disk_is_named(self):
        failure = explain(OSError(28, "No space left on device", "/cache/x"), "setting up")
        self.assertIsInstance(failure, SetupError)
        self.assertIn("the disk is full", failure.reason)
        self.assertIn("/cache/x", failure.reason)
        environment = Environment(self.root, self.folder, Console(quiet=True))
        environment.folder.mkdir()
        with self.assertRaises(SetupError) as caught:
            environment.need_space(1e9)
        self.assertIn("the disk is full", caught.exception.reason)


if __name__ == "__main__":
    unittest.main()
