"""Averages face meshes over a folder of portraits and writes Sources/Faces/Masking/CanonicalFace+Table.swift.

    python Tools/reference/canonical_face.py FOLDER [COUNT]

Needs `mediapipe==0.10.14`, numpy, scipy and pillow. Each near-frontal face gives 468 three-dimensional points; they are
aligned by similarity (generalised Procrustes), the fifth that lies furthest from the mean is dropped (expressions,
failures), the rest averaged and made mirror-symmetric. Only that mean is written: it shows no person.

Frame: origin midway between the eyes, x to the right of the picture, y down, z towards the camera, in units of the
distance between the eyes' centres; written in thousandths.
"""

import pathlib
import random
import sys

import mediapipe as mp
import numpy as np
from PIL import Image
from scipy.optimize import linear_sum_assignment

LEFT_EYE, RIGHT_EYE, FOREHEAD, CHIN, NOSE_TIP = (33, 133), (263, 362), 10, 152, 4
OUTPUT = pathlib.Path(__file__).parents[2] / "Sources/Faces/Masking/CanonicalFace+Table.swift"


def measure(files, count):
    net = mp.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, min_detection_confidence=0.3)
    meshes = []
    for file in files:
        pixels = np.asarray(Image.open(file).convert("RGB"))
        found = net.process(pixels).multi_face_landmarks
        if not found:
            continue
        height, width = pixels.shape[:2]
        mesh = np.array([[p.x * width, p.y * height, -p.z * width] for p in found[0].landmark])
        left, right = mesh[list(LEFT_EYE)].mean(0), mesh[list(RIGHT_EYE)].mean(0)
        if abs(right[2] - left[2]) < 0.15 * np.linalg.norm((right - left)[:2]):
            meshes.append(mesh)
        if len(meshes) == count:
            break
    return np.array(meshes)


def similarity(source, target):
    ms, mt = source.mean(0), target.mean(0)
    u, s, vt = np.linalg.svd((target - mt).T @ (source - ms))
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = (s * flip).sum() / ((source - ms) ** 2).sum()
    return scale * (source - ms) @ (u @ np.diag(flip) @ vt).T + mt


def canonical(mesh):
    left, right = mesh[list(LEFT_EYE)].mean(0), mesh[list(RIGHT_EYE)].mean(0)
    x = (right - left) / np.linalg.norm(right - left)
    y = mesh[CHIN] - mesh[FOREHEAD]
    y -= x * (y @ x)
    y /= np.linalg.norm(y)
    z = np.cross(x, y)
    if (mesh[NOSE_TIP] - (left + right) / 2) @ z < 0:
        z = -z
    return (mesh - (left + right) / 2) @ np.stack([x, y, z], 1) / np.linalg.norm(right - left)


def main():
    files = sorted(p for p in pathlib.Path(sys.argv[1]).iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    random.Random(5).shuffle(files)
    meshes = measure(files, int(sys.argv[2]) if len(sys.argv) > 2 else 260)
    mean = canonical(meshes[0])
    for turn in range(8):
        aligned = np.array([similarity(mesh, mean) for mesh in meshes])
        mean = aligned.mean(0)
        if turn == 3:
            error = ((aligned - mean) ** 2).sum((1, 2))
            meshes = meshes[error < np.quantile(error, 0.8)]
        mean = canonical(mean)
        mirrored = mean * [-1, 1, 1]
        _, partner = linear_sum_assignment(((mean[:, None] - mirrored[None]) ** 2).sum(-1))
        mean = (mean + mirrored[partner]) / 2
    table = np.round(mean * 1000).astype(int)
    rows = [", ".join(f"{a}, {b}, {c}" for a, b, c in table[i : i + 6]) for i in range(0, len(table), 6)]
    OUTPUT.write_text(
        f"// Written by Tools/reference/canonical_face.py: the mean of {len(meshes)} measured face meshes.\n"
        "// swift-format-ignore-file\n"
        "extension CanonicalFace {\n"
        "    /// x, y, z of the 468 points in thousandths of the distance between the eyes.\n"
        "    static let table: [Int16] = [\n        " + ",\n        ".join(rows) + ",\n    ]\n}\n"
    )


main()
