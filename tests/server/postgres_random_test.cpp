#include <algorithm>
#include <random>

#include "tests/server/postgres_index_fixture.hpp"

// Searches among random messages, compared with a scan of all of them.
namespace fechatter::server {
namespace {

using Kind = SearchTerm::Kind;
using Words = std::vector<std::string>;

constexpr std::int64_t chats = 100;
constexpr int messages = 3'000;
constexpr std::int64_t ids_between = 1'500;  // on average: some 280 slices in all

std::string joined(const Words& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// The first words are frequent and have common prefixes.
const Words vocabulary{"me",     "mee",   "meet", "meeting", "meat",  "tea",     "team",
                       "teapot", "today", "to",   "budget",  "bud",   "rare",    "rarely",
                       "unique", "zebra", "news", "newest",  "index", "indexing"};

class RandomMessages : public PostgresIndexes {
 protected:
  struct Stored {
    MessageId id;
    ChatId chat;
    Words words;
  };

  void SetUp() override {
    std::vector<IndexedMessage> batch;
    std::int64_t id = 0;
    for (int i = 0; i < messages; ++i) {
      id += std::uniform_int_distribution<std::int64_t>{1, 2 * ids_between}(random);
      stored.push_back({MessageId{id}, any_chat(), some_words()});
      batch.push_back(message(id, joined(stored.back().words)));
      batch.back().chat_id = stored.back().chat;
      batch.back().created_at = sent_at(stored.back().id);
      if (batch.size() < 500) continue;
      index.apply(batch);
      batch.clear();
    }
    ASSERT_TRUE(batch.empty());
  }

  static Timestamp sent_at(MessageId id) { return from_unix_micros(id.value * 60'000'000); }
  Timestamp any_time() {
    return sent_at(
        stored[std::uniform_int_distribution<std::size_t>{0, stored.size() - 1}(random)].id);
  }

  // The first chats have the most messages.
  ChatId any_chat() {
    const auto one = std::geometric_distribution<std::int64_t>{0.05}(random);
    return ChatId{1 + one % chats};
  }
  const std::string& any_word() {
    const auto rank = std::geometric_distribution<std::size_t>{0.2}(random);
    return vocabulary[rank % vocabulary.size()];
  }
  Words some_words() {
    Words words(std::uniform_int_distribution<std::size_t>{1, 6}(random));
    for (auto& word : words) word = any_word();
    return words;
  }

  static bool has(const Words& words, const SearchTerm& term) {
    if (term.kind == Kind::phrase) {
      return (" " + joined(words) + " ").find(" " + term.text + " ") != std::string::npos;
    }
    return std::ranges::any_of(words, [&](const std::string& word) {
      return term.kind == Kind::prefix ? word.starts_with(term.text) : word == term.text;
    });
  }

  std::vector<std::int64_t> scanned(const IndexQuery& query) const {
    std::vector<std::int64_t> ids;
    for (const auto& one : stored) {
      if (std::ranges::find(query.chats, one.chat) == query.chats.end()) continue;
      if (query.until && sent_at(one.id) >= *query.until) continue;
      if (query.from && sent_at(one.id) < *query.from) continue;
      const bool fits = std::ranges::all_of(query.terms, [&](const SearchTerm& term) {
        return has(one.words, term) != term.excluded;
      });
      if (fits) ids.push_back(one.id.value);
    }
    if (query.sort == SearchSort::newest) std::ranges::reverse(ids);
    ids.resize(std::min(ids.size(), search_total_max));
    return ids;
  }

  std::vector<std::int64_t> found_by(const IndexQuery& query) {
    std::vector<std::int64_t> ids;
    for (const auto& match : test::await(io, index.find(query))) ids.push_back(match.id.value);
    return ids;
  }

  // Words of two to four letters, which tolerate no errors.
  std::vector<SearchTerm> some_terms() {
    std::vector<SearchTerm> terms;
    const auto kind = std::uniform_int_distribution<int>{0, 4}(random);
    if (kind == 0) terms.push_back({Kind::phrase, any_word() + " " + any_word(), false});
    if (kind == 1) terms.push_back({Kind::prefix, any_word().substr(0, 2), false});
    if (kind == 2) terms.push_back({Kind::prefix, any_word().substr(0, 3), false});
    if (kind == 3) terms.push_back({Kind::prefix, any_word().substr(0, 4), false});
    if (kind == 4) terms.push_back({Kind::word, any_word().substr(0, 4), false});
    if (any_word() == "me") terms.push_back({Kind::word, any_word().substr(0, 4), false});
    if (any_word() == "me") terms.push_back({Kind::word, any_word().substr(0, 4), true});
    return terms;
  }

  std::mt19937 random{7};
  std::vector<Stored> stored;
};

TEST_F(RandomMessages, ASearchMatchesTheSameMessagesAsAFullScan) {
  std::size_t some = 0;
  std::size_t full = 0;
  for (int i = 0; i < 300; ++i) {
    IndexQuery query;
    query.workspace_id = WorkspaceId{1};
    query.sort = i % 2 == 0 ? SearchSort::newest : SearchSort::oldest;
    query.terms = some_terms();
    if (i % 7 < 3) query.until = any_time();
    if (i % 5 == 0) query.from = any_time();
    const std::vector<std::int64_t> numbers{1, 4, 30, 64, 65, chats};
    for (std::int64_t chat = chats; chat > chats - numbers[i % 6]; --chat) {
      query.chats.push_back(ChatId{chats + 1 - chat});
    }
    const auto expected = scanned(query);
    some += expected.empty() ? 0 : 1;
    full += expected.size() == search_total_max ? 1 : 0;
    ASSERT_EQ(found_by(query), expected)
        << query.terms.front().text << " in " << query.chats.size() << " chats";
  }
  EXPECT_GT(some, 150U);
  EXPECT_GT(full, 2U);
}

}  // namespace
}  // namespace fechatter::server
