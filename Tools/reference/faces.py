"""Reference values for face detection, alignment, recognition and landmarks from OpenCV, ONNX Runtime, dlib, LiteRT and
scikit-image. Usage: faces.py YUNET.onnx SFACE.onnx DLIB.dat DLIB-5-POINTS.dat MESH.tflite [FIXTURE-FOLDER]

The photo is scikit-image's astronaut (NASA, public domain): the face once upright and once small and turned. Needs numpy,
opencv-python-headless, onnxruntime, dlib-bin, ai-edge-litert, scikit-image, safetensors."""

import pathlib
import sys

import cv2
import dlib
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from safetensors.numpy import save_file
from skimage import data
from skimage.transform import SimilarityTransform

ARCFACE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def scene():
    """RGB uint8 [250, 330, 3]: no side is a multiple of 32."""
    photo = data.astronaut()
    canvas = np.full((250, 330, 3), 90, np.uint8)
    canvas[:, :210] = photo[0:250, 120:330]
    turn = cv2.getRotationMatrix2D((222, 115), 17, 0.45)
    turn[:, 2] += np.array([270, 150]) - np.array([222, 115])
    small = cv2.warpAffine(photo, turn, (330, 250), flags=cv2.INTER_AREA)
    canvas[:, 212:] = small[:, 212:]
    return canvas


def detect(image, model, threshold):
    """Rows x, y, w, h, ten landmark coordinates, score."""
    height, width = image.shape[:2]
    detector = cv2.FaceDetectorYN.create(model, "", (width, height), threshold, 0.3, 5000)
    return detector.detect(image[:, :, ::-1].copy())[1].astype(np.float32)


def recognise_sface(model, crop):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    planes = crop.transpose(2, 0, 1)[None].astype(np.float32)
    return session.run(None, {"data": planes})[0]


def describe_dlib(network, predictor, image, box):
    """dlib's five points, its face chip and its descriptor of that chip."""
    x, y, w, h = (int(round(float(v))) for v in box)
    shape = dlib.shape_predictor(predictor)(image, dlib.rectangle(x, y, x + w, y + h))
    points = np.array([[p.x, p.y] for p in shape.parts()], np.float32)
    chip = dlib.get_face_chip(image, shape, size=150, padding=0.25)
    descriptor = dlib.face_recognition_model_v1(network).compute_face_descriptor(chip)
    return points, chip, np.array(descriptor, np.float32)[None]


def region(centre, side, first, second):
    """The 2x3 map from the image to the 192-pixel crop of MediaPipe's rotated square: three corners of the square go to
    three corners of the crop."""
    angle = np.arctan2(second[1] - first[1], second[0] - first[0])
    right = np.array([np.cos(angle), np.sin(angle)]) * side / 2
    down = np.array([-right[1], right[0]])
    corners = np.array([centre - right - down, centre + right - down, centre - right + down], np.float32)
    return cv2.getAffineTransform(corners, np.array([[0, 0], [192, 0], [0, 192]], np.float32))


def mesh(interpreter, crop):
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], crop[None].astype(np.float32) / 255)
    interpreter.invoke()
    first, second = (interpreter.get_tensor(d["index"]).reshape(-1) for d in interpreter.get_output_details())
    return (first.reshape(468, 3), second) if first.size > 1 else (second.reshape(468, 3), first)


def find_mesh(interpreter, image, row):
    """Points in the image: around the detector's box, then around the points found."""
    first, second = row[4:6], row[6:8]
    centre, side = row[:2] + row[2:4] / 2, 1.5 * max(row[2], row[3])
    for _ in range(2):
        to_crop = region(centre, side, first, second)
        crop = cv2.warpAffine(image, to_crop, (192, 192), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        points = cv2.transform(mesh(interpreter, crop)[0][None, :, :2], cv2.invertAffineTransform(to_crop))[0]
        low, high = points.min(0), points.max(0)
        centre, side, first, second = (low + high) / 2, 1.5 * (high - low).max(), points[33], points[263]
    return points.astype(np.float32), to_crop, crop


def ffhq(points, size):
    """2x3 map from the image to the crop, from the corners of the quadrilateral that FFHQ's script cuts out."""
    left, right, _, mouth_left, mouth_right = points.astype(np.float64)
    eye, mouth = (left + right) / 2, (mouth_left + mouth_right) / 2
    x = (right - left) - np.flipud(mouth - eye) * [-1, 1]
    x /= np.hypot(*x)
    x *= max(np.hypot(*(right - left)) * 2.0, np.hypot(*(mouth - eye)) * 1.8)
    y = np.flipud(x) * [-1, 1]
    c = eye + (mouth - eye) * 0.1
    corners = np.stack([c - x - y, c + x - y, c - x + y]).astype(np.float32)
    # Pillow's corners are pixel edges, half a pixel outside of the first pixel's centre.
    target = np.array([[-0.5, -0.5], [size - 0.5, -0.5], [-0.5, size - 0.5]], np.float32)
    return cv2.getAffineTransform(corners, target)


def main(yunet, sface, network, predictor, tflite, folder):
    cv2.setNumThreads(1)
    image = scene()
    cv2.imwrite(str(folder / "faces.png"), image[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    rows = detect(image, yunet, 0.3)
    tensors = {"detections": rows}
    points = rows[0, 4:14].reshape(5, 2)

    similarity = SimilarityTransform.from_estimate(points, ARCFACE)
    tensors["arcface.transform"] = similarity.params[:2]
    for size in (256, 1024):
        tensors[f"ffhq{size}.transform"] = ffhq(points, size)

    crop = cv2.warpAffine(image, similarity.params[:2], (112, 112), flags=cv2.INTER_LINEAR)
    recogniser = cv2.FaceRecognizerSF.create(sface, "")
    aligned = recogniser.alignCrop(image[:, :, ::-1].copy(), rows[0])[:, :, ::-1]
    print("arcface crop against OpenCV's: mean difference", np.abs(crop.astype(int) - aligned).mean())
    tensors["sface.crop"] = np.ascontiguousarray(aligned)
    tensors["sface.embedding"] = recognise_sface(sface, aligned)
    published = recogniser.feature(aligned[:, :, ::-1].copy())
    print("sface, ONNX Runtime against OpenCV:", np.abs(published - tensors["sface.embedding"]).max())

    corners, chip, descriptor = describe_dlib(network, predictor, image, rows[0, :4])
    tensors |= {"dlib.points": corners, "dlib.chip": chip, "dlib.embedding": descriptor}

    interpreter = Interpreter(str(tflite), num_threads=1)
    interpreter.allocate_tensors()
    for index in range(2):
        found, to_crop, crop = find_mesh(interpreter, image, rows[index])
        tensors[f"mesh.{index}.landmarks"] = found
    tensors["mesh.crop"] = crop
    tensors["mesh.points"], tensors["mesh.presence"] = mesh(interpreter, crop)
    save_file({k: np.ascontiguousarray(v if v.dtype != np.float64 else v.astype(np.float32)) for k, v in tensors.items()},
              folder / "faces.safetensors")
    print("faces", rows[:, 14], "descriptor length", np.linalg.norm(descriptor), "presence", tensors["mesh.presence"])


if __name__ == "__main__":
    default = pathlib.Path(__file__).parents[2] / "Tests/FacesTests/Fixtures"
    main(*sys.argv[1:6], pathlib.Path(sys.argv[6]) if len(sys.argv) > 6 else default)
