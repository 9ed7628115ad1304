// JPEG by libjpeg-turbo: baseline and progressive, grey or YCbCr/RGB, 8 bits. Damaged data is an error, never a grey fill.
// libjpeg reports errors by longjmp: the frames it unwinds hold no object with a destructor.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <jerror.h>
#include "internal.h"

#define PEL_TEXT2(x) #x
#define PEL_TEXT(x) PEL_TEXT2(x)

namespace {

// A hostile progressive file can hold thousands of scans over a huge picture; ordinary encoders write about ten.
constexpr int kMaxScans = 200;

struct ErrorState {
  jpeg_error_mgr base;
  jmp_buf escape;
};

[[noreturn]] void on_error(j_common_ptr info) {
  char text[JMSG_LENGTH_MAX];
  (*info->err->format_message)(info, text);
  pelimg::fail("%s", text);
  longjmp(reinterpret_cast<ErrorState*>(info->err)->escape, 1);
}

// libjpeg calls missing or broken entropy data a warning and paints grey; here the picture is refused.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      on_error(info);
    default:
      info->err->num_warnings++;
  }
}

void on_output(j_common_ptr) {}

void on_progress(j_common_ptr info) {
  if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) {
    pelimg::fail("more than %d scans", kMaxScans);
    longjmp(reinterpret_cast<ErrorState*>(info->err)->escape, 1);
  }
}

struct Reader {
  jpeg_decompress_struct jpeg;
  ErrorState errors;
  jpeg_progress_mgr progress;
};

void open(Reader& r, const uint8_t* file, int64_t length) {
  jpeg_create_decompress(&r.jpeg);
  r.progress.progress_monitor = on_progress;
  r.jpeg.progress = &r.progress;
  jpeg_mem_src(&r.jpeg, file, static_cast<unsigned long>(length));
  jpeg_read_header(&r.jpeg, TRUE);
}

void prepare_errors(ErrorState& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_message;
  errors.base.output_message = on_output;
}

}  // namespace

namespace pelimg {

const char* jpeg_version() { return "libjpeg-turbo " PEL_TEXT(LIBJPEG_TURBO_VERSION); }

bool is_jpeg(const uint8_t* file, int64_t length) { return length >= 3 && file[0] == 0xFF && file[1] == 0xD8 && file[2] == 0xFF; }

int jpeg_probe(const uint8_t* file, int64_t length, pelimg_info* info) {
  Reader r{};
  prepare_errors(r.errors);
  r.jpeg.err = &r.errors.base;
  if (setjmp(r.errors.escape)) {
    jpeg_destroy_decompress(&r.jpeg);
    return -1;
  }
  open(r, file, length);
  const int components = r.jpeg.num_components;
  const J_COLOR_SPACE space = r.jpeg.jpeg_color_space;
  *info = pelimg_info{PELIMG_JPEG, int32_t(r.jpeg.image_width), int32_t(r.jpeg.image_height), components == 1 ? 1 : 3, r.jpeg.data_precision, 0};
  jpeg_destroy_decompress(&r.jpeg);
  if (space == JCS_CMYK || space == JCS_YCCK) return fail("JPEG in CMYK colours; expected grey or RGB");
  if (components != 1 && components != 3) return fail("JPEG with %d components; expected 1 (grey) or 3 (RGB)", components);
  return 0;
}

int jpeg_decode(const uint8_t* file, int64_t length, const pelimg_info* info, uint8_t* destination) {
  Reader r{};
  prepare_errors(r.errors);
  r.jpeg.err = &r.errors.base;
  if (setjmp(r.errors.escape)) {
    jpeg_destroy_decompress(&r.jpeg);
    return -1;
  }
  open(r, file, length);
  if (int(r.jpeg.image_width) != info->width || int(r.jpeg.image_height) != info->height || (r.jpeg.num_components == 1 ? 1 : 3) != info->channels) {
    jpeg_destroy_decompress(&r.jpeg);
    return fail("the header does not agree with the probed one");
  }
  r.jpeg.out_color_space = info->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  r.jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&r.jpeg);
  const size_t stride = size_t(info->width) * info->channels;
  while (r.jpeg.output_scanline < r.jpeg.output_height) {
    JSAMPROW rows[8];
    const JDIMENSION first = r.jpeg.output_scanline;
    const JDIMENSION count = r.jpeg.output_height - first < 8 ? r.jpeg.output_height - first : 8;
    for (JDIMENSION i = 0; i < count; i++) rows[i] = destination + (first + i) * stride;
    jpeg_read_scanlines(&r.jpeg, rows, count);
  }
  jpeg_finish_decompress(&r.jpeg);
  jpeg_destroy_decompress(&r.jpeg);
  return 0;
}

int jpeg_encode(const uint8_t* samples, int width, int height, int channels, int quality, uint8_t** file, int64_t* length) {
  struct Writer {
    jpeg_compress_struct jpeg;
    ErrorState errors;
    unsigned char* block;
    unsigned long size;
  } w{};
  prepare_errors(w.errors);
  w.jpeg.err = &w.errors.base;
  if (setjmp(w.errors.escape)) {
    jpeg_destroy_compress(&w.jpeg);
    free(w.block);
    return -1;
  }
  jpeg_create_compress(&w.jpeg);
  jpeg_mem_dest(&w.jpeg, &w.block, &w.size);
  w.jpeg.image_width = width;
  w.jpeg.image_height = height;
  w.jpeg.input_components = channels;
  w.jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&w.jpeg);
  jpeg_set_quality(&w.jpeg, quality, TRUE);
  w.jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&w.jpeg, TRUE);
  const size_t stride = size_t(width) * channels;
  while (w.jpeg.next_scanline < w.jpeg.image_height) {
    JSAMPROW row = const_cast<uint8_t*>(samples) + w.jpeg.next_scanline * stride;
    jpeg_write_scanlines(&w.jpeg, &row, 1);
  }
  jpeg_finish_compress(&w.jpeg);
  jpeg_destroy_compress(&w.jpeg);
  *file = w.block;
  *length = int64_t(w.size);
  return 0;
}

}  // namespace pelimg
