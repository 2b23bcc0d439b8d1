#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A small, strict reader of XML, for the answers of S3-compatible stores: elements, text and the
// five predefined entities. Whatever else there is (DOCTYPE, CDATA, comments, processing
// instructions) is refused, so that nothing expands and nothing is loaded. Pure; any thread.
namespace fechatter::file {

struct XmlElement {
  std::string name;  // as it is written, with its prefix; attributes are left out
  std::string text;  // all character data that is directly in it
  std::vector<XmlElement> children;

  // The first child of that name, or null.
  const XmlElement* find(std::string_view child) const;
  // The text of that child; empty when there is none.
  std::string_view text_of(std::string_view child) const;
};

inline constexpr std::size_t xml_bytes_max = 4 * 1024 * 1024;
inline constexpr int xml_depth_max = 8;
inline constexpr std::size_t xml_elements_max = 50'000;

// The root; nullopt for what is not well-formed UTF-8 XML of that kind, or is beyond the limits.
std::optional<XmlElement> parse_xml(std::string_view document);

// The text with the characters escaped that XML gives a meaning.
std::string xml_escaped(std::string_view text);

}  // namespace fechatter::file
