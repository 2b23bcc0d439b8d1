#include <algorithm>
#include <set>
#include <string>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/file_name.hpp"
#include "fechatter_core/file/tus_headers.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// The headers of uploads in chunks: each line of the input is tried as the value of each of them.
namespace fechatter::fuzz {
namespace {

// What `check` refuses is refused with 400 and names its header.
template <class F>
void check_refusals(std::string_view name, F check) {
  try {
    check();
  } catch (const Error& error) {
    require(error.code() == ErrorCode::malformed_request, "a bad header is the client's fault");
    require(std::string_view{error.what()}.starts_with(std::string{name} + ": "),
            "a refusal names its header");
  }
}

void check_metadata(std::string_view header) {
  const auto metadata = file::read_tus_metadata(header);
  require(metadata.size() <= file::tus_metadata_pairs_max, "metadata have a number of pairs");
  std::set<std::string> names;
  for (const auto& [name, value] : metadata) {
    require(names.insert(name).second, "a name is there once");
    require(!name.empty() && name.size() <= file::tus_metadata_name_max, "a name has its length");
    require(value.size() <= header.size(), "no byte is added");
  }
  const auto again = file::write_tus_metadata(metadata);
  require(again.size() <= header.size(), "what is written is not longer");
  require(file::read_tus_metadata(again) == metadata, "metadata that are written come back");
  const auto name = file::find_tus_file_name(metadata);
  require(is_utf8(name) && name.find('\0') == name.npos, "a name is text");
  require(is_utf8(file::kept_name(name)), "a kept name is text");
}

void check_number(const std::string& header) {
  const auto number = file::read_tus_number("Upload-Length", &header);
  require(std::to_string(number) == header, "a number has one spelling");
  require(number < std::uint64_t{1} << 63, "a number fits the database");
}

void check_checksum(std::string_view header) {
  const auto checksum = file::read_tus_checksum(header);
  const bool is_sha1 = checksum.algorithm == file::HashAlgorithm::sha1;
  require(checksum.digest.size() == (is_sha1 ? 40 : 64), "a digest has its length");
  require(checksum.digest.find_first_not_of("0123456789abcdef") == std::string::npos,
          "a digest is as the hash is written");
  require(header.starts_with(is_sha1 ? "sha1 " : "sha256 "), "an algorithm has one spelling");
}

void check_version(const std::string& header) {
  try {
    file::require_tus_version(&header);
    require(header == file::tus_version, "one version is spoken");
  } catch (const Error& error) {
    require(error.code() == ErrorCode::upload_version, "another version has a code of its own");
  }
}

void check_header(const std::string& header) {
  check_refusals("Upload-Metadata", [&] { check_metadata(header); });
  check_refusals("Upload-Length", [&] { check_number(header); });
  check_refusals("Upload-Checksum", [&] { check_checksum(header); });
  check_version(header);
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fechatter::fuzz::text_of(data, size);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    fechatter::fuzz::check_header(std::string{line});
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return 0;
}
