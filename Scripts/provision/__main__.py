"""Run by Scripts/setup after the system packages are there."""

import argparse
import fcntl
import os
import pathlib
import sys

from .assets import AssetStore, Manifest
from .console import Console, SetupError, explain, held_locks
from .environment import Environment
from .faiss import Faiss
from .postgres import PostgresServer


def write_stamp(root, level, key, paths):
    for reached in ("required", "all") if level == "all" else ("required",):
        stamp = root / f".deps/setup-{reached}.stamp"
        partial = stamp.with_suffix(f".{os.getpid()}")
        partial.write_text("".join(f"{line}\n" for line in [key, *paths]))
        os.replace(partial, stamp)


def provision(options, console):
    root, cache = options.root.resolve(), options.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "setup.lock", "w") as lock:
        # Two checkouts may set up at once: the second waits, then finds everything there.
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.act("waiting for another set-up that uses the same cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        held_locks.append(lock.fileno())
        environment = Environment(root, cache, console)
        libtorch = environment.prepare()
        link = environment.link(libtorch)
        faiss = Faiss(root, cache, console)
        faiss_link = faiss.link(faiss.prepare())
        console.say(f"FAISS in {faiss_link.resolve()}")
        manifest = Manifest(root / "Scripts/weights.json")
        store = AssetStore(root, cache, environment.python, console)
        lacking = store.prepare(manifest, options.level)
        server = PostgresServer(cache, console).prepare() if options.level == "all" else None
    made = [environment.python, link / "lib/libtorch_cpu.so", faiss_link / "lib/libfaiss.a", *options.keep]
    made += [store.path(asset) for asset in manifest.selected(options.level) if asset not in lacking]
    # What could not be had is tried again next time, so only a complete "all" is stamped as such.
    is_all = options.level == "all" and not lacking and server is not None
    write_stamp(root, "all" if is_all else "required", options.key, made + ([server] if is_all else []))
    console.say("done")


def main():
    parser = argparse.ArgumentParser(prog="provision")
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--level", choices=["required", "all"], default="required")
    parser.add_argument("--key", required=True)
    parser.add_argument("--keep", action="append", default=[])
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    console = Console(options.quiet)
    try:
        provision(options, console)
    except SetupError as failure:
        console.error(failure)
        sys.exit(1)
    except OSError as failure:
        console.error(explain(failure, "setting up"))
        sys.exit(1)
    except KeyboardInterrupt:
        console.act("interrupted; run it again to go on")
        sys.exit(130)


if __name__ == "__main__":
    main()
