#include "fechatter_core/file/s3_answers.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/file/xml_element.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t s3_name_length_max = 1024;  // of an object, by S3
constexpr std::size_t upload_id_length_max = 1024;
constexpr std::size_t error_code_length_max = 64;

std::optional<XmlElement> parse_root(std::string_view xml, std::string_view name) {
  auto root = parse_xml(xml);
  if (!root || root->name != name) return std::nullopt;
  return root;
}

bool is_bounded(std::string_view text, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max;
}

std::optional<S3Object> parse_object(const XmlElement& element) {
  const auto name = element.text_of("Key");
  const auto size = parse_size(element.text_of("Size"));
  const auto modified_at = parse_rfc3339(element.text_of("LastModified"));
  if (!is_bounded(name, s3_name_length_max) || !size || !modified_at) return std::nullopt;
  return S3Object{std::string{name}, *size, *modified_at};
}

std::optional<S3Upload> parse_upload(const XmlElement& element) {
  const auto object = element.text_of("Key");
  const auto id = element.text_of("UploadId");
  const auto begun_at = parse_rfc3339(element.text_of("Initiated"));
  const bool is_whole = is_bounded(object, s3_name_length_max) &&
                        is_bounded(id, upload_id_length_max) && begun_at.has_value();
  if (!is_whole) return std::nullopt;
  return S3Upload{std::string{object}, std::string{id}, *begun_at};
}

// Whether the list goes on, which its answer always says.
std::optional<bool> is_truncated(const XmlElement& list) {
  const auto text = list.text_of("IsTruncated");
  if (text != "true" && text != "false") return std::nullopt;
  return text == "true";
}

}  // namespace

std::optional<S3Page> parse_page(std::string_view xml) {
  const auto root = parse_root(xml, "ListBucketResult");
  if (!root) return std::nullopt;
  const auto truncated = is_truncated(*root);
  if (!truncated) return std::nullopt;
  S3Page page;
  page.is_last = !*truncated;
  for (const auto& child : root->children) {
    if (child.name != "Contents") continue;
    auto object = parse_object(child);
    if (!object) return std::nullopt;
    page.objects.push_back(std::move(*object));
  }
  // The next page is asked for by the last name of this one.
  if (page.objects.empty() && !page.is_last) return std::nullopt;
  return page;
}

std::optional<S3Uploads> parse_uploads(std::string_view xml) {
  const auto root = parse_root(xml, "ListMultipartUploadsResult");
  if (!root) return std::nullopt;
  const auto truncated = is_truncated(*root);
  if (!truncated) return std::nullopt;
  S3Uploads list;
  for (const auto& child : root->children) {
    if (child.name != "Upload") continue;
    auto upload = parse_upload(child);
    if (!upload) return std::nullopt;
    list.uploads.push_back(std::move(*upload));
  }
  if (!*truncated) return list;
  list.next_object = root->text_of("NextKeyMarker");
  list.next_id = root->text_of("NextUploadIdMarker");
  if (!is_bounded(list.next_object, s3_name_length_max)) return std::nullopt;
  return list;
}

std::optional<std::string> parse_upload_id(std::string_view xml) {
  const auto root = parse_root(xml, "InitiateMultipartUploadResult");
  if (!root) return std::nullopt;
  const auto id = root->text_of("UploadId");
  if (!is_bounded(id, upload_id_length_max)) return std::nullopt;
  return std::string{id};
}

bool is_completed(std::string_view xml) {
  return parse_root(xml, "CompleteMultipartUploadResult").has_value();
}

std::string completion_of(const std::vector<std::string>& entity_tags) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < entity_tags.size(); ++i) {
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
           xml_escaped(entity_tags[i]) + "</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

std::string parse_error_code(std::string_view xml) {
  const auto root = parse_root(xml, "Error");
  if (!root) return {};
  const auto code = root->text_of("Code");
  const auto is_allowed = [](char c) { return is_letter(c) || is_digit(c); };
  const bool is_code =
      code.size() <= error_code_length_max && std::all_of(code.begin(), code.end(), is_allowed);
  return is_code ? std::string{code} : std::string{};
}

std::optional<S3Range> parse_content_range(std::string_view value) {
  constexpr std::string_view unit = "bytes ";
  if (!value.starts_with(unit)) return std::nullopt;
  value.remove_prefix(unit.size());
  const auto first = parse_size(http::take_until(value, '-'));
  const auto last = parse_size(http::take_until(value, '/'));
  const auto size = parse_size(value);
  if (!first || !last || !size || *first > *last || *last >= *size) return std::nullopt;
  return S3Range{*first, *last, *size};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::uint64_t size = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return size;
}

}  // namespace fechatter::file
