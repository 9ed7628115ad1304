// The data set of a DICOM file as a tree of elements, for programs that clean headers, and the way back to a file. Both ways through GDCM.
// A set is: int32 count, then elements. An element is: uint32 tag, two letters of its value representation, one byte kind, then (kind 0) int32
// length and the value in little endian, or (kind 1) int32 count of items, each a set.
#pragma once
#include <cstdint>
#include <string>

namespace peldcm {

struct DataSetTree {
  std::string syntax;  // UID of the transfer syntax
  std::string set;     // without pixel data (7FE0,0010) and what comes after it
};

// Throws std::exception with a one-line text for every file that cannot be read. Sequences that GDCM cannot walk come as values of UN.
DataSetTree read_set(const char* file, size_t length, int64_t max_bytes);

// A file with meta information of its own. Request: one byte (1 for implicit little endian, 0 for explicit), then a set. Throws if it is none.
std::string write_set(const char* request, size_t length);

}  // namespace peldcm
