#include "bench/search_queries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace fechatter::bench {
namespace {

// Ranks of words: every fifth message has a frequent word; a rare word is in about ten messages.
constexpr std::size_t frequent_end = 100;
constexpr std::size_t usual_end = 5'000;
constexpr std::size_t tries_for_each = 100;

SearchQuestion question(const std::string& words) {
  return {{{"q", words}}, {}};
}

std::string day_of(Timestamp moment) {
  return to_rfc3339(moment).substr(0, 10);
}

}  // namespace

SearchQueries::SearchQueries(const History& history, std::size_t reader,
                             const MessageGenerator& generator, unsigned seed)
    : history_{history}, reader_{reader}, generator_{generator}, random_{seed} {}

const std::vector<SearchQueries::Kind>& SearchQueries::kinds() {
  static const std::vector<Kind> kinds{
      {"a frequent word", false, &SearchQueries::frequent_word},
      {"a rare word", false, &SearchQueries::rare_word},
      {"two words", false, &SearchQueries::two_words},
      {"the beginning of a word", false, &SearchQueries::beginning},
      {"a phrase", false, &SearchQueries::phrase},
      {"a word without a frequent one", false, &SearchQueries::word_without_another},
      {"a word with one error", true, &SearchQueries::mistyped_once},
      {"a long word with two errors", true, &SearchQueries::mistyped_twice},
      {"two characters", false, &SearchQueries::two_characters},
      {"from: and a word", false, &SearchQueries::word_from_sender},
      {"in: and a word", false, &SearchQueries::word_in_a_chat},
      {"a word within a month", false, &SearchQueries::word_within_a_month}};
  return kinds;
}

std::vector<SearchQuestion> SearchQueries::make(const Kind& kind, std::size_t count) {
  const auto& messages = history_.remembered_by(reader_);
  std::vector<SearchQuestion> questions;
  std::set<std::string> known;
  if (messages.empty()) return questions;
  std::uniform_int_distribution<std::size_t> any{0, messages.size() - 1};
  for (auto tries = count * tries_for_each; tries > 0 && questions.size() < count; --tries) {
    auto made = (this->*kind.ask)(messages[any(random_)]);
    if (made && known.insert(made->body.dump()).second) questions.push_back(std::move(*made));
  }
  return questions;
}

std::string SearchQueries::word_of(const Remembered& message, std::size_t first, std::size_t end) {
  if (writes_without_spaces(message.language)) return {};
  std::vector<std::size_t> fitting;
  for (const auto rank : message.ranks) {
    if (rank >= first && rank < end) fitting.push_back(rank);
  }
  if (fitting.empty()) return {};
  const auto at = std::uniform_int_distribution<std::size_t>{0, fitting.size() - 1}(random_);
  return generator_.vocabulary(message.language).word(fitting[at]);
}

SearchQueries::Maybe SearchQueries::frequent_word(const Remembered& message) {
  const auto word = word_of(message, 0, frequent_end);
  return word.empty() ? Maybe{} : question(word);
}

SearchQueries::Maybe SearchQueries::rare_word(const Remembered& message) {
  const auto word = word_of(message, usual_end, no_rank);
  return word.empty() ? Maybe{} : question(word);
}

SearchQueries::Maybe SearchQueries::two_words(const Remembered& message) {
  const auto one = word_of(message, frequent_end, no_rank);
  const auto other = word_of(message, 0, no_rank);
  if (one.empty() || one == other) return {};
  return question(fmt::format("{} {}", one, other));
}

SearchQueries::Maybe SearchQueries::beginning(const Remembered& message) {
  const auto characters = characters_of(word_of(message, frequent_end, no_rank));
  const auto length = std::uniform_int_distribution<std::size_t>{3, 4}(random_);
  if (!has_alphabet(message.language) || characters.size() <= length) return {};
  std::string begin;
  for (std::size_t i = 0; i < length; ++i) begin += characters[i];
  return question(begin + "*");
}

SearchQueries::Maybe SearchQueries::phrase(const Remembered& message) {
  if (writes_without_spaces(message.language)) return {};
  const auto& ranks = message.ranks;
  const auto at = std::uniform_int_distribution<std::size_t>{1, ranks.size() - 1}(random_);
  if (ranks[at] == no_rank || ranks[at - 1] == no_rank) return {};
  const auto& words = generator_.vocabulary(message.language);
  return question(fmt::format("\"{} {}\"", words.word(ranks[at - 1]), words.word(ranks[at])));
}

SearchQueries::Maybe SearchQueries::word_without_another(const Remembered& message) {
  const auto word = word_of(message, frequent_end, usual_end);
  const auto rank = std::uniform_int_distribution<std::size_t>{0, frequent_end - 1}(random_);
  const auto& other = generator_.vocabulary(message.language).word(rank);
  return word.empty() ? Maybe{} : question(fmt::format("{} -{}", word, other));
}

// The mistyped word must be long enough for this number of tolerated errors.
SearchQueries::Maybe SearchQueries::misspelt(const Remembered& message, std::size_t length_min,
                                             std::size_t errors) {
  const auto word = word_of(message, frequent_end, no_rank);
  if (!has_alphabet(message.language) || characters_of(word).size() < length_min) return {};
  auto asked = question(mistyped(word, errors, random_));
  asked.meant = word;
  return asked;
}

SearchQueries::Maybe SearchQueries::mistyped_once(const Remembered& message) {
  return misspelt(message, 6, 1);
}

SearchQueries::Maybe SearchQueries::mistyped_twice(const Remembered& message) {
  return misspelt(message, 11, 2);
}

SearchQueries::Maybe SearchQueries::two_characters(const Remembered& message) {
  if (!writes_without_spaces(message.language)) return {};
  const auto at = std::uniform_int_distribution<std::size_t>{0, message.ranks.size() - 1}(random_);
  if (message.ranks[at] == no_rank) return {};
  const auto& word = generator_.vocabulary(message.language).word(message.ranks[at]);
  return characters_of(word).size() == 2 ? question(word) : Maybe{};
}

SearchQueries::Maybe SearchQueries::word_from_sender(const Remembered& message) {
  const auto word = word_of(message, frequent_end, usual_end);
  if (word.empty()) return {};
  return question(fmt::format("from:person-{} {}", message.sender + 1, word));
}

SearchQueries::Maybe SearchQueries::word_in_a_chat(const Remembered& message) {
  const auto word = word_of(message, frequent_end, usual_end);
  if (word.empty()) return {};
  return question(fmt::format("in:{} {}", history_.chat_name(message.chat), word));
}

SearchQueries::Maybe SearchQueries::word_within_a_month(const Remembered& message) {
  const auto word = word_of(message, frequent_end, usual_end);
  if (word.empty()) return {};
  auto asked = question(word);
  asked.body["from"] = day_of(message.sent_at - std::chrono::days{15});
  asked.body["to"] = day_of(message.sent_at + std::chrono::days{15});
  return asked;
}

}  // namespace fechatter::bench
