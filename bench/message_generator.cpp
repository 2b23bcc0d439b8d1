#include "bench/message_generator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace fechatter::bench {
namespace {

constexpr double with_name = 0.05;
constexpr double with_error = 0.03;
constexpr double words_median = 8;
constexpr double words_spread = 0.75;
constexpr double words_min = 3;
constexpr double words_max = 60;
constexpr std::size_t mistyped_length_min = 4;

std::size_t below(std::size_t count, Random& random) {
  return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
}

// Inserts one typing error between the characters `begin` and `end`.
void mistype(std::vector<std::string>& characters, std::size_t begin, std::size_t end,
             Random& random) {
  const auto at =
      characters.begin() + static_cast<std::ptrdiff_t>(begin + below(end - begin, random));
  const auto other = characters[below(characters.size(), random)];
  switch (below(4, random)) {
    case 0: characters.erase(at); break;
    case 1: characters.insert(at, other); break;
    case 2: *at = other; break;
    default: std::swap(*at, *(at + 1));
  }
}

}  // namespace

MessageGenerator::MessageGenerator(unsigned seed) : random_{seed} {
  std::vector<double> shares;
  for (std::size_t i = 0; i < languages; ++i) {
    const auto language = static_cast<Language>(i);
    vocabularies_.emplace_back(language, seed + static_cast<unsigned>(i));
    shares.push_back(share_of(language));
  }
  speakers_ = {shares.begin(), shares.end()};
}

bool MessageGenerator::chance(double share) {
  return std::uniform_real_distribution<double>{0, 1}(random_) < share;
}

Language MessageGenerator::any_language() {
  return static_cast<Language>(speakers_(random_));
}

std::string MessageGenerator::word_of(Language language, std::size_t& rank) {
  rank = vocabulary(language).draw(random_);
  return vocabulary(language).word(rank);
}

std::string MessageGenerator::name_of_something() {
  std::size_t rank = 0;
  std::string words[3];
  for (auto& word : words) word = word_of(Language::english, rank);
  const auto& [a, b, c] = words;
  switch (below(4, random_)) {
    case 0: return fmt::format("https://{}.example/{}/{}", a, b, below(100'000, random_));
    case 1: return fmt::format("{}.{}@{}.example", a, b, c);
    case 2: return fmt::format("{}_{}_{}", a, b, c);
    default: break;
  }
  auto name = a;
  for (auto* part : {&words[1], &words[2]}) {
    (*part)[0] = static_cast<char>(std::toupper(static_cast<unsigned char>((*part)[0])));
    name += *part;
  }
  return name + "()";
}

GeneratedMessage MessageGenerator::make(Language language) {
  std::lognormal_distribution<double> length{std::log(words_median), words_spread};
  const auto count =
      static_cast<std::size_t>(std::clamp(std::round(length(random_)), words_min, words_max));
  const auto wrong = chance(with_error) ? below(count, random_) : count;
  GeneratedMessage message;
  message.language = language;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < count; ++i) {
    auto& rank = message.ranks.emplace_back();
    auto word = word_of(language, rank);
    if (i == wrong && has_alphabet(language) && characters_of(word).size() >= mistyped_length_min) {
      word = mistyped(word, 1, random_);
      rank = no_rank;
    }
    words.push_back(std::move(word));
  }
  const auto* separator = writes_without_spaces(language) ? "" : " ";
  message.text = fmt::format("{}", fmt::join(words, separator));
  if (chance(with_name)) {
    message.text += " " + name_of_something();
    message.ranks.push_back(no_rank);
  }
  return message;
}

// Each error lies in a separate section, from the end, so that none reverts another one.
std::string mistyped(const std::string& word, std::size_t errors, Random& random) {
  auto characters = characters_of(word);
  std::string typed = word;
  while (typed == word) {
    auto changed = characters;
    const auto stretch = characters.size() / errors;
    for (auto i = errors; i > 0; --i) {
      mistype(changed, (i - 1) * stretch, i * stretch - 1, random);
    }
    typed = fmt::format("{}", fmt::join(changed, ""));
  }
  return typed;
}

}  // namespace fechatter::bench
