#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fechatter_core/model/message.hpp"

namespace fechatter {

// A part of a list that goes from the newest element to the oldest by a number of each.
struct KeyPage {
  std::optional<std::int64_t> before;  // only elements with lower numbers
  std::int64_t limit = 50;
};

// A message that was pinned or saved.
struct AnnotatedMessage {
  Message message;
  std::int64_t number = 0;  // in the order of pinning or saving
  Timestamp at;             // the time of it
};

struct AnnotatedList {
  std::vector<AnnotatedMessage> messages;
  // Set when the limit or the bytes of the page ended it before the list ended: `before` of the
  // next one.
  std::optional<std::int64_t> next;
  std::size_t bytes = 0;  // of the messages as JSON, at most
};

struct EditList {
  std::vector<FormerText> edits;     // the newest first
  std::optional<std::int64_t> next;  // likewise
  std::size_t bytes = 0;
};

}  // namespace fechatter
