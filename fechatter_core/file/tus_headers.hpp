#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fechatter_core/file/content_hash.hpp"

// The headers of tus 1.0 (https://tus.io/protocols/resumable-upload), in which clients send files
// in chunks. Strict: one spelling for each value. What a header must not be is a malformed_request
// (400) whose detail begins with the header's name. Pure; any thread.
namespace fechatter::file {

inline constexpr const char* tus_version = "1.0.0";
inline constexpr const char* tus_checksum_algorithms = "sha1,sha256";

// Throws upload_version (412) for another version, and for none: a null.
void require_tus_version(const std::string* header);

// Digits without a leading zero, 0 to 2^63 - 1. A null is a header that is missing.
std::uint64_t read_tus_number(std::string_view name, const std::string* header);

// The pairs of Upload-Metadata in their order: names unlike each other, values decoded.
using TusMetadata = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t tus_metadata_bytes_max = 4096;  // of the header
inline constexpr std::size_t tus_metadata_pairs_max = 16;
inline constexpr std::size_t tus_metadata_name_max = 64;  // bytes

TusMetadata read_tus_metadata(std::string_view header);
// The reverse. REQUIRES: the names are as read_tus_metadata gives them.
std::string write_tus_metadata(const TusMetadata& metadata);

// The name of the file: of the pair "filename", or else "name"; empty when there is neither. Throws
// malformed_request when it is no UTF-8 or has a NUL.
std::string find_tus_file_name(const TusMetadata& metadata);

// What Upload-Checksum says of a chunk.
struct ChunkChecksum {
  HashAlgorithm algorithm = HashAlgorithm::sha256;
  std::string digest;  // as ContentHash::finish gives it

  friend bool operator==(const ChunkChecksum&, const ChunkChecksum&) = default;
};

ChunkChecksum read_tus_checksum(std::string_view header);

}  // namespace fechatter::file
