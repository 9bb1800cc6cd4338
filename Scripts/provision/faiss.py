"""FAISS in the cache, and the link .deps/faiss.

Debian's library is made for every x86-64 processor. Where this one has AVX2, the parts that galleries use are compiled
from Debian's source package, which apt fetches and checks; where that cannot be done, Debian's library does, slower.
"""

import concurrent.futures
import glob
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile

from .console import SetupError
from .links import point

NEEDED_FLAGS = {"avx2", "fma", "f16c", "popcnt"}
COMPILE = ["-std=c++17", "-O3", "-mavx2", "-mfma", "-mf16c", "-mpopcnt", "-DNDEBUG", "-DFINTEGER=int", "-fopenmp",
           "-fPIC", "-w", "-I."]
# Graph, flat vectors and inverted lists of quantised vectors, with what these refer to.
SOURCES = """
    Clustering Index Index2Layer IndexFlat IndexFlatCodes IndexHNSW IndexIVF IndexIVFPQ IndexPQ IndexScalarQuantizer
    VectorTransform
    impl/AuxIndexStructures impl/FaissException impl/HNSW impl/IDSelector impl/PolysemousTraining impl/ProductQuantizer
    impl/ScalarQuantizer impl/kmeans1d invlists/DirectMap invlists/InvertedLists
    utils/Heap utils/distances utils/distances_simd utils/extra_distances utils/hamming utils/partitioning utils/random
    utils/utils
""".split()


class Impossible(Exception):
    """Why FAISS cannot be compiled here."""


def is_complete(folder):
    return all((folder / name).exists() for name in ("include/faiss/IndexHNSW.h", "include/omp.h", "lib/libfaiss.a"))


def processor_flags():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    found = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return set(found.group(1).split()) if found else set()


def output_of(*command, **options):
    """What a command prints; None when it fails or is not there."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", **options)
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None


def source_entries(texts, addresses):
    """From the contents of apt's source lists (name by text), those for sources at some addresses, as name by text."""
    entries = {}

    def wanted(text):
        return any(address.rstrip("/") in text for address in addresses)

    for name, text in texts.items():
        if name.endswith(".sources"):
            kept = [part for part in re.split(r"\n\s*\n", text) if wanted(part) and re.search(r"^Types:.*\bdeb\b", part, re.M)]
            kept = [re.sub(r"^Types:.*$", "Types: deb-src", part.strip(), flags=re.M) for part in kept]
            if kept:
                entries[name] = "\n\n".join(kept) + "\n"
        else:
            kept = [re.sub(r"^deb\s", "deb-src ", line) for line in text.splitlines() if re.match(r"deb\s", line) and wanted(line)]
            if kept:
                entries[name] = "\n".join(kept) + "\n"
    return entries


