// PNG by libpng: every colour type, 1 to 16 bits, interlaced or not. 16 bits are scaled to 8 with rounding, or kept; transparency is
// composited over black. libpng reports errors by longjmp: the frames it unwinds hold no object with a destructor.
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <png.h>
#include "internal.h"

namespace {

struct Input {
  const uint8_t* position;
  const uint8_t* end;
};

struct Output {
  uint8_t* block;
  size_t size, capacity;
};

[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  pelimg::fail("%s", text);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep destination, size_t count) {
  auto* input = static_cast<Input*>(png_get_io_ptr(png));
  if (size_t(input->end - input->position) < count) png_error(png, "the data end too early");
  memcpy(destination, input->position, count);
  input->position += count;
}

void on_write(png_structp png, png_bytep data, size_t count) {
  auto* output = static_cast<Output*>(png_get_io_ptr(png));
  if (output->capacity - output->size < count) {
    size_t capacity = (output->size + count) * 2;
    auto* block = static_cast<uint8_t*>(realloc(output->block, capacity));
    if (!block) png_error(png, "out of memory");
    output->block = block;
    output->capacity = capacity;
  }
  memcpy(output->block + output->size, data, count);
  output->size += count;
}

void on_flush(png_structp) {}

struct Reader {
  png_structp png;
  png_infop info;
  Input input;
};

int start(Reader& r, const uint8_t* file, int64_t length) {
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  if (!r.png) return pelimg::fail("libpng could not be started");
  r.info = png_create_info_struct(r.png);
  if (!r.info) {
    png_destroy_read_struct(&r.png, nullptr, nullptr);
    return pelimg::fail("out of memory");
  }
  r.input = Input{file, file + length};
  return 0;
}

// Text, time, profiles and the like are never unpacked: they may be bombs, and may carry patient data.
void read_header(Reader& r) {
  png_set_read_fn(r.png, &r.input, on_read);
  png_set_user_limits(r.png, 65500, 65500);
  png_set_chunk_malloc_max(r.png, 4 << 20);
  png_set_chunk_cache_max(r.png, 16);
  png_set_keep_unknown_chunks(r.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_crc_action(r.png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
  png_read_info(r.png, r.info);
}

}  // namespace

namespace pelimg {

const char* png_version() { return "libpng " PNG_LIBPNG_VER_STRING; }

bool is_png(const uint8_t* file, int64_t length) {
  static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
  return length >= 8 && memcmp(file, signature, 8) == 0;
}

int png_probe(const uint8_t* file, int64_t length, pelimg_info* info) {
  Reader r{};
  if (start(r, file, length)) return -1;
  if (setjmp(png_jmpbuf(r.png))) {
    png_destroy_read_struct(&r.png, &r.info, nullptr);
    return -1;
  }
  read_header(r);
  const int type = png_get_color_type(r.png, r.info);
  const bool transparent = (type & PNG_COLOR_MASK_ALPHA) || png_get_valid(r.png, r.info, PNG_INFO_tRNS);
  *info = pelimg_info{PELIMG_PNG, int32_t(png_get_image_width(r.png, r.info)), int32_t(png_get_image_height(r.png, r.info)),
                      type & PNG_COLOR_MASK_COLOR ? 3 : 1, png_get_bit_depth(r.png, r.info), transparent};
  png_destroy_read_struct(&r.png, &r.info, nullptr);
  return 0;
}

int png_decode(const uint8_t* file, int64_t length, const pelimg_info* info, int depth, uint8_t* destination) {
  Reader r{};
  if (start(r, file, length)) return -1;
  if (setjmp(png_jmpbuf(r.png))) {
    png_destroy_read_struct(&r.png, &r.info, nullptr);
    return -1;
  }
  read_header(r);
  png_set_expand(r.png);
  if (depth == 8) {
    png_set_scale_16(r.png);
  } else {
    png_set_expand_16(r.png);
    png_set_swap(r.png);
  }
  const int type = png_get_color_type(r.png, r.info);
  if ((type & PNG_COLOR_MASK_ALPHA) || png_get_valid(r.png, r.info, PNG_INFO_tRNS)) {
    png_color_16 black = {};
    png_set_background(r.png, &black, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
  }
  const int passes = png_set_interlace_handling(r.png);
  png_read_update_info(r.png, r.info);
  const size_t stride = size_t(info->width) * info->channels * (depth / 8);
  if (int64_t(png_get_image_width(r.png, r.info)) != info->width || int64_t(png_get_image_height(r.png, r.info)) != info->height ||
      png_get_rowbytes(r.png, r.info) != stride)
    png_error(r.png, "the header does not agree with the probed one");
  for (int pass = 0; pass < passes; pass++) {
    for (int y = 0; y < info->height; y++) png_read_row(r.png, destination + y * stride, nullptr);
  }
  png_read_end(r.png, nullptr);
  png_destroy_read_struct(&r.png, &r.info, nullptr);
  return 0;
}

int png_encode(const uint8_t* samples, int width, int height, int channels, int depth, uint8_t** file, int64_t* length) {
  struct Writer {
    png_structp png;
    png_infop info;
    Output output;
  } w{};
  w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  if (!w.png) return fail("libpng could not be started");
  w.info = png_create_info_struct(w.png);
  if (!w.info || setjmp(png_jmpbuf(w.png))) {
    png_destroy_write_struct(&w.png, &w.info);
    free(w.output.block);
    return -1;
  }
  png_set_write_fn(w.png, &w.output, on_write, on_flush);
  png_set_IHDR(w.png, w.info, width, height, depth, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(w.png, w.info);
  if (depth == 16) png_set_swap(w.png);
  for (int y = 0; y < height; y++) png_write_row(w.png, samples + size_t(y) * width * channels * (depth / 8));
  png_write_end(w.png, nullptr);
  png_destroy_write_struct(&w.png, &w.info);
  *file = w.output.block;
  *length = int64_t(w.output.size);
  return 0;
}

}  // namespace pelimg
