// C ABI of libpelimg.so: PNG and JPEG files to 8-bit samples and back, and antialiased resizing. Knows nothing of libtorch.
// No exception and no longjmp crosses it. Functions return 0, or -1 with a one-line text in pelimg_error() of the same thread.
#pragma once
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define PELIMG_API __attribute__((visibility("default")))
#define PELIMG_ABI 2

enum { PELIMG_PNG = 1, PELIMG_JPEG = 2 };

// channels is what pelimg_decode delivers: 1 (grey) or 3 (RGB). bit_depth and has_alpha describe the file.
typedef struct { int32_t format, width, height, channels, bit_depth, has_alpha; } pelimg_info;

// A window of the source, resized to out_width x out_height. planar: [channels][out_height][out_width], otherwise interleaved.
typedef struct {
  int32_t width, height, channels, crop_x, crop_y, crop_width, crop_height, out_width, out_height, planar;
} pelimg_resize_job;

PELIMG_API int pelimg_abi(void);
PELIMG_API const char* pelimg_version(void);
PELIMG_API const char* pelimg_error(void);
PELIMG_API int pelimg_probe(const uint8_t* file, int64_t length, pelimg_info* info);
// info must come from pelimg_probe of the same bytes; destination holds exactly width * height * channels bytes.
PELIMG_API int pelimg_decode(const uint8_t* file, int64_t length, const pelimg_info* info, uint8_t* destination, int64_t capacity);
// PNG only: samples of 16 bits, this machine's byte order; pictures of fewer bits are widened. capacity counts samples.
PELIMG_API int pelimg_decode_png16(const uint8_t* file, int64_t length, const pelimg_info* info, uint16_t* destination, int64_t capacity);
// Encoders give a block to be freed by pelimg_free.
PELIMG_API int pelimg_encode_png(const uint8_t* samples, int width, int height, int channels, uint8_t** file, int64_t* length);
PELIMG_API int pelimg_encode_png16(const uint16_t* samples, int width, int height, int channels, uint8_t** file, int64_t* length);
PELIMG_API int pelimg_encode_jpeg(const uint8_t* samples, int width, int height, int channels, int quality, uint8_t** file, int64_t* length);
PELIMG_API void pelimg_free(uint8_t* file);
PELIMG_API int pelimg_resize(const uint8_t* samples, const pelimg_resize_job* job, uint8_t* destination);
#ifdef __cplusplus
}
#endif