class Faiss:
    def __init__(self, root, cache, console):
        self.root = root
        self.folder = cache / "faiss"
        self.console = console

    def prepare(self):
        """The folder that holds include/ and lib/."""
        given = os.environ.get("FAISS")
        if given:
            folder = pathlib.Path(given).absolute()
            if not is_complete(folder):
                raise SetupError(f"FAISS={given} holds no FAISS (include/faiss/IndexHNSW.h, include/omp.h, lib/libfaiss.a)",
                                 "Give the folder that holds include/ and lib/, or unset FAISS to use Debian's.")
            return folder
        version = output_of("dpkg-query", "--show", "--showformat=${source:Version}", "libfaiss-dev")
        if not version:
            raise SetupError("libfaiss-dev is not installed", "Run: apt-get install libfaiss-dev")
        if NEEDED_FLAGS <= processor_flags():
            fast = self.folder / f"{re.sub(r'[^0-9A-Za-z.+-]', '_', version)}-avx2"
            if is_complete(fast):
                return fast
            try:
                self.compile(version, fast)
                return fast
            except Impossible as reason:
                self.console.act(f"FAISS could not be compiled for this processor: {reason}")
                self.console.act("using Debian's FAISS, which searches slower; Scripts/setup --force tries again")
        return self.installed()

    def installed(self):
        """Debian's own library."""
        listing = output_of("dpkg", "--listfiles", "libfaiss-dev") or ""
        library = next((line for line in listing.splitlines() if line.endswith("/libfaiss.a")), None)
        headers = next((line for line in listing.splitlines() if line.endswith("/faiss")), None)
        if library is None or headers is None:
            raise SetupError("libfaiss-dev has no libfaiss.a", "Run: apt-get install --reinstall libfaiss-dev")
        folder = self.folder / "debian"
        for name, target in (("include/faiss", headers), ("lib/libfaiss.a", library)):
            link = folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        shutil.copyfile(self.openmp_header(), folder / "include/omp.h")
        return folder

    def openmp_header(self):
        """GCC's omp.h, which FAISS's headers need and Swift's clang does not come with."""
        found = sorted(glob.glob("/usr/lib/gcc/*/*/include/omp.h"))
        if not found:
            raise SetupError("there is no omp.h", "Install GCC's headers: apt-get install g++")
        return found[-1]

    def compile(self, version, destination):
        compiler = shutil.which("g++")
        if compiler is None:
            raise Impossible("there is no g++ (apt-get install g++)")
        self.console.act(f"compiling FAISS {version} for AVX2 (a minute or two)")
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="unfinished-") as temporary:
            temporary = pathlib.Path(temporary)
            source = self.fetch(version, temporary)
            made = temporary / "made"
            (made / "lib").mkdir(parents=True)
            objects = temporary / "objects"
            objects.mkdir()

            def build(name):
                target = objects / f"{name.replace('/', '_')}.o"
                result = subprocess.run([compiler, *COMPILE, "-c", f"faiss/{name}.cpp", "-o", target], cwd=source,
                                        capture_output=True, text=True, errors="replace")
                if result.returncode:
                    raise Impossible(f"{name}.cpp: {result.stderr.strip().splitlines()[:1]}")
                return target

            with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                built = list(pool.map(build, SOURCES))
            if output_of("ar", "rcs", str(made / "lib/libfaiss.a"), *map(str, built)) is None:
                raise Impossible("ar could not write the library")
            for header in (source / "faiss").rglob("*.h"):
                copy = made / "include/faiss" / header.relative_to(source / "faiss")
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(header, copy)
            shutil.copyfile(self.openmp_header(), made / "include/omp.h")
            if destination.exists():
                shutil.rmtree(destination)
            os.rename(made, destination)

    def fetch(self, version, temporary):
        """Fetches Debian's source package with lists of its own, and unpacks it."""
        policy = output_of("apt-cache", "policy", "libfaiss-dev") or ""
        addresses = set(re.findall(r"^\s+-?\d+\s+(\S+://\S+)", policy, re.M))
        lists = [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]
        texts = {path.name: path.read_text(errors="replace") for path in lists if path.is_file()}
        entries = source_entries(texts, addresses)
        if not entries:
            raise Impossible("apt has no source that libfaiss-dev came from")
        for name in ("parts", "lists/partial", "cache/archives/partial", "source"):
            (temporary / name).mkdir(parents=True)
        for name, text in entries.items():
            (temporary / "parts" / name).write_text(text)
        apt = ["apt-get", "-q", "-o", "Dir::Etc::SourceList=/dev/null", "-o", f"Dir::Etc::SourceParts={temporary}/parts",
               "-o", f"Dir::State::Lists={temporary}/lists", "-o", f"Dir::Cache={temporary}/cache",
               "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=2"]
        if output_of(*apt, "update") is None or \
                output_of(*apt, "source", "--download-only", f"faiss={version}", cwd=temporary / "source") is None:
            raise Impossible(f"apt could not fetch the source of faiss {version}")
        archives = list((temporary / "source").glob("*.orig.tar.*"))
        if len(archives) != 1:
            raise Impossible(f"the source package holds {len(archives)} archives")
        with tarfile.open(archives[0]) as archive:
            archive.extractall(temporary / "source", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        found = list((temporary / "source").glob("*/faiss/IndexHNSW.h"))
        if len(found) != 1:
            raise Impossible("the source package is laid out in another way")
        return found[0].parents[1]

    def link(self, folder):
        """Points .deps/faiss at a folder, replacing an older link in one step."""
        return point(self.root / ".deps/faiss", folder)
