// Reads one DICOM file from memory: pixels as stored (no window, no rescale), and what is needed to show them. No other value leaves it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace peldcm {

struct Request {
  int64_t max_pixels;  // of one frame
  int32_t frame;       // 0 for the first; -1 for all frames, one after the other
  int32_t want_tags;   // list the tags that are present: numbers and dictionary names, never values
};

struct Answer {
  std::string head;           // lines "name=value"
  std::vector<char> pixels;   // [frames, rows, columns, samples], little endian, 8 or 16 bits
  std::vector<char> palette;  // three tables of 16-bit entries, red, green, blue; empty unless PALETTE COLOR
  std::vector<char> modality; // 16-bit entries of the modality table; empty if there is none
  std::vector<char> voi;      // 16-bit entries of the first VOI table; empty if there is none
};

// Throws std::exception with a one-line text for every file that cannot be read.
Answer read(const char* file, size_t length, const Request& request);

}  // namespace peldcm
