"""The Python environment in the cache, and the link .deps/libtorch."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import venv

from .console import SetupError, Unavailable, run_pip
from .links import point

TORCH = "2.13.0"
SUPPORTED = re.compile(r"2\.13\.\d+")
PIP_INSTALL = ["install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet",
               "--retries", "2", "--timeout", "60"]

FIND_TORCH = """
import importlib.metadata, importlib.util, json, os
try:
    spec = importlib.util.find_spec("torch")
    print(json.dumps([importlib.metadata.version("torch"), os.path.dirname(spec.origin)]))
except Exception:
    print("null")
"""


def torch_of(python):
    """(version, folder) of the torch that `python` would import, without importing it; None if there is none."""
    result = subprocess.run([str(python), "-c", FIND_TORCH], capture_output=True, text=True)
    found = json.loads(result.stdout or "null") if result.returncode == 0 else None
    return (found[0], pathlib.Path(found[1])) if found else None


def is_complete(folder):
    return (folder / "include/torch/csrc/api/include/torch/torch.h").exists() and \
        (folder / "lib/libtorch_cpu.so").exists() and (folder / "lib/libc10.so").exists()


def header_version(folder):
    """The version that libtorch's own headers state, None when they do not."""
    for header in ("include/torch/headeronly/version.h", "include/torch/csrc/api/include/torch/version.h",
                   "include/torch/version.h"):
        path = folder / header
        if path.exists():
            match = re.search(r'#define\s+TORCH_VERSION\s+"([^"]+)"', path.read_text(errors="replace"))
            if match:
                return match.group(1)
    return None


class Environment:
    """A virtual environment shared by every checkout that uses the same cache."""

    def __init__(self, root, cache, console):
        self.root = root
        self.folder = cache / "venv"
        self.python = self.folder / "bin/python"
        self.console = console
        # Present while pip works here: whatever is found under it later is not to be trusted.
        self.unfinished = cache / "venv.unfinished"
        self.record = self.folder / "semblance.json"

    def prepare(self):
        """Makes the environment, and returns the folder holding libtorch's include/ and lib/."""
        given = self.given_libtorch()
        outside = None if given else self.outside_torch()
        requirements = self.root / "Scripts/requirements.txt"
        wanted = {
            "requirements": hashlib.sha256(requirements.read_bytes()).hexdigest(),
            "torch": str(given or (outside and outside[1]) or TORCH),
        }
        if not self.is_current(wanted):
            self.build(wanted, requirements, given, outside)
        libtorch = given or (outside[1] if outside else torch_of(self.python)[1])
        if not is_complete(libtorch):
            raise SetupError(f"{libtorch} lacks libtorch's headers or libraries",
                             f"Remove {self.folder} and run this again.")
        self.console.say(f"libtorch {header_version(libtorch) or TORCH} in {libtorch}")
        return libtorch

    def given_libtorch(self):
        """The libtorch that the variable LIBTORCH names, checked; None when it is not set."""
        value = os.environ.get("LIBTORCH")
        if not value:
            return None
        folder = pathlib.Path(value).absolute()
        if not is_complete(folder):
            raise SetupError(f"LIBTORCH={value} holds no libtorch (include/torch/csrc/api/include/torch/torch.h, "
                             "lib/libtorch_cpu.so)",
                             "Give the folder that holds include/ and lib/, or unset LIBTORCH to use the pip wheel.")
        version = header_version(folder)
        if version and not SUPPORTED.match(version):
            raise SetupError(f"LIBTORCH={value} is libtorch {version}, but {TORCH} is needed",
                             f"Give a libtorch {TORCH}, or unset LIBTORCH to use the pip wheel.")
        return folder

    def outside_torch(self):
        """A supported torch that the user's own Python already has."""
        found = torch_of(sys.executable)
        if found and SUPPORTED.match(found[0]) and is_complete(found[1]):
            return found
        return None

    def is_current(self, wanted):
        if self.unfinished.exists() or not self.python.exists():
            return False
        try:
            if json.loads(self.record.read_text()) != wanted:
                return False
        except (OSError, ValueError):
            return False
        found = torch_of(self.python)
        return wanted["torch"] != TORCH or (found is not None and is_complete(found[1]))

    def build(self, wanted, requirements, given, outside):
        if self.unfinished.exists() or not self.python.exists() or not self.record.exists():
            self.discard()
        self.unfinished.touch()
        if not self.folder.exists():
            self.console.act(f"making a Python environment in {self.folder}")
            venv.EnvBuilder(with_pip=True, symlinks=True).create(self.folder)
        shared = self.site_packages() / "semblance-torch.pth"
        shared.unlink(missing_ok=True)
        if outside:
            # A .pth file rather than --system-site-packages, which skips a parent virtual environment.
            shared.write_text(f"{outside[1].parent}\n")
            self.console.act(f"using torch {outside[0]}, which is installed already")
        elif given is None:
            self.install_torch()
        self.console.act("installing numpy and safetensors for the weight converters")
        run_pip(self.python, [*PIP_INSTALL, "-r", str(requirements)], "installing Scripts/requirements.txt")
        self.record.write_text(json.dumps(wanted))
        self.unfinished.unlink()

    def discard(self):
        """Moves what is there out of the way first, so that nothing of it can be taken for the new one."""
        if self.folder.exists():
            old = self.folder.with_name(f"venv.discarded-{os.getpid()}")
            os.rename(self.folder, old)
            shutil.rmtree(old)

    def site_packages(self):
        return next(self.folder.glob("lib/python*/site-packages"))

    def install_torch(self):
        found = torch_of(self.python)
        if found and SUPPORTED.match(found[0]) and is_complete(found[1]):
            return
        self.need_space(2.0)
        self.console.act(f"installing torch {TORCH} (the CPU build is about 200 MB to fetch; this takes minutes)")
        try:
            run_pip(self.python, [*PIP_INSTALL, f"torch=={TORCH}+cpu"], f"installing torch {TORCH}")
        except Unavailable:
            self.need_space(10.0)
            self.console.act(f"pip offers no CPU-only build; installing the default build of torch {TORCH}")
            run_pip(self.python, [*PIP_INSTALL, f"torch=={TORCH}"], f"installing torch {TORCH}")

    def need_space(self, gigabytes):
        free = shutil.disk_usage(self.folder).free / 1e9
        if free < gigabytes:
            raise SetupError(f"the disk is full: torch needs {gigabytes:g} GB in {self.folder}, {free:.1f} GB are free",
                             "Free some space, or set SEMBLANCE_CACHE to a folder on another disk.")

    def link(self, libtorch):
        """Points .deps/libtorch at libtorch, replacing an older link in one step."""
        return point(self.root / ".deps/libtorch", libtorch)
