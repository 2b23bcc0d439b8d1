#include "fechatter_server/search/tokens.hpp"

#include <algorithm>
#include <span>

#include "fechatter_core/text/folding.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::server {
namespace {

using Characters = std::span<const FoldedCharacter>;
using Kind = CharacterKind;

// A word with more parts is a hash, a key or encoded bytes, not a name.
constexpr std::size_t parts_max = 16;

bool is_letter(Kind kind) {
  return kind == Kind::lower || kind == Kind::upper || kind == Kind::caseless;
}

// Whether a part begins at `i`: "parseConfig", "HTTPServer" before its S, "abc123".
bool begins_part(Characters word, std::size_t i) {
  const auto before = word[i - 1].kind;
  const auto kind = word[i].kind;
  if (is_letter(before) != is_letter(kind)) return true;
  if (kind != Kind::upper) return false;
  if (before == Kind::lower) return true;
  return before == Kind::upper && i + 1 < word.size() && word[i + 1].kind == Kind::lower;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : folding_{text} { tokens_.reserve(text.size() / 4); }

  std::vector<Token> run() {
    std::vector<FoldedCharacter> piece;
    while (folding_.next(piece)) {
      for (const auto& character : piece) add_character(character);
    }
    end_run();
    return std::move(tokens_);
  }

 private:
  void add_character(const FoldedCharacter& character) {
    if (!run_.empty() && !continues_run(character.kind)) end_run();
    if (character.kind != Kind::separator) run_.push_back(character);
  }

  bool continues_run(Kind kind) const {
    if (kind == Kind::separator || kind == Kind::emoji) return false;
    const auto last = run_.back().kind;
    return last != Kind::emoji && (last == Kind::gram) == (kind == Kind::gram);
  }

  void end_run() {
    if (run_.empty()) return;
    if (run_.front().kind == Kind::gram) {
      add_grams();
    } else {
      add_word();
    }
    run_.clear();
  }

  void add_grams() {
    const Characters run{run_};
    for (std::size_t i = 0; i < run.size(); ++i) {
      ++position_;
      add(run.subspan(i, std::min<std::size_t>(2, run.size() - i))).gram = true;
    }
  }

  void add_word() {
    const Characters word{run_};
    ++position_;
    add(word);
    borders_.assign(1, 0);
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (begins_part(word, i)) borders_.push_back(i);
    }
    if (borders_.size() == 1 || borders_.size() > parts_max) return;
    borders_.push_back(word.size());
    for (std::size_t i = 1; i < borders_.size(); ++i) {
      add(word.subspan(borders_[i - 1], borders_[i] - borders_[i - 1])).part = true;
    }
  }

  Token& add(Characters characters) {
    characters = characters.first(std::min(characters.size(), token_length_max));
    auto& token = tokens_.emplace_back();
    for (const auto& character : characters) append_character(token.text, character.code);
    token.position = position_;
    token.begin = characters.front().begin;
    token.end = characters.back().end;
    return token;
  }

  Folding folding_;
  std::vector<Token> tokens_;
  std::uint32_t position_ = 0;
  // Characters of one kind: a word, an emoji, or a run of grams.
  std::vector<FoldedCharacter> run_;
  std::vector<std::size_t> borders_;  // where the parts of a word begin
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  return Tokenizer{text}.run();
}

std::vector<Token> query_tokens(std::string_view text) {
  std::vector<Token> searched;
  for (auto& token : tokenize(text)) {
    if (token.part) continue;
    const bool ends_run = token.gram && !searched.empty() && searched.back().gram &&
                          searched.back().end == token.end && count_characters(token.text) == 1;
    if (!ends_run) searched.push_back(std::move(token));
  }
  return searched;
}

}  // namespace fechatter::server
