#include "boundary.h"
#include <string>

namespace pel {

static thread_local std::string last_error;

void set_error(const char* text) {
  last_error = text ? text : "";
  // libtorch appends where it was thrown, oneDNN and libstdc++ do not; the managed side shows one line.
  size_t end = last_error.find('\n');
  if (end != std::string::npos) last_error.resize(end);
}

}  // namespace pel

const char* pel_error_text(void) { return pel::last_error.c_str(); }
