#pragma once

#include <string_view>

namespace fechatter::file {

// What MetadataFilter does with pictures of one format. One upload's; one thread at a time.
class PictureFilter {
 public:
  virtual ~PictureFilter() = default;

  // Cuts at least one byte off the front of `input`, and returns what is stored next: a view of
  // what was cut off, or of memory of the filter that is valid until the next call; often nothing.
  // REQUIRES: `input` is not empty; the first one begins with the whole signature of the format.
  virtual std::string_view next(std::string_view& input) = 0;
  // What is stored behind all that, when the input ends here.
  virtual std::string_view finish() = 0;
};

}  // namespace fechatter::file
