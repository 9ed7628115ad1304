// The process behind Pellicle's DICOM reading: requests on stdin, answers on stdout, until stdin ends. It opens no file.
// Request: a letter, int64 length, int64 max_pixels, int32 frame, int32 want_tags, the file. Answer: one status byte (0 or 1), then the blocks,
// or one block (the error text); a block is int64 length and bytes. The letters:
// R, pixels: head, pixels, palette, modality table, VOI table. E, elements: transfer syntax, set (dataset.h). W, a set becomes a file: the file.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <sys/resource.h>
#include <vector>
#include "gdcmTrace.h"
#include "gdcmVersion.h"
#include "dataset.h"
#include "reader.h"

namespace {

bool take(void* target, size_t bytes) { return fread(target, 1, bytes, stdin) == bytes; }

void put(const void* source, size_t bytes) {
  if (fwrite(source, 1, bytes, stdout) != bytes) exit(2);
}

void put_block(const void* source, size_t bytes) {
  const int64_t length = int64_t(bytes);
  put(&length, sizeof length);
  put(source, bytes);
}

void put_error(const char* text) {
  put("\1", 1);
  put_block(text, __builtin_strlen(text));
}

void limit(decltype(RLIMIT_AS) what, rlim_t most) {
  rlimit value{};
  if (getrlimit(what, &value) == 0 && (value.rlim_cur == RLIM_INFINITY || value.rlim_cur > most)) {
    value.rlim_cur = most;
    setrlimit(what, &value);
  }
}

void answer(char verb, const std::vector<char>& file, const peldcm::Request& request) {
  try {
    if (verb == 'W') {
      const std::string written = peldcm::write_set(file.data(), file.size());
      put("\0", 1);
      put_block(written.data(), written.size());
      return;
    }
    if (verb == 'E') {
      const peldcm::DataSetTree tree = peldcm::read_set(file.data(), file.size(), 8 * request.max_pixels);
      put("\0", 1);
      put_block(tree.syntax.data(), tree.syntax.size());
      put_block(tree.set.data(), tree.set.size());
      return;
    }
    const peldcm::Answer a = peldcm::read(file.data(), file.size(), request);
    put("\0", 1);
    put_block(a.head.data(), a.head.size());
    put_block(a.pixels.data(), a.pixels.size());
    put_block(a.palette.data(), a.palette.size());
    put_block(a.modality.data(), a.modality.size());
    put_block(a.voi.data(), a.voi.size());
  } catch (const std::exception& e) {
    put_error(e.what());
  } catch (...) {
    put_error("unknown failure of the DICOM library");
  }
}

}  // namespace

int main() {
  limit(RLIMIT_AS, rlim_t(4) << 30);
  limit(RLIMIT_CORE, 0);
  signal(SIGINT, SIG_IGN);  // Ctrl-C reaches the whole group; the program that asked decides
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
  printf("pellicle-dicom 2, GDCM %s\n", gdcm::Version::GetVersion());
  fflush(stdout);
  // Assertions of the library would print parts of the file.
  if (!freopen("/dev/null", "w", stderr)) return 2;
  char verb;
  while (take(&verb, 1)) {
    int64_t length = 0;
    peldcm::Request request{};
    if ((verb != 'R' && verb != 'E' && verb != 'W') || !take(&length, 8) || !take(&request.max_pixels, 8) || !take(&request.frame, 4) || !take(&request.want_tags, 4) || length < 0 ||
        length > (int64_t(1) << 31))
      return 2;
    std::vector<char> file(static_cast<size_t>(length));
    if (!take(file.data(), file.size())) return 2;
    answer(verb, file, request);
    fflush(stdout);
  }
  return 0;
}
