#include <algorithm>
#include <string>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/file/s3_answers.hpp"
#include "fechatter_core/file/xml_element.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// Answers of an S3-compatible store: XML, and the header Content-Range.
namespace fechatter::fuzz {
namespace {

std::string written(const file::XmlElement& element) {
  auto text = '<' + element.name + '>' + file::xml_escaped(element.text);
  for (const auto& child : element.children) text += written(child);
  return text + "</" + element.name + '>';
}

std::size_t count_checked(const file::XmlElement& element, int depth) {
  require(depth <= file::xml_depth_max, "elements have their depth");
  require(!element.name.empty() && element.name.find_first_of("<>&\"' /") == std::string::npos,
          "a name is one");
  require(is_utf8(element.text), "texts are UTF-8");
  std::size_t count = 1;
  for (const auto& child : element.children) count += count_checked(child, depth + 1);
  return count;
}

void check_xml(std::string_view document) {
  const auto root = file::parse_xml(document);
  if (!root) return;
  require(count_checked(*root, 1) <= file::xml_elements_max, "elements have their number");
  const auto once = written(*root);
  const auto again = file::parse_xml(once);
  require(again && written(*again) == once, "what is written is read again");
}

void check_answers(std::string_view document) {
  if (const auto page = file::parse_page(document)) {
    require(page->is_last || !page->objects.empty(), "a list goes on behind an object");
    for (const auto& object : page->objects) require(!object.name.empty(), "an object has a name");
  }
  if (const auto list = file::parse_uploads(document)) {
    require(list->next_id.empty() || !list->next_object.empty(), "a page has its begin");
    for (const auto& upload : list->uploads) require(!upload.id.empty(), "an upload has an id");
  }
  if (const auto id = file::parse_upload_id(document)) require(!id->empty(), "an id is one");
  const auto code = file::parse_error_code(document);
  const auto is_fit = [](char c) { return is_letter(c) || is_digit(c); };
  require(std::all_of(code.begin(), code.end(), is_fit), "a code is fit for a log");
  if (const auto range = file::parse_content_range(document)) {
    require(range->first <= range->last && range->last < range->size, "a range is within");
  }
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fechatter::fuzz::text_of(data, size);
  fechatter::fuzz::check_xml(input);
  fechatter::fuzz::check_answers(input);
  return 0;
}
