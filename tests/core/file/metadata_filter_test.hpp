#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "fechatter_core/file/metadata_filter.hpp"
#include "tests/support/pictures.hpp"

namespace fechatter::file {

// What is stored of a file that comes in pieces of so many bytes.
inline std::string filtered_in_pieces(std::string_view file, std::size_t size) {
  MetadataFilter filter;
  std::string stored;
  std::string piece;  // of its own, so that a sanitizer sees a view of a former one
  while (!file.empty()) {
    piece = std::string{file.substr(0, size)};
    file.remove_prefix(piece.size());
    filter.feed(piece);
    for (auto kept = filter.next(); !kept.empty(); kept = filter.next()) stored += kept;
  }
  stored += filter.finish();
  return stored;
}

// What is stored of a file; the test fails when that depends on its pieces, or changes when it is
// filtered again.
inline std::string filtered(std::string_view file) {
  auto stored = filtered_in_pieces(file, std::max<std::size_t>(file.size(), 1));
  for (const std::size_t size : {1, 3, 4096}) {
    EXPECT_TRUE(filtered_in_pieces(file, size) == stored) << "in pieces of " << size;
  }
  EXPECT_TRUE(filtered_in_pieces(stored, 1'000'000) == stored) << "filtered again";
  return stored;
}

MATCHER(HoldsTheSecret, "") {
  return arg.find(test::pictures::secret) != arg.npos;
}

}  // namespace fechatter::file
