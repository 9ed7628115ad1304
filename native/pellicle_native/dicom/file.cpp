#include "file.h"
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>
#include <zlib.h>
#include "gdcmUIDs.h"

namespace peldcm {
namespace {

const struct {
  const char* uid;
  Coding coding;
} syntaxes[] = {
    {"1.2.840.10008.1.2", Coding::raw},         {"1.2.840.10008.1.2.1", Coding::raw},     {"1.2.840.10008.1.2.2", Coding::raw},
    {"1.2.840.10008.1.2.1.99", Coding::raw},    {"1.2.840.10008.1.2.5", Coding::rle},     {"1.2.840.10008.1.2.4.50", Coding::jpeg},
    {"1.2.840.10008.1.2.4.51", Coding::jpeg},   {"1.2.840.10008.1.2.4.70", Coding::jpeg},
    {"1.2.840.10008.1.2.4.80", Coding::jpeg},   {"1.2.840.10008.1.2.4.90", Coding::jpeg2000},
};

// The UID of the transfer syntax, and where the meta information ends. It is always explicit little endian; read here because GDCM does
// not get as far as to tell the name of a syntax that it does not know.
std::string uid_of(const char* file, size_t length, size_t& end) {
  std::string uid;
  for (end = 132; end + 12 <= length && file[end] == 2 && file[end + 1] == 0;) {
    const bool is_long = memcmp(file + end + 4, "OB", 2) == 0 || memcmp(file + end + 4, "UN", 2) == 0;
    uint32_t bytes = 0;
    memcpy(&bytes, file + end + (is_long ? 8 : 6), is_long ? 4 : 2);
    const size_t start = end + (is_long ? 12 : 8);
    if (bytes > length - start) refuse("its meta information is cut off");
    if (file[end + 2] == 0x10 && file[end + 3] == 0) uid.assign(file + start, std::min<size_t>(bytes, 64));
    end = start + bytes;
  }
  while (!uid.empty() && (uid.back() == ' ' || uid.back() == '\0')) uid.pop_back();
  return uid;
}

// Unpacks a deflated data set to nowhere: it must end properly, and not be larger than its picture could explain.
void check_deflated(const char* file, size_t length, int64_t max_bytes) {
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) refuse("zlib could not be started");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&z, inflateEnd);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file));
  z.avail_in = uInt(length);
  std::vector<Bytef> room(1 << 16);
  int status = Z_OK;
  while (status == Z_OK) {
    z.next_out = room.data();
    z.avail_out = uInt(room.size());
    status = inflate(&z, Z_NO_FLUSH);
    if (int64_t(z.total_out) > max_bytes) refuse("its deflated data set has more than " + std::to_string(max_bytes) + " bytes");
  }
  if (status != Z_STREAM_END) refuse("its deflated data set is damaged or cut off");
}

}  // namespace

Syntax syntax_of(const char* file, size_t length, int64_t max_bytes) {
  if (length < 132 || memcmp(file + 128, "DICM", 4) != 0) refuse("it is no DICOM file: 'DICM' is not at byte 128");
  size_t meta_end = 0;
  const std::string uid = uid_of(file, length, meta_end);
  const auto syntax = std::find_if(std::begin(syntaxes), std::end(syntaxes), [&](const auto& s) { return uid == s.uid; });
  if (syntax == std::end(syntaxes)) {
    gdcm::UIDs known;
    const bool has_name = !uid.empty() && known.SetFromUID(uid.c_str()) && known.GetName();
    const auto end = std::find_if(uid.begin(), uid.end(), [](char c) { return (c < '0' || c > '9') && c != '.'; });
    refuse("transfer syntax '" + std::string(has_name ? known.GetName() : "unknown") + "' (" + std::string(uid.begin(), end) + ") is not supported");
  }
  const bool is_deflated = uid == "1.2.840.10008.1.2.1.99";
  if (is_deflated) check_deflated(file + meta_end, length - meta_end, max_bytes);
  return {uid, syntax->coding, is_deflated};
}

}  // namespace peldcm
