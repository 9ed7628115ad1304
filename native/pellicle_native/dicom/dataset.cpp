#include "dataset.h"
#include <cstring>
#include <sstream>
#include "file.h"
#include "gdcmByteValue.h"
#include "gdcmDicts.h"
#include "gdcmFileMetaInformation.h"
#include "gdcmGlobal.h"
#include "gdcmReader.h"
#include "gdcmSequenceOfFragments.h"
#include "gdcmSequenceOfItems.h"
#include "gdcmWriter.h"

namespace peldcm {
namespace {

using gdcm::Tag;
using gdcm::VR;

const int deepest_nesting = 16;
const Tag pixel_data(0x7fe0, 0x0010);

void put(std::string& target, const void* source, size_t bytes) { target.append(static_cast<const char*>(source), bytes); }

void put_number(std::string& target, size_t value) {
  if (value > 0x7fffffff) refuse("it has a value of " + std::to_string(value) + " bytes");
  const int32_t number = int32_t(value);
  put(target, &number, sizeof number);
}

// Implicit files do not tell what is a sequence: the dictionary does.
gdcm::SmartPointer<gdcm::SequenceOfItems> items_of(const gdcm::DataElement& element) {
  if (element.IsEmpty() || element.GetSequenceOfFragments()) return nullptr;  // compressed icons are fragments, not items
  const VR vr = element.GetVR();
  const bool is_named = vr == VR::SQ || element.IsUndefinedLength();
  const bool is_listed = vr == VR::INVALID && !element.GetTag().IsPrivate() && gdcm::Global::GetInstance().GetDicts().GetDictEntry(element.GetTag()).GetVR() == VR::SQ;
  if (!is_named && !is_listed) return nullptr;
  try {
    return element.GetValueAsSQ();
  } catch (const std::exception&) {
    return nullptr;
  }
}

void put_set(std::string& target, const gdcm::DataSet& set, int depth, int64_t max_bytes) {
  if (depth > deepest_nesting) refuse("its sequences are nested more than " + std::to_string(deepest_nesting) + " deep");
  const size_t place = target.size();
  int32_t count = 0;
  put(target, &count, sizeof count);
  for (const gdcm::DataElement& element : set.GetDES()) {
    const Tag tag = element.GetTag();
    if (depth == 0 && !(tag < pixel_data)) break;
    count++;
    const uint32_t number = uint32_t(tag.GetGroup()) << 16 | tag.GetElement();
    put(target, &number, sizeof number);
    const gdcm::SmartPointer<gdcm::SequenceOfItems> items = items_of(element);
    const VR kind = element.GetVR();
    const char* vr = items ? "SQ" : kind == VR::INVALID || kind == VR::SQ ? "UN" : VR::GetVRString(kind);
    put(target, vr && strlen(vr) == 2 ? vr : "UN", 2);
    target += char(items ? 1 : 0);
    if (items) {
      put_number(target, items->GetNumberOfItems());
      for (size_t i = 1; i <= items->GetNumberOfItems(); i++) put_set(target, items->GetItem(i).GetNestedDataSet(), depth + 1, max_bytes);
    } else {
      const gdcm::ByteValue* value = element.GetByteValue();
      const size_t bytes = value && value->GetPointer() ? size_t(value->GetLength()) : 0;
      put_number(target, bytes);
      if (bytes > 0) put(target, value->GetPointer(), bytes);
    }
    if (int64_t(target.size()) > max_bytes) refuse("its header has more than " + std::to_string(max_bytes) + " bytes");
  }
  memcpy(&target[place], &count, sizeof count);
}

class TreeReader {
 public:
  TreeReader(const char* data, size_t length) : at_(data), end_(data + length) {}

  gdcm::DataSet set(int depth) {
    if (depth > deepest_nesting) refuse("the set is nested too deeply");
    gdcm::DataSet set;
    for (int32_t count = number(); count > 0; count--) set.Replace(element(depth));
    return set;
  }

  void require_end() const {
    if (at_ != end_) refuse("the set is longer than it says");
  }

 private:
  gdcm::DataElement element(int depth) {
    uint32_t tag;
    memcpy(&tag, take(4), 4);
    const char vr[3] = {take(1)[0], take(1)[0], 0};
    const VR::VRType type = VR::GetVRTypeFromFile(vr);
    if (type == VR::INVALID) refuse("the set has an element of unknown value representation");
    gdcm::DataElement element(Tag(uint16_t(tag >> 16), uint16_t(tag)));
    element.SetVR(type);
    const bool is_sequence = take(1)[0] == 1;
    const int32_t count = number();
    if (!is_sequence) {
      element.SetByteValue(take(size_t(count)), uint32_t(count));
      return element;
    }
    gdcm::SmartPointer<gdcm::SequenceOfItems> items = new gdcm::SequenceOfItems;
    items->SetLengthToUndefined();
    for (int32_t i = 0; i < count; i++) {
      gdcm::Item item;
      item.SetVLToUndefined();
      item.SetNestedDataSet(set(depth + 1));
      items->AddItem(item);
    }
    element.SetValue(*items);
    element.SetVLToUndefined();
    return element;
  }

  int32_t number() {
    int32_t value;
    memcpy(&value, take(4), 4);
    if (value < 0) refuse("the set holds a negative length");
    return value;
  }

  const char* take(size_t bytes) {
    if (bytes > size_t(end_ - at_)) refuse("the set is cut off");
    const char* start = at_;
    at_ += bytes;
    return start;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

DataSetTree read_set(const char* file, size_t length, int64_t max_bytes) {
  const Syntax syntax = syntax_of(file, length, max_bytes);
  MemoryStream stream(file, length);
  gdcm::Reader reader;
  reader.SetStream(stream);
  if (!reader.ReadUpToTag(pixel_data)) refuse("its data elements cannot be read: a length is wrong, or the file is cut off");
  DataSetTree tree{syntax.uid, {}};
  put_set(tree.set, reader.GetFile().GetDataSet(), 0, max_bytes);
  return tree;
}

std::string write_set(const char* request, size_t length) {
  if (length < 1) refuse("the request is empty");
  TreeReader tree(request + 1, length - 1);
  gdcm::Writer writer;
  gdcm::FileMetaInformation::SetImplementationVersionName("PELLICLE");
  gdcm::FileMetaInformation::SetSourceApplicationEntityTitle("PELLICLE");
  writer.GetFile().GetHeader().SetDataSetTransferSyntax(request[0] == 1 ? gdcm::TransferSyntax::ImplicitVRLittleEndian : gdcm::TransferSyntax::ExplicitVRLittleEndian);
  writer.GetFile().SetDataSet(tree.set(0));
  tree.require_end();
  std::ostringstream stream;
  writer.SetStream(stream);
  if (!writer.Write()) refuse("the file cannot be written: SOP class (0008,0016) or SOP instance (0008,0018) is missing or unknown");
  return stream.str();
}

}  // namespace peldcm
