#ifndef SEMBLANCE_CPNG_H
#define SEMBLANCE_CPNG_H

#include <png.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Reading goes through libpng's full interface: the simplified one scrambles interlaced 16-bit files (seen with 1.6.39)
// and bends samples by the file's gamma, which the libraries that training sets are read with ignore. Its errors jump, so
// this part has to be C.

struct semblance_png_source {
    const uint8_t *bytes;
    size_t count;
    size_t position;
    // Why reading failed.
    char message[128];
};

static void semblance_png_fail(png_structp png, png_const_charp text) {
    struct semblance_png_source *source = (struct semblance_png_source *)png_get_error_ptr(png);
    strncpy(source->message, text, sizeof source->message - 1);
    png_longjmp(png, 1);
}

static void semblance_png_ignore(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void semblance_png_pull(png_structp png, png_bytep target, size_t length) {
    struct semblance_png_source *source = (struct semblance_png_source *)png_get_io_ptr(png);
    if (length > source->count - source->position) png_error(png, "the file ends early");
    memcpy(target, source->bytes + source->position, length);
    source->position += length;
}

/// Reads a PNG file in memory as 8-bit grey, RGB or RGBA (straight alpha), 16-bit samples rounded to the nearest level.
/// Without `pixels` only the header is read and width, height and channels are set; with it, width · height · channels
/// bytes are written. Returns 0, or 1 with a reason in source->message.
__attribute__((noinline, unused)) static int semblance_png_read(
    struct semblance_png_source *source, uint32_t *width, uint32_t *height, int *channels, uint8_t *pixels) {
    source->position = 0;
    source->message[0] = 0;
    png_infop info = NULL;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, source, semblance_png_fail, semblance_png_ignore);
    if (png != NULL) info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        strcpy(source->message, "no memory for the decoder");
        return 1;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return 1;
    }
    png_set_read_fn(png, source, semblance_png_pull);
    // Sizes are limited by the caller; texts and profiles are not wanted at all.
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    static const uint8_t unwanted[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT\0hIST\0eXIf";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unwanted, (int)(sizeof unwanted / 5));
    png_read_info(png, info);
    *width = png_get_image_width(png, info);
    *height = png_get_image_height(png, info);
    int colour = png_get_color_type(png, info);
    int has_alpha = (colour & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    *channels = has_alpha ? 4 : (colour & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
    if (pixels != NULL) {
        png_set_expand(png);
        png_set_scale_16(png);
        if (*channels == 4) png_set_gray_to_rgb(png);
        int passes = png_set_interlace_handling(png);
        png_read_update_info(png, info);
        size_t stride = (size_t)*width * (size_t)*channels;
        if (png_get_rowbytes(png, info) != stride) png_error(png, "unexpected row length");
        for (int pass = 0; pass < passes; pass++)
            for (uint32_t y = 0; y < *height; y++) png_read_row(png, pixels + y * stride, NULL);
    }
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
}

struct semblance_png_sink {
    uint8_t *bytes;
    size_t capacity;
    size_t count;
    // Why writing failed.
    char message[128];
};

static void semblance_png_fail_writing(png_structp png, png_const_charp text) {
    struct semblance_png_sink *sink = (struct semblance_png_sink *)png_get_error_ptr(png);
    strncpy(sink->message, text, sizeof sink->message - 1);
    png_longjmp(png, 1);
}

static void semblance_png_push(png_structp png, png_bytep bytes, size_t length) {
    struct semblance_png_sink *sink = (struct semblance_png_sink *)png_get_io_ptr(png);
    if (length > sink->capacity - sink->count) png_error(png, "the buffer is too small");
    memcpy(sink->bytes + sink->count, bytes, length);
    sink->count += length;
}

static void semblance_png_flush(png_structp png) { (void)png; }

/// Writes 8-bit grey, RGB or RGBA pixels as a PNG file in memory. `level` is zlib's, 1 to 9; `filters` libpng's mask.
/// Returns 0 with the size in sink->count, or 1 with a reason in sink->message.
__attribute__((noinline, unused)) static int semblance_png_write(
    struct semblance_png_sink *sink, uint32_t width, uint32_t height, int channels, const uint8_t *pixels, int level,
    int filters) {
    sink->count = 0;
    sink->message[0] = 0;
    png_infop info = NULL;
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, sink, semblance_png_fail_writing, semblance_png_ignore);
    if (png != NULL) info = png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        strcpy(sink->message, "no memory for the encoder");
        return 1;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return 1;
    }
    png_set_write_fn(png, sink, semblance_png_push, semblance_png_flush);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    int colour = channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
    png_set_IHDR(png, info, width, height, 8, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_set_compression_level(png, level);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filters);
    png_write_info(png, info);
    size_t stride = (size_t)width * (size_t)channels;
    for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return 0;
}

#endif
