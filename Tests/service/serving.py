"""A running `semblance serve`, and a client that speaks to it; with nothing but Python's standard library."""

import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = ROOT / ".build/release/semblance"


def semblance(*arguments, binary=BINARY):
    """Runs the command; returns what it printed, and ends this program when it failed."""
    process = subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True)
    if process.returncode:
        raise SystemExit(f"'semblance {' '.join(map(str, arguments[:2]))}' ended with status {process.returncode}: "
                         f"{process.stderr.strip()}")
    return process.stdout


class Server:
    """Started on a free port of this machine; the end of the `with` block stops it in good order."""

    def __init__(self, options=(), tokens=None, galleries=(), binary=BINARY, wait=120):
        """`tokens` maps names to rights: a file of them is made, and `self.tokens` has the secrets."""
        self.folder = tempfile.TemporaryDirectory(prefix="semblance-serve-")
        folder = pathlib.Path(self.folder.name)
        self.log = folder / "errors"
        self.tokens = {}
        command = [str(binary), "serve", "--port", "0", *map(str, options)]
        for name, access in (tokens or {}).items():
            secret = semblance("serve", "token", "add", name, "--access", access, "--tokens", folder / "tokens.json",
                               binary=binary)
            self.tokens[name] = secret.strip()
        if tokens:
            command += ["--tokens", str(folder / "tokens.json")]
        for gallery in galleries:
            command += ["--gallery", str(gallery)]
        environment = dict(os.environ, OMP_WAIT_POLICY=os.environ.get("OMP_WAIT_POLICY", "passive"))
        with open(self.log, "wb") as log:
            # Ended with this program, however that ends.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=log, env=environment)
        end = time.monotonic() + wait
        while True:
            found = re.search(r"^serving (https?)://.*:(\d+)$", self.errors(), re.MULTILINE)
            if found:
                self.port = int(found[2])
                self.url = f"{found[1]}://127.0.0.1:{self.port}"
                return
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise SystemExit(f"the server did not start: {self.errors().strip()}")
            time.sleep(0.02)

    def errors(self):
        return self.log.read_text(errors="replace")

    def complaints(self):
        """Lines of the log that are not the record of a request: the server's own troubles."""
        lines = [line for line in self.errors().splitlines() if line.strip()]
        return [line for line in lines if not line.startswith(("{", "serving ", "stopping in good order"))]

    def is_alive(self):
        return self.process.poll() is None

    def memory(self):
        """Resident bytes now."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024

    def processor_seconds(self):
        """Time that its threads computed so far, user and system."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Asks it to end; returns its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_alive():
            self.stop()
        self.folder.cleanup()


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection, which is kept open between requests and opened again when the server closed it."""

    def __init__(self, port, token=None, timeout=120):
        self.port, self.timeout = port, timeout
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection = None

    def ask(self, method, target, body=None, headers=None):
        for attempt in (1, 2):
            isFresh = self.connection is None
            if isFresh:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            try:
                self.connection.request(method, target, body=body, headers={**self.headers, **(headers or {})})
                answer = self.connection.getresponse()
                reply = Reply(answer.status, answer.headers, answer.read())
                if answer.will_close:
                    self.close()
                return reply
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                # An idle connection may have been closed in the meantime; a new one may not.
                if isFresh or attempt == 2:
                    raise

    def post(self, target, files=None, values=None, headers=None):
        body, kind = form(files or {}, values or {})
        return self.ask("POST", target, body, {"Content-Type": kind, **(headers or {})})

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def form(files, values, boundary=None):
    """The body and its type of a form; files map names to bytes."""
    boundary = boundary or f"form-{uuid.uuid4().hex}"
    parts = []
    for name, content in files.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="photo"\r\n'
                     "Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
    for name, value in values.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
