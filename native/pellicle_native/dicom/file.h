// A DICOM file in memory, before its elements are looked at: a stream over it for GDCM, and its transfer syntax.
#pragma once
#include <cstdint>
#include <istream>
#include <stdexcept>
#include <streambuf>
#include <string>

namespace peldcm {

[[noreturn]] inline void refuse(const std::string& text) { throw std::runtime_error(text); }

// A seekable stream over the request's memory, without a copy. GDCM fills a value that ends beyond the file with zeros: is_short tells.
class MemoryStream : private std::streambuf, public std::istream {
 public:
  MemoryStream(const char* data, size_t length) : std::istream(static_cast<std::streambuf*>(this)) {
    char* start = const_cast<char*>(data);
    setg(start, start, start + length);
  }

  bool is_short = false;

 protected:
  std::streamsize xsgetn(char* target, std::streamsize count) override {
    const std::streamsize left = egptr() - gptr();
    if (count > left && (left > 0 || count > 4)) is_short = true;  // looking for the next tag at the end of the file is no fault
    return std::streambuf::xsgetn(target, count);
  }
  std::streampos seekoff(std::streamoff offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const std::streamoff base = from == std::ios_base::beg ? 0 : from == std::ios_base::cur ? gptr() - eback() : egptr() - eback();
    return seekpos(base + offset, std::ios_base::in);
  }
  std::streampos seekpos(std::streampos position, std::ios_base::openmode) override {
    if (std::streamoff(position) < 0 || std::streamoff(position) > egptr() - eback()) return std::streampos(std::streamoff(-1));
    setg(eback(), eback() + std::streamoff(position), egptr());
    return position;
  }
};

enum class Coding { raw, rle, jpeg, jpeg2000 };

struct Syntax {
  std::string uid;
  Coding coding;
  bool is_deflated;
};

// The transfer syntax of a file. Throws if it is no DICOM file, if the syntax is not supported, or if its deflated data set does not unpack
// to at most max_bytes.
Syntax syntax_of(const char* file, size_t length, int64_t max_bytes);

}  // namespace peldcm
