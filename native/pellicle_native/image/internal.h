// Shared by the files of libpelimg.so: the per-thread message, and the codec entry points that pelimg.cpp dispatches to.
#pragma once
#include <cstddef>
#include <cstdint>
#include "pelimg.h"

namespace pelimg {

// Formats into the thread's message; always returns -1.
int fail(const char* format, ...) __attribute__((format(printf, 1, 2)));

bool is_jpeg(const uint8_t* file, int64_t length);
bool is_png(const uint8_t* file, int64_t length);
int jpeg_probe(const uint8_t* file, int64_t length, pelimg_info* info);
int jpeg_decode(const uint8_t* file, int64_t length, const pelimg_info* info, uint8_t* destination);
int jpeg_encode(const uint8_t* samples, int width, int height, int channels, int quality, uint8_t** file, int64_t* length);
int png_probe(const uint8_t* file, int64_t length, pelimg_info* info);
int png_decode(const uint8_t* file, int64_t length, const pelimg_info* info, int depth, uint8_t* destination);
int png_encode(const uint8_t* samples, int width, int height, int channels, int depth, uint8_t** file, int64_t* length);
int resize(const uint8_t* samples, const pelimg_resize_job& job, uint8_t* destination);
const char* jpeg_version();
const char* png_version();

}  // namespace pelimg
