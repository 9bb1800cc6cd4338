/// The mean face mesh: 468 points in MediaPipe's order. Origin midway between the eyes, x to the right of the picture, y down, z
/// towards the camera, unit = distance between the eyes' centres (about 63 mm).
enum CanonicalFace {
    static let points: [Vector3] = (0..<468).map {
        Vector3(Float(table[3 * $0]), Float(table[3 * $0 + 1]), Float(table[3 * $0 + 2])) / 1000
    }

    // Names are the person's own sides: the right eye lies to the left of the picture.
    static let rightEyeCorners = (33, 133)
    static let leftEyeCorners = (263, 362)
    static let noseTip = 4
    static let chin = 152
    static let mouthCorners = (right: 61, left: 291)

    /// The lower half of the face oval, from the person's right ear over the chin to the left ear.
    static let jaw = [
        234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454,
    ]

    /// Points on eyes, brows, lips and nostrils, whose colour says little about the light on the skin.
    static let notSkin: Set<Int> = [
        33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 263, 249, 390, 373, 374,
        380, 381, 382, 362, 398,
        384, 385, 386, 387, 388, 466, 70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 300, 293, 334, 296, 336, 285,
        295, 282, 283, 276, 61,
        146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95, 88,
        178, 87, 14, 317, 402, 318,
        324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415, 62, 76, 96, 89, 179, 86, 15, 316, 403, 319, 325,
        292, 306, 11, 12, 16, 72,
        73, 74, 38, 41, 42, 183, 184, 302, 303, 304, 268, 271, 272, 407, 408, 85, 77, 90, 180, 315, 307, 320,
        404, 98, 97, 326, 327, 2,
        10, 338, 297, 332, 284, 251, 109, 67, 103, 54, 21,
    ]
}
