#!/usr/bin/env python3
"""A client of `semblance serve` in Python, with nothing but the standard library.

    python3 semblance_client.py unmask masked.jpg recovered.png
    python3 semblance_client.py verify first.jpg second.jpg
    python3 semblance_client.py add face photo.jpg --identity alice
    python3 semblance_client.py search face photo.jpg

SEMBLANCE_URL says where the server is (default: http://127.0.0.1:8080), SEMBLANCE_TOKEN which token to send, if it asks for one.
In a program: `from semblance_client import Client`.
"""
import argparse
import base64
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class APIError(Exception):
    """The server refused; `status` and `detail` say why."""

    def __init__(self, status, detail):
        super().__init__(f"the server answered {status}: {detail}")
        self.status, self.detail = status, detail


class Client:
    def __init__(self, url=None, token=None, timeout=120):
        self.url = (url or os.environ.get("SEMBLANCE_URL") or "http://127.0.0.1:8080").rstrip("/")
        self.token = token or os.environ.get("SEMBLANCE_TOKEN")
        self.timeout = timeout

    def unmask(self, photo):
        """(report, picture): faces with boxes and masks, and the recovered photo as PNG. `photo` is bytes, as everywhere here."""
        report = self.post("/v1/unmask", {"image": photo})
        return report, base64.b64decode(report["image"]["data"])

    def verify(self, first, second, unmask=True, far=0.001):
        """Similarity, threshold and decision; a wrong "same" happens for at most the share `far` of pairs."""
        return self.post("/v1/verify", {"first": first, "second": second}, {"unmask": str(unmask).lower(), "far": far})

    def embed(self, photo, kind):
        """Vectors of unit length: of the main face ("face") or of the person that fills the photo ("person")."""
        return self.post("/v1/embed", {"image": photo}, {"kind": kind})

    def add(self, kind, photo, identity=None, **values):
        """Puts a photo's face or person into a gallery. The photo itself is not kept."""
        return self.post(f"/v1/gallery/{kind}/entries", {"image": photo}, {"identity": identity, **values})

    def search(self, kind, photo=None, top=10, **conditions):
        """The entries most like a photo, those that meet conditions (identity, camera, after, before, attributes), or both."""
        files = {"image": photo} if photo else {}
        return self.post("/v1/search", files, {"kind": kind, "top": top, **conditions})["hits"]

    def delete(self, kind, identity):
        """Deletes a person for good."""
        return self.call("DELETE", f"/v1/gallery/{kind}/entries?{urllib.parse.urlencode({'identity': identity})}")

    def post(self, path, files, values=None):
        boundary = uuid.uuid4().hex
        body = bytearray()
        for name, content in files.items():
            body += (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="photo"\r\n'
                     "Content-Type: application/octet-stream\r\n\r\n").encode() + content + b"\r\n"
        for name, value in (values or {}).items():
            if value is not None:
                body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        body += f"--{boundary}--\r\n".encode()
        return self.call("POST", path, bytes(body), f"multipart/form-data; boundary={boundary}")

    def call(self, method, path, body=None, kind=None, tries=5):
        headers = {"Content-Type": kind} if kind else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for attempt in range(tries):
            request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                # 503 is no refusal: the server says when it may have room again.
                if error.code == 503 and attempt + 1 < tries:
                    time.sleep(float(error.headers.get("Retry-After") or 1))
                    continue
                try:
                    detail = json.load(error)["detail"]
                except (ValueError, KeyError):
                    detail = error.reason
                raise APIError(error.code, detail) from None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("unmask", help="recover the faces of a photo")
    command.add_argument("photo", type=pathlib.Path)
    command.add_argument("output", type=pathlib.Path, help="where the recovered photo goes, PNG")
    command = commands.add_parser("verify", help="compare two photos")
    command.add_argument("photos", type=pathlib.Path, nargs=2)
    for name, about in (("add", "add a photo to a gallery"), ("search", "search a gallery by a photo")):
        command = commands.add_parser(name, help=about)
        command.add_argument("kind", choices=["face", "person"])
        command.add_argument("photo", type=pathlib.Path)
        if name == "add":
            command.add_argument("--identity", help="who is shown")
    arguments = parser.parse_args()
    client = Client()
    if arguments.command == "unmask":
        report, picture = client.unmask(arguments.photo.read_bytes())
        arguments.output.write_bytes(picture)
        faces = report["faces"]
        print(f"{len(faces)} face{'' if len(faces) == 1 else 's'}, {sum(face['masked'] for face in faces)} masked")
    elif arguments.command == "verify":
        report = client.verify(*(photo.read_bytes() for photo in arguments.photos))
        print(f"{'probably the same person' if report['same'] else 'probably different people'}: "
              f"similarity {report['similarity']:.3f}, threshold {report['threshold']:.3f}")
    elif arguments.command == "add":
        report = client.add(arguments.kind, arguments.photo.read_bytes(), arguments.identity)
        for entry in report["entries"]:
            print(f"entry {entry['id']}, {'new' if report['added'] else 'there already'}")
    else:
        for hit in client.search(arguments.kind, arguments.photo.read_bytes()):
            print(f"{hit['rank']}\t{hit['similarity']:.3f}\t{hit['entry'].get('identity', 'unknown')}\tentry {hit['entry']['id']}")


if __name__ == "__main__":
    try:
        main()
    except (APIError, OSError) as error:
        sys.exit(f"semblance_client: error: {error}")
