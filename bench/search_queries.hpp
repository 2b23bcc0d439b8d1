#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/history.hpp"

namespace fechatter::bench {

// A query to POST /api/search/messages.
struct SearchQuestion {
  nlohmann::json body;
  std::string meant;  // the intended word of a mistyped query
};

// Generates queries of a reader: all words except mistyped ones are in one message of the reader's
// chats. One thread.
class SearchQueries {
 public:
  SearchQueries(const History& history, std::size_t reader, const MessageGenerator& generator,
                unsigned seed);

  struct Kind {
    std::string name;
    bool forgiving;  // queries with typing errors
    std::optional<SearchQuestion> (SearchQueries::*ask)(const Remembered& message);
  };
  static const std::vector<Kind>& kinds();

  // Up to `count` different queries; fewer when the sample of messages is too small.
  std::vector<SearchQuestion> make(const Kind& kind, std::size_t count);

 private:
  using Maybe = std::optional<SearchQuestion>;

  // Words of languages with blanks between words, unless stated otherwise.
  Maybe frequent_word(const Remembered& message);
  Maybe rare_word(const Remembered& message);
  Maybe two_words(const Remembered& message);
  Maybe beginning(const Remembered& message);
  Maybe phrase(const Remembered& message);
  Maybe word_without_another(const Remembered& message);
  Maybe mistyped_once(const Remembered& message);
  Maybe mistyped_twice(const Remembered& message);
  Maybe two_characters(const Remembered& message);  // Chinese or Japanese
  Maybe word_from_sender(const Remembered& message);
  Maybe word_in_a_chat(const Remembered& message);
  Maybe word_within_a_month(const Remembered& message);

  Maybe misspelt(const Remembered& message, std::size_t length_min, std::size_t errors);
  // A word whose rank is in [first, end); empty without one.
  std::string word_of(const Remembered& message, std::size_t first, std::size_t end);

  const History& history_;
  const std::size_t reader_;
  const MessageGenerator& generator_;
  Random random_;
};

}  // namespace fechatter::bench
