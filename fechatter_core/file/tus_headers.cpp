#include "fechatter_core/file/tus_headers.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t number_digits_max = 19;
constexpr std::string_view metadata_header = "Upload-Metadata";
constexpr std::string_view checksum_header = "Upload-Checksum";

[[noreturn]] void refuse_header(std::string_view name, std::string_view reason) {
  throw Error{ErrorCode::malformed_request, fmt::format("{}: {}", name, reason)};
}

// RFC 4648 §4, with its padding.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.find_first_of("-_") != text.npos) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string other{text};
  std::replace(other.begin(), other.end(), '+', '-');
  std::replace(other.begin(), other.end(), '/', '_');
  return auth::base64url_decode(other);
}

std::string encode_base64(std::string_view bytes) {
  auto text = auth::base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

bool is_metadata_name(std::string_view name) {
  return !name.empty() && name.size() <= tus_metadata_name_max &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::pair<std::string, std::string> read_pair(std::string_view text) {
  const auto name = http::take_until(text, ' ');
  if (!is_metadata_name(name)) {
    refuse_header(metadata_header, "a name has 1 to 64 visible ASCII characters");
  }
  auto value = decode_base64(text);
  if (!value) refuse_header(metadata_header, fmt::format("the value of {} is no base64", name));
  return {std::string{name}, std::move(*value)};
}

const std::string* find_value(const TusMetadata& metadata, std::string_view name) {
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == metadata.end() ? nullptr : &found->second;
}

}  // namespace

void require_tus_version(const std::string* header) {
  if (header && *header == tus_version) return;
  const std::string detail = header ? "is not supported" : "is required";
  throw Error{ErrorCode::upload_version,
              fmt::format("Tus-Resumable: {}; this server speaks {}", detail, tus_version)};
}

std::uint64_t read_tus_number(std::string_view name, const std::string* header) {
  if (!header) refuse_header(name, "is required");
  const auto& text = *header;
  const bool is_number = !text.empty() && text.size() <= number_digits_max &&
                         std::all_of(text.begin(), text.end(), http::is_digit) &&
                         (text.size() == 1 || text.front() != '0');
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  if (!is_number || std::from_chars(text.data(), end, number).ec != std::errc{}) {
    refuse_header(name, "is no whole number from 0 on");
  }
  return static_cast<std::uint64_t>(number);
}

TusMetadata read_tus_metadata(std::string_view header) {
  if (header.size() > tus_metadata_bytes_max) {
    refuse_header(metadata_header, fmt::format("has {} bytes at most", tus_metadata_bytes_max));
  }
  TusMetadata metadata;
  auto rest = http::trimmed(header);
  bool has_more = !rest.empty();
  while (has_more) {
    has_more = rest.find(',') != rest.npos;
    auto pair = read_pair(http::trimmed(http::take_until(rest, ',')));
    if (find_value(metadata, pair.first)) {
      refuse_header(metadata_header, fmt::format("{} is there twice", pair.first));
    }
    if (metadata.size() == tus_metadata_pairs_max) {
      refuse_header(metadata_header, fmt::format("has {} pairs at most", tus_metadata_pairs_max));
    }
    metadata.push_back(std::move(pair));
  }
  return metadata;
}

std::string write_tus_metadata(const TusMetadata& metadata) {
  std::string header;
  for (const auto& [name, value] : metadata) {
    if (!header.empty()) header += ',';
    header += name;
    if (!value.empty()) header.append(" ").append(encode_base64(value));
  }
  return header;
}

std::string find_tus_file_name(const TusMetadata& metadata) {
  const auto* name = find_value(metadata, "filename");
  if (!name) name = find_value(metadata, "name");
  if (!name) return {};
  if (!is_utf8(*name) || name->find('\0') != name->npos) {
    refuse_header(metadata_header, "the name of the file is no text in UTF-8");
  }
  return *name;
}

ChunkChecksum read_tus_checksum(std::string_view header) {
  const auto name = http::take_until(header, ' ');
  ChunkChecksum checksum;
  std::size_t size = 32;
  if (name == "sha1") {
    checksum.algorithm = HashAlgorithm::sha1;
    size = 20;
  } else if (name != "sha256") {
    refuse_header(checksum_header, "is sha1 or sha256, a space and the digest in base64");
  }
  const auto digest = decode_base64(header);
  if (!digest || digest->size() != size) {
    refuse_header(checksum_header,
                  fmt::format("the digest of {} is {} bytes in base64", name, size));
  }
  checksum.digest = auth::to_bytea(*digest).substr(2);
  return checksum;
}

}  // namespace fechatter::file
