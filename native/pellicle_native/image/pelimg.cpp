// The C boundary: checks arguments, picks the codec, catches everything, keeps the message.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include "internal.h"

namespace {

thread_local char t_message[512];

template <class F> int guarded(F&& body) {
  try {
    return body();
  } catch (const std::exception& e) {
    return pelimg::fail("%s", e.what());
  } catch (...) {
    return pelimg::fail("unknown failure");
  }
}

bool valid_picture(const uint8_t* samples, int width, int height, int channels) {
  return samples && width > 0 && height > 0 && width <= 65500 && height <= 65500 && (channels == 1 || channels == 3);
}

}  // namespace

int pelimg::fail(const char* format, ...) {
  va_list list;
  va_start(list, format);
  vsnprintf(t_message, sizeof t_message, format, list);
  va_end(list);
  return -1;
}

int pelimg_abi(void) { return PELIMG_ABI; }

const char* pelimg_version(void) {
  static const struct Text {
    char value[96];
    Text() { snprintf(value, sizeof value, "%s, %s", pelimg::jpeg_version(), pelimg::png_version()); }
  } text;
  return text.value;
}

const char* pelimg_error(void) { return t_message; }

int pelimg_probe(const uint8_t* file, int64_t length, pelimg_info* info) {
  return guarded([&] {
    if (!file || !info || length < 0) return pelimg::fail("no data");
    *info = pelimg_info{};
    if (pelimg::is_jpeg(file, length)) return pelimg::jpeg_probe(file, length, info);
    if (pelimg::is_png(file, length)) return pelimg::png_probe(file, length, info);
    return pelimg::fail(length == 0 ? "the file is empty" : "neither PNG nor JPEG by its first bytes");
  });
}

int pelimg_decode(const uint8_t* file, int64_t length, const pelimg_info* info, uint8_t* destination, int64_t capacity) {
  return guarded([&] {
    if (!file || !info || !destination || length < 0) return pelimg::fail("no data");
    if (info->width <= 0 || info->height <= 0 || capacity != int64_t(info->width) * info->height * info->channels)
      return pelimg::fail("the destination holds %lld bytes, the picture has %d x %d x %d", (long long)capacity, info->width, info->height, info->channels);
    return info->format == PELIMG_JPEG ? pelimg::jpeg_decode(file, length, info, destination)
                                       : pelimg::png_decode(file, length, info, 8, destination);
  });
}

int pelimg_decode_png16(const uint8_t* file, int64_t length, const pelimg_info* info, uint16_t* destination, int64_t capacity) {
  return guarded([&] {
    if (!file || !info || !destination || length < 0 || info->format != PELIMG_PNG) return pelimg::fail("no PNG data");
    if (info->width <= 0 || info->height <= 0 || capacity != int64_t(info->width) * info->height * info->channels)
      return pelimg::fail("the destination holds %lld samples, the picture has %d x %d x %d", (long long)capacity, info->width, info->height, info->channels);
    return pelimg::png_decode(file, length, info, 16, reinterpret_cast<uint8_t*>(destination));
  });
}

int pelimg_encode_png(const uint8_t* samples, int width, int height, int channels, uint8_t** file, int64_t* length) {
  return guarded([&] {
    if (!valid_picture(samples, width, height, channels)) return pelimg::fail("cannot encode a picture of %d x %d x %d", width, height, channels);
    return pelimg::png_encode(samples, width, height, channels, 8, file, length);
  });
}

int pelimg_encode_png16(const uint16_t* samples, int width, int height, int channels, uint8_t** file, int64_t* length) {
  return guarded([&] {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(samples);
    if (!valid_picture(bytes, width, height, channels)) return pelimg::fail("cannot encode a picture of %d x %d x %d", width, height, channels);
    return pelimg::png_encode(bytes, width, height, channels, 16, file, length);
  });
}

int pelimg_encode_jpeg(const uint8_t* samples, int width, int height, int channels, int quality, uint8_t** file, int64_t* length) {
  return guarded([&] {
    if (!valid_picture(samples, width, height, channels)) return pelimg::fail("cannot encode a picture of %d x %d x %d", width, height, channels);
    return pelimg::jpeg_encode(samples, width, height, channels, quality, file, length);
  });
}

void pelimg_free(uint8_t* file) { free(file); }

int pelimg_resize(const uint8_t* samples, const pelimg_resize_job* job, uint8_t* destination) {
  return guarded([&] {
    const pelimg_resize_job& j = *job;
    if (!valid_picture(samples, j.width, j.height, j.channels) || !destination || j.out_width <= 0 || j.out_height <= 0 || j.crop_x < 0 ||
        j.crop_y < 0 || j.crop_width <= 0 || j.crop_height <= 0 || j.crop_x > j.width - j.crop_width || j.crop_y > j.height - j.crop_height)
      return pelimg::fail("resize of %d x %d x %d to %d x %d asks for a window outside the picture", j.width, j.height, j.channels, j.out_width, j.out_height);
    return pelimg::resize(samples, j, destination);
  });
}
