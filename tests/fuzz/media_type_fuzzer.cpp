#include <algorithm>
#include <string>

#include "fechatter_core/file/file_url.hpp"
#include "fechatter_core/file/media_type.hpp"
#include "tests/fuzz/fuzz.hpp"

// The type of a file by its first bytes; and the URLs of files.
namespace fechatter::fuzz {
namespace {

using file::MediaType;

const MediaType& type_of(std::string_view head) {
  static file::MediaTypes types;
  return types.of(head);
}

bool is_known(const MediaType& type) {
  const auto all = file::media_types();
  return &type >= all.data() && &type < all.data() + all.size();
}

bool may_hold_script(std::string_view media_type) {
  return media_type.starts_with("text/") || media_type.starts_with("application/") ||
         media_type.find("xml") != media_type.npos;
}

void check_type(std::string_view head) {
  const auto& type = type_of(head);
  require(is_known(type), "a type is in the table");
  require(&file::media_type_of_extension(type.extension) == &type, "an extension is of one type");
  require(!type.is_shown_inline || !may_hold_script(type.media_type),
          "what can hold a script is not shown inline");
  require(&type_of(head) == &type, "a file has one type");
}

// What a browser would show of a text is a page, so no text may be shown.
void check_text(std::string_view head) {
  const bool is_text =
      std::all_of(head.begin(), head.end(), [](char c) { return (c >= ' ' && c < 0x7f); });
  if (is_text) require(!type_of("<html>" + std::string{head}).is_shown_inline, "HTML is attached");
}

void check_of_two_types(std::string_view head) {
  const auto gif = std::string{"GIF89a\1\0\1\0\0\0\0", 13} + std::string{head};
  require(type_of(gif).media_type == "image/gif", "a GIF with something behind it is a GIF");
  const auto pdf = "%PDF-1.7\n" + std::string{head};
  require(type_of(pdf).media_type == "application/pdf", "and a PDF is a PDF");
}

void check_url(std::string_view text) {
  const auto key = file::parse_file_url(text);
  if (!key) return;
  require(file::to_url(*key) == text, "a file has one URL");
  require(text.find("..") == text.npos && text.find('%') == text.npos, "it names no other folder");
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto head = fechatter::fuzz::text_of(data, size);
  fechatter::fuzz::check_type(head);
  fechatter::fuzz::check_text(head);
  fechatter::fuzz::check_of_two_types(head);
  fechatter::fuzz::check_url(head);
  return 0;
}
