#include "fechatter_core/error.hpp"
#include "tests/server/postgres_index_fixture.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(PostgresIndexes, AnOlderVersionNeverReplacesANewerOne) {
  index.apply({message(1, "new", 2)});
  index.apply({message(1, "old", 1)});
  EXPECT_THAT(found("new"), ElementsAre(1));
  EXPECT_THAT(found("old"), IsEmpty());
}

TEST_F(PostgresIndexes, TheNewestVersionOfABatchIsIndexed) {
  index.apply({message(1, "new", 2), message(1, "old", 1), message(2, "other", 1)});
  EXPECT_THAT(found("new"), ElementsAre(1));
  EXPECT_THAT(found("other"), ElementsAre(2));
}

TEST_F(PostgresIndexes, ALateEventDoesNotRestoreADeletedMessage) {
  auto deleted = message(1, "", 5);
  deleted.deleted = true;
  index.apply({deleted});
  index.apply({message(1, "red", 1)});
  EXPECT_THAT(found("red"), IsEmpty());
}

TEST_F(PostgresIndexes, ARedeliveredMessageIsIndexedOnce) {
  index.apply({message(1, "red")});
  index.apply({message(1, "red")});
  EXPECT_THAT(found("red"), ElementsAre(1));
}

TEST_F(PostgresIndexes, QuotesAndBackslashesOfATextAreNoSyntax) {
  index.apply({message(1, "it's a \\ 'quoted' {\"array\", NULL} : & | ! <-> red")});
  EXPECT_THAT(found("red"), ElementsAre(1));
  EXPECT_THAT(found("a'b:*|red"), IsEmpty());
}

TEST_F(PostgresIndexes, TheLongestTextIsIndexed) {
  std::string text;
  while (text.size() < 9'990)
    text += fmt::format("{:x} ", std::hash<std::size_t>{}(text.size()) % 4'096);
  index.apply({message(1, text + "red")});
  EXPECT_THAT(found("red"), ElementsAre(1));
}

TEST_F(PostgresIndexes, AtMostTheNewestThousandMatchesAreReturned) {
  std::vector<IndexedMessage> messages;
  for (int i = 1; i <= 1'100; ++i) messages.push_back(message(i * 100, "red"));
  index.apply(messages);
  const auto ids = found("red");
  EXPECT_EQ(ids.size(), search_total_max);
  EXPECT_EQ(ids.front(), 110'000);
  EXPECT_EQ(ids.back(), 10'100);
}

// More slices lie between them than are searched one by one.
TEST_F(PostgresIndexes, MessagesThatAreFarApartMatchTogether) {
  index.apply({message(1, "red"), message(100'000'000, "red"), message(5'000'000'000, "red")});
  EXPECT_THAT(found("red"), ElementsAre(5'000'000'000, 100'000'000, 1));
}

TEST_F(PostgresIndexes, TheOldestOfTooManyMatchesAreFoundWhenTheyAreWanted) {
  std::vector<IndexedMessage> messages;
  for (int i = 1; i <= 1'100; ++i) messages.push_back(message(i * 100, "red"));
  index.apply(messages);
  const auto ids = found("red", SearchSort::oldest);
  EXPECT_EQ(ids.size(), search_total_max);
  EXPECT_EQ(ids.front(), 100);
  EXPECT_EQ(ids.back(), 100'000);
}

TEST_F(PostgresIndexes, ASearchThatTakesTooLongIsUnavailable) {
  database.query(
      "CREATE OR REPLACE FUNCTION search_documents_by_time(in_workspace bigint, scope bigint[],"
      " sought text[], sent_from bigint, sent_until bigint, wanted integer, oldest_first boolean)"
      " RETURNS TABLE (message_id bigint, chat_id bigint, sender_id bigint, created_at bigint,"
      " version bigint) LANGUAGE sql AS"
      " 'SELECT 1::bigint, 1::bigint, 1::bigint, 1::bigint, 1::bigint FROM pg_sleep(30)'");
  postgres::Database hasty{{database.url(), "-c statement_timeout=50", 1, 16}};
  PostgresIndex slow{hasty, database.url()};
  IndexQuery query;
  query.chats = {ChatId{1}};
  query.terms = {{SearchTerm::Kind::word, "red", false}};
  try {
    test::await(io, slow.find(query));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::search_unavailable);
  }
}

// The words for corrections.
class Vocabulary : public PostgresIndexes {
 protected:
  std::vector<std::string> words() {
    std::vector<std::string> words;
    for (const auto& row : database.query("SELECT word FROM search_words ORDER BY word")) {
      words.emplace_back(row[0].c_str());
    }
    return words;
  }
  void clean_up() {
    while (database.number("SELECT cleanup_stale_words(1)") > 0) {}
    EXPECT_EQ(database.number("SELECT coalesce(sum(words), 0) FROM search_vocabularies"),
              static_cast<std::int64_t>(words().size()));
  }
  static IndexedMessage deletion(std::int64_t id, int version) {
    auto deleted = message(id, "", version);
    deleted.deleted = true;
    deleted.created_at = deleted.version;
    return deleted;
  }
};

TEST_F(Vocabulary, LosesTheWordsThatOnlyADeletedMessageHad) {
  index.apply({message(1, "canarybird garden"), message(2, "garden")});
  index.apply({deletion(1, 2)});
  clean_up();
  EXPECT_THAT(words(), testing::ElementsAre("garden"));
}

TEST_F(Vocabulary, LosesTheWordsThatAnEditRemoved) {
  index.apply({message(1, "canarybird garden")});
  index.apply({message(1, "garden", 2)});
  clean_up();
  EXPECT_THAT(words(), testing::ElementsAre("garden"));
}

TEST_F(Vocabulary, LosesTheWordsOfAnEventThatCameAfterTheDeletion) {
  index.apply({deletion(1, 2)});
  index.apply({message(1, "canarybird")});
  clean_up();
  EXPECT_THAT(words(), testing::IsEmpty());
}

TEST_F(Vocabulary, LosesTheWordsOfRemovedDocuments) {
  index.apply({message(1, "canarybird")});
  maintenance.remove({MessageId{1}});
  clean_up();
  EXPECT_THAT(words(), testing::IsEmpty());
}

// The indexer's cache of known words has the removed one.
TEST_F(Vocabulary, GetsARemovedWordAgainWithTheNextMessage) {
  index.apply({message(1, "canarybird")});
  index.apply({deletion(1, 2)});
  clean_up();
  index.apply({message(2, "canarybird")});
  EXPECT_THAT(words(), testing::ElementsAre("canarybird"));
  EXPECT_THAT(found("canarybird"), testing::ElementsAre(2));
}

}  // namespace
}  // namespace fechatter::server
