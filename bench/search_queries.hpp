#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/history.hpp"

namespace fechatter::bench {

// What somebody asks /api/search/messages.
struct SearchQuestion {
  nlohmann::json body;
  std::string meant;  // the word that was mistyped
};

// Makes questions about what a reader remembers: all their words are in some message of the
// reader's chats, except those that are mistyped. One thread.
class SearchQueries {
 public:
  SearchQueries(const History& history, std::size_t reader, const MessageGenerator& generator,
                unsigned seed);

  struct Kind {
    std::string name;
    bool forgiving;  // whether typing errors are what it is about
    std::optional<SearchQuestion> (SearchQueries::*ask)(const Remembered& message);
  };
  static const std::vector<Kind>& kinds();

  // Up to `count` different ones; fewer when the reader remembers too little.
  std::vector<SearchQuestion> make(const Kind& kind, std::size_t count);

 private:
  using Maybe = std::optional<SearchQuestion>;

  // Words are those of languages with blanks between words, unless it says otherwise.
  Maybe frequent_word(const Remembered& message);
  Maybe rare_word(const Remembered& message);
  Maybe two_words(const Remembered& message);
  Maybe beginning(const Remembered& message);
  Maybe phrase(const Remembered& message);
  Maybe word_without_another(const Remembered& message);
  Maybe mistyped_once(const Remembered& message);
  Maybe mistyped_twice(const Remembered& message);
  Maybe two_characters(const Remembered& message);  // of Chinese or Japanese
  Maybe word_from_somebody(const Remembered& message);
  Maybe word_in_a_chat(const Remembered& message);
  Maybe word_within_a_month(const Remembered& message);

  Maybe misspelt(const Remembered& message, std::size_t length_min, std::size_t errors);
  // A word whose rank is in [first, end); empty when there is none.
  std::string word_of(const Remembered& message, std::size_t first, std::size_t end);

  const History& history_;
  const std::size_t reader_;
  const MessageGenerator& generator_;
  Random random_;
};

}  // namespace fechatter::bench
