"""Plain lines on stderr, and failures that name their reason and what to do."""

import errno
import subprocess
import sys


class SetupError(Exception):
    """A failure that the user can act on."""

    def __init__(self, reason, remedy):
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Console:
    def __init__(self, quiet):
        self.quiet = quiet

    def say(self, line):
        """A step that needed nothing: silent under --quiet."""
        if not self.quiet:
            self.act(line)

    def act(self, line):
        """A step that takes time or changes something: always shown."""
        print(f"setup: {line}", file=sys.stderr, flush=True)

    def error(self, failure):
        print(f"setup: error: {failure.reason}", file=sys.stderr)
        print(f"setup:   {failure.remedy}", file=sys.stderr, flush=True)


NETWORK_SIGNS = (
    "Temporary failure in name resolution", "Name or service not known", "Failed to establish a new connection",
    "NewConnectionError", "Network is unreachable", "Connection refused", "Connection reset", "ConnectTimeout",
    "ReadTimeout", "Max retries exceeded", "Connection aborted", "ProxyError", "No route to host",
)


def explain(failure, doing):
    """The SetupError for an operating-system failure."""
    if failure.errno in (errno.ENOSPC, errno.EDQUOT):
        where = failure.filename or "the cache folder"
        return SetupError(f"the disk is full: {doing} ({where})", "Free some space, then run this again.")
    if failure.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupError(
            f"no permission to write {failure.filename}: {doing}",
            "Make it writable, or set SEMBLANCE_CACHE to a folder that is.")
    return SetupError(f"{doing}: {failure}", "Mend that, then run this again.")


# Descriptors of locks. pip inherits them, so that a pip which outlives a killed set-up keeps the next one waiting.
held_locks = []


def run_pip(python, arguments, doing, environment=None):
    """Runs pip; raises a SetupError that names the reason when it fails."""
    command = [str(python), "-m", "pip", *arguments]
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment,
        pass_fds=held_locks)
    if result.returncode == 0:
        return
    output = result.stdout
    if "No space left on device" in output or "Disk quota exceeded" in output:
        raise SetupError(f"the disk is full: {doing}", "Free some space (also in the temporary folder), then run this again.")
    if any(sign in output for sign in NETWORK_SIGNS):
        raise SetupError(f"no network: {doing}", "Connect this machine (or set up pip's proxy or index), then run this again.")
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in output:
        raise SetupError(
            f"the downloaded package differs from the one that was checked: {doing}",
            "Do not use it. Check which index pip is set up to use: pip config list")
    if "No matching distribution found" in output or "Could not find a version" in output:
        raise Unavailable(
            f"pip offers no matching package: {doing}",
            "Check which index pip is set up to use (pip config list) and that this Python is 3.10 to 3.14.")
    tail = " | ".join(line.strip() for line in output.splitlines()[-4:] if line.strip())
    raise SetupError(f"pip failed: {doing}: {tail}", f"Run it by hand to see more: {' '.join(command)}")


class Unavailable(SetupError):
    """The package index has no such version for this Python and machine."""
