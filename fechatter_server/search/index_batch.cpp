#include "fechatter_server/search/index_batch.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/utf8.hpp"
#include "fechatter_server/search/newest_messages.hpp"
#include "fechatter_server/search/tsquery.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t word_length_min = 4;
constexpr std::size_t word_length_max = 32;
constexpr std::size_t known_max = 200'000;

// Whether a misspelt query word can be corrected to it.
bool is_correction(const Token& token) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto length = count_characters(token.text);
  return !token.gram && length >= word_length_min && length <= word_length_max &&
         std::none_of(token.text.begin(), token.text.end(), is_digit);
}

std::vector<Token> tokens_of(const IndexedMessage& message) {
  auto text = message.content;
  for (const auto& name : message.file_names) text += "\n" + name;
  if (!message.file_names.empty()) return tokenize(text);
  // The name of a file, without its path.
  for (const auto& file : message.files) text += "\n" + file.substr(file.rfind('/') + 1);
  return tokenize(text);
}

}  // namespace

IndexBatch IndexBatches::make(const std::vector<IndexedMessage>& messages) {
  IndexBatch batch;
  std::vector<std::string> words;
  std::unordered_set<std::string> offered;
  auto documents = nlohmann::json::array();
  for (const auto& [id, message] : newest_of(messages)) {
    nlohmann::json document{{"message_id", id.value},
                            {"workspace_id", message->workspace_id.value},
                            {"chat_id", message->chat_id.value},
                            {"sender_id", message->sender_id.value},
                            {"created_at", to_unix_micros(message->created_at)},
                            {"version", to_unix_micros(message->version)}};
    if (!message->deleted) {
      const auto tokens = tokens_of(*message);
      document["words"] = to_tsvector(tokens);
      document["traits"] = traits_of(*message);
      for (const auto& token : tokens) {
        if (!is_correction(token)) continue;
        auto name = fmt::format("{}:{}", message->workspace_id.value, token.text);
        if (known_.contains(name) || !offered.insert(std::move(name)).second) continue;
        batch.workspaces.push_back(message->workspace_id.value);
        words.push_back(token.text);
      }
    }
    documents.push_back(std::move(document));
  }
  batch.documents = documents.dump();
  batch.words = to_array(words);
  offered_.assign(offered.begin(), offered.end());
  return batch;
}

bool IndexBatches::committed(std::int64_t words_removed) {
  const bool written = words_removed == words_removed_;
  if (!written || known_.size() > known_max) known_.clear();
  if (written) known_.insert(offered_.begin(), offered_.end());
  words_removed_ = words_removed;
  return written;
}

std::string to_array(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const auto& text : texts) {
    array += fmt::format("{}\"{}\"", array.size() > 1 ? "," : "", text);
  }
  return array + "}";
}

}  // namespace fechatter::server
