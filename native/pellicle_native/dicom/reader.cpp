#include "reader.h"
#include "file.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>
#include "gdcmByteValue.h"
#include "gdcmDicts.h"
#include "gdcmGlobal.h"
#include "gdcmImage.h"
#include "gdcmImageReader.h"
#include "gdcmReader.h"
#include "gdcmSequenceOfFragments.h"
#include "gdcmSequenceOfItems.h"

namespace peldcm {
namespace {

using gdcm::Tag;

std::string text_of(const gdcm::DataSet& set, const Tag& tag) {
  if (!set.FindDataElement(tag)) return "";
  const gdcm::ByteValue* value = set.GetDataElement(tag).GetByteValue();
  if (!value || !value->GetPointer()) return "";
  std::string text(value->GetPointer(), std::min<size_t>(value->GetLength(), 256));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
  return text;
}

// First value of an unsigned short; GDCM has put it in this machine's byte order.
long short_of(const gdcm::DataSet& set, const Tag& tag, long absent) {
  if (!set.FindDataElement(tag)) return absent;
  const gdcm::ByteValue* value = set.GetDataElement(tag).GetByteValue();
  if (!value || value->GetLength() < 2) return absent;
  uint16_t number;
  memcpy(&number, value->GetPointer(), 2);
  return number;
}

// First of the decimal numbers, or NaN.
double decimal_of(const gdcm::DataSet& set, const Tag& tag) {
  const std::string text = text_of(set, tag);
  char* end = nullptr;
  const double number = strtod(text.c_str(), &end);
  return end == text.c_str() || !std::isfinite(number) ? NAN : number;
}

// Reads the picture without GDCM's own palettes, whose code asserts what real files do not keep: an index image is grey to it.
class IndexReader : public gdcm::ImageReader {
 public:
  bool ReadIndices() {
    if (!gdcm::Reader::Read()) return false;
    gdcm::DataSet& set = F->GetDataSet();
    if (text_of(set, Tag(0x28, 0x04)) == "PALETTE COLOR") {
      gdcm::DataElement kind(Tag(0x28, 0x04));
      kind.SetVR(gdcm::VR::CS);
      kind.SetByteValue("MONOCHROME2 ", 12);
      set.Replace(kind);
      for (uint16_t e : {0x1101, 0x1102, 0x1103, 0x1201, 0x1202, 0x1203}) set.Remove(Tag(0x28, e));
    }
    gdcm::MediaStorage media;
    media.SetFromFile(*F);
    PixelData->SetTransferSyntax(F->GetHeader().GetDataSetTransferSyntax());
    return ReadImage(media);
  }
};

struct Shape {
  long rows, columns, samples, frames, allocated, stored, high, is_signed, planar;
  std::string photometric;
  size_t frame_bytes() const { return size_t(rows) * columns * samples * (allocated / 8); }
};

std::string number(double value) {
  char text[40];
  snprintf(text, sizeof text, "%.17g", value);
  return text;
}

Shape shape_of(const gdcm::DataSet& set, int64_t max_pixels) {
  Shape s{short_of(set, Tag(0x28, 0x10), 0), short_of(set, Tag(0x28, 0x11), 0), short_of(set, Tag(0x28, 0x02), 1), 1,
          short_of(set, Tag(0x28, 0x100), 0), short_of(set, Tag(0x28, 0x101), 0), short_of(set, Tag(0x28, 0x102), -1),
          short_of(set, Tag(0x28, 0x103), 0), short_of(set, Tag(0x28, 0x06), 0), text_of(set, Tag(0x28, 0x04))};
  const std::string frames = text_of(set, Tag(0x28, 0x08));
  if (!frames.empty()) s.frames = strtol(frames.c_str(), nullptr, 10);
  if (s.rows < 1 || s.columns < 1) refuse("it holds no picture: rows (0028,0010) and columns (0028,0011) are " + std::to_string(s.rows) + " and " + std::to_string(s.columns));
  if (s.allocated != 8 && s.allocated != 16) refuse("bits allocated (0028,0100) is " + std::to_string(s.allocated) + "; expected 8 or 16");
  if (s.high < 0) s.high = s.stored - 1;
  if (s.stored < 1 || s.stored > s.allocated || s.high >= s.allocated || s.high + 1 < s.stored)
    refuse("bits stored (0028,0101) " + std::to_string(s.stored) + " and high bit (0028,0102) " + std::to_string(s.high) + " do not fit " + std::to_string(s.allocated) + " bits allocated");
  if (s.is_signed > 1 || s.planar > 1) refuse("pixel representation (0028,0103) or planar configuration (0028,0006) is neither 0 nor 1");
  const bool is_grey = s.photometric == "MONOCHROME1" || s.photometric == "MONOCHROME2" || s.photometric == "PALETTE COLOR";
  const bool is_colour = s.photometric == "RGB" || s.photometric == "YBR_FULL" || s.photometric == "YBR_FULL_422" || s.photometric == "YBR_RCT";
  if (!is_grey && !is_colour)
    refuse("photometric interpretation (0028,0004) is '" + s.photometric + "'; expected MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL, YBR_FULL_422 or YBR_RCT");
  if (s.samples != (is_grey ? 1 : 3)) refuse("samples per pixel (0028,0002) is " + std::to_string(s.samples) + "; " + s.photometric + " has " + (is_grey ? "1" : "3"));
  if (is_colour && s.allocated != 8) refuse("colour with " + std::to_string(s.allocated) + " bits allocated; expected 8");
  if (int64_t(s.rows) * s.columns > max_pixels)
    refuse("it declares " + std::to_string(s.columns) + " x " + std::to_string(s.rows) + " pixels; expected at most " + std::to_string(max_pixels));
  if (s.frames < 1 || s.frames > 100000 || int64_t(s.frames) * s.rows * s.columns * s.samples * (s.allocated / 8) > 8 * max_pixels)
    refuse("it declares " + std::to_string(s.frames) + " frames of " + std::to_string(s.columns) + " x " + std::to_string(s.rows) + " pixels; expected at least 1 and at most " + std::to_string(8 * max_pixels) + " bytes together");
  return s;
}

// A table (descriptor, data) as 16-bit entries of full range; first is the stored value of its first entry.
std::vector<uint16_t> table_of(const gdcm::DataSet& set, const Tag& descriptor_tag, const Tag& data_tag, bool is_signed, long& first, long& bits) {
  uint16_t d[3];
  const gdcm::ByteValue* descriptor = set.FindDataElement(descriptor_tag) ? set.GetDataElement(descriptor_tag).GetByteValue() : nullptr;
  const gdcm::ByteValue* data = set.FindDataElement(data_tag) ? set.GetDataElement(data_tag).GetByteValue() : nullptr;
  if (!descriptor || descriptor->GetLength() < 6 || !data || !data->GetPointer()) refuse("a lookup table is missing (segmented tables are not supported)");
  memcpy(d, descriptor->GetPointer(), 6);
  const size_t entries = d[0] == 0 ? 65536 : d[0];
  first = is_signed ? long(int16_t(d[1])) : long(d[1]);
  bits = d[2];
  if (bits < 8 || bits > 16) refuse("a lookup table has " + std::to_string(bits) + " bits; expected 8 to 16");
  std::vector<uint16_t> table(entries);
  if (data->GetLength() >= 2 * entries) {
    memcpy(table.data(), data->GetPointer(), 2 * entries);
  } else if (data->GetLength() >= entries && bits == 8) {
    for (size_t i = 0; i < entries; i++) table[i] = uint8_t(data->GetPointer()[i]);
  } else {
    refuse("a lookup table holds " + std::to_string(size_t(data->GetLength())) + " bytes; expected " + std::to_string(2 * entries));
  }
  return table;
}

void append(std::vector<char>& target, const std::vector<uint16_t>& table) {
  const char* bytes = reinterpret_cast<const char*>(table.data());
  target.insert(target.end(), bytes, bytes + 2 * table.size());
}

// Decoders fill what is missing with grey; a picture that was cut off must not come out. JPEG, JPEG-LS and JPEG 2000 all end in FFD9.
void check_pixel_data(const gdcm::DataSet& set, const Shape& s, Coding coding) {
  if (!set.FindDataElement(Tag(0x7fe0, 0x10))) refuse("it has no pixel data (7FE0,0010)");
  const gdcm::DataElement& pixels = set.GetDataElement(Tag(0x7fe0, 0x10));
  if (coding == Coding::raw) {
    const gdcm::ByteValue* value = pixels.GetByteValue();
    const size_t have = value ? size_t(value->GetLength()) : 0;
    const size_t samples = s.photometric == "YBR_FULL_422" ? s.frame_bytes() / 3 * 2 : s.frame_bytes();
    if (have < samples * s.frames) refuse("pixel data (7FE0,0010) holds " + std::to_string(have) + " bytes; expected " + std::to_string(samples * s.frames));
    return;
  }
  const gdcm::SequenceOfFragments* fragments = pixels.GetSequenceOfFragments();
  if (!fragments || fragments->GetNumberOfFragments() < size_t(coding == Coding::rle ? s.frames : 1)) refuse("the fragments of its pixel data (7FE0,0010) are missing");
  if (coding == Coding::rle) return;
  const gdcm::ByteValue* last = fragments->GetFragment(fragments->GetNumberOfFragments() - 1).GetByteValue();
  if (!last || !last->GetPointer()) refuse("the last fragment of its pixel data (7FE0,0010) is empty");
  const auto* end = reinterpret_cast<const uint8_t*>(last->GetPointer()) + last->GetLength();
  const auto* start = reinterpret_cast<const uint8_t*>(last->GetPointer());
  const auto* tail = end - std::min<std::ptrdiff_t>(end - start, 4);  // the marker, and up to two bytes of padding
  const uint8_t marker[] = {0xFF, 0xD9};
  if (std::search(tail, end, marker, marker + 2) == end) refuse("its compressed pixel data (7FE0,0010) is cut off: the end marker is missing");
}

void list_tags(const gdcm::DataSet& set, std::ostringstream& head) {
  const gdcm::Dicts& dicts = gdcm::Global::GetInstance().GetDicts();
  for (const gdcm::DataElement& element : set.GetDES()) {
    const Tag tag = element.GetTag();
    const char* name = tag.IsPrivate() ? "private" : dicts.GetDictEntry(tag).GetName();
    char line[32];
    snprintf(line, sizeof line, "tag=%04X,%04X ", tag.GetGroup(), tag.GetElement());
    head << line << (name && *name ? name : "unknown") << '\n';
  }
}

void interleave(std::vector<char>& pixels, const Shape& s) {
  const size_t plane = size_t(s.rows) * s.columns;
  std::vector<char> frame(plane * 3);
  for (size_t at = 0; at + 3 * plane <= pixels.size(); at += 3 * plane) {
    for (size_t i = 0; i < plane; i++)
      for (size_t c = 0; c < 3; c++) frame[3 * i + c] = pixels[at + c * plane + i];
    std::copy(frame.begin(), frame.end(), pixels.begin() + at);
  }
}

}  // namespace

Answer read(const char* file, size_t length, const Request& request) {
  const Syntax syntax = syntax_of(file, length, 8 * request.max_pixels);
  MemoryStream first_pass(file, length);
  gdcm::Reader header;
  header.SetStream(first_pass);
  if (!header.ReadUpToTag(Tag(0x7fe0, 0x10))) refuse("its data elements cannot be read: a length is wrong, or the file is cut off");
  const gdcm::DataSet& tags = header.GetFile().GetDataSet();
  const Shape s = shape_of(tags, request.max_pixels);
  if (request.frame >= s.frames) refuse("it has no frame " + std::to_string(request.frame));

  MemoryStream second_pass(file, length);
  IndexReader reader;
  reader.SetStream(second_pass);
  if (!reader.ReadIndices()) refuse("its pixel data cannot be read: it is damaged, cut off, or no image");
  if (second_pass.is_short && !syntax.is_deflated) refuse("it is cut off: a value leads beyond the end of the file");
  check_pixel_data(reader.GetFile().GetDataSet(), s, syntax.coding);
  const gdcm::Image& image = reader.GetImage();
  const unsigned int* size = image.GetDimensions();
  const long frames = image.GetNumberOfDimensions() > 2 ? long(size[2]) : 1;
  const gdcm::PixelFormat format = image.GetPixelFormat();
  if (long(size[0]) != s.columns || long(size[1]) != s.rows || frames != s.frames || format.GetSamplesPerPixel() != s.samples || format.GetBitsAllocated() != s.allocated)
    refuse("its compressed data is another picture than the header describes");
  const size_t bytes = image.GetBufferLength();
  if (bytes != s.frame_bytes() * s.frames) refuse("its pixel data decodes to " + std::to_string(bytes) + " bytes; expected " + std::to_string(s.frame_bytes() * s.frames));
  Answer answer;
  answer.pixels.resize(bytes);
  if (!image.GetBuffer(answer.pixels.data())) refuse("its pixel data cannot be decoded: it is damaged or cut off");
  if (s.samples == 3 && image.GetPlanarConfiguration() == 1) interleave(answer.pixels, s);
  if (request.frame >= 0 && s.frames > 1) {
    const auto start = answer.pixels.begin() + s.frame_bytes() * request.frame;
    answer.pixels = std::vector<char>(start, start + s.frame_bytes());
  }

  std::ostringstream head;
  const std::string kind = image.GetPhotometricInterpretation().GetString();
  head << "rows=" << s.rows << "\ncolumns=" << s.columns << "\nsamples=" << s.samples << "\nframes=" << s.frames << "\nbitsAllocated=" << s.allocated
       << "\nbitsStored=" << s.stored << "\nhighBit=" << s.high << "\nsigned=" << s.is_signed << "\nphotometric=" << s.photometric
       << "\ndecodedAs=" << kind << "\ntransferSyntax=" << syntax.uid
       << "\nslope=" << number(image.GetSlope()) << "\nintercept=" << number(image.GetIntercept());
  const double centre = decimal_of(tags, Tag(0x28, 0x1050)), width = decimal_of(tags, Tag(0x28, 0x1051));
  if (!std::isnan(centre) && width >= 1) head << "\nwindowCentre=" << number(centre) << "\nwindowWidth=" << number(width);
  long first = 0, bits = 0;
  if (s.photometric == "PALETTE COLOR") {
    size_t entries = 0;
    for (uint16_t c = 0; c < 3; c++) {
      const auto table = table_of(tags, Tag(0x28, uint16_t(0x1101 + c)), Tag(0x28, uint16_t(0x1201 + c)), s.is_signed, first, bits);
      if (c > 0 && table.size() != entries) refuse("its three palettes have different lengths");
      entries = table.size();
      append(answer.palette, table);
    }
    head << "\npaletteFirst=" << first << "\npaletteBits=" << bits;
  }
  if (tags.FindDataElement(Tag(0x28, 0x3000))) {
    const gdcm::SmartPointer<gdcm::SequenceOfItems> items = tags.GetDataElement(Tag(0x28, 0x3000)).GetValueAsSQ();
    if (items && items->GetNumberOfItems() > 0) {
      append(answer.modality, table_of(items->GetItem(1).GetNestedDataSet(), Tag(0x28, 0x3002), Tag(0x28, 0x3006), s.is_signed, first, bits));
      head << "\nmodalityFirst=" << first << "\nmodalityBits=" << bits;
    }
  }
  if (s.samples == 1 && tags.FindDataElement(Tag(0x28, 0x3010))) {
    const gdcm::SmartPointer<gdcm::SequenceOfItems> items = tags.GetDataElement(Tag(0x28, 0x3010)).GetValueAsSQ();
    if (items && items->GetNumberOfItems() > 0) {
      // Its first entry stands for a value after rescaling, which may be negative where the stored values are not (PS3.3 C.11.2.1.1).
      const bool may_be_negative = answer.modality.empty() && (s.is_signed || image.GetIntercept() < 0);
      append(answer.voi, table_of(items->GetItem(1).GetNestedDataSet(), Tag(0x28, 0x3002), Tag(0x28, 0x3006), may_be_negative, first, bits));
      head << "\nvoiFirst=" << first << "\nvoiBits=" << bits;
    }
  }
  head << '\n';
  if (request.want_tags) {
    list_tags(header.GetFile().GetHeader(), head);
    list_tags(tags, head);
  }
  answer.head = head.str();
  return answer;
}

}  // namespace peldcm
