#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "tests/support/system.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr const char* message_key = "0f8fad5b-d9cb-469f-a165-70867728950e";

class Messages : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  std::string path(const std::string& query = {}) const {
    return fmt::format("/api/chat/{}/messages{}", chat, query);
  }
  std::string refused_field(const json& draft) {
    const auto reply = alice.tries_to_post(chat, draft);
    EXPECT_EQ(reply.status, 422) << reply.body;
    return reply.json().at("errors").at(0).at("field");
  }
  std::vector<int> seqs(const std::string& query) {
    const auto reply = bob.get(path(query));
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<int> found;
    for (const auto& message : reply.json()) found.push_back(message.at("seq"));
    return found;
  }

  System system{without_notify()};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(Messages, ContentIsStoredVerbatim) {
  const std::string text = "  \t Ünïcödé 👩‍👩‍👧 \u202e \n\n ";
  EXPECT_EQ(alice.posts(chat, text).at("content"), text);
  EXPECT_EQ(bob.get(path()).json()[0].at("content"), text);
}

TEST_F(Messages, SeqHasNoGapsDespiteRefusalsAndReplays) {
  alice.posts(chat, "one");
  alice.tries_to_post(chat, {{"content", "x"}, {"reply_to", 99999}});
  const json twice{{"content", "two"}, {"idempotency_key", message_key}};
  alice.tries_to_post(chat, twice);
  alice.tries_to_post(chat, twice);
  bob.posts(chat, "three");
  EXPECT_THAT(seqs(""), ElementsAre(3, 2, 1));
}

TEST_F(Messages, AMessageNeedsContentOrAFile) {
  EXPECT_EQ(refused_field({{"content", ""}}), "content");
  EXPECT_EQ(refused_field(json::object()), "content");
  const auto url = upload(system.database->owner_url(), alice.id());
  const auto reply = alice.tries_to_post(chat, {{"files", {url}}});
  EXPECT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json().at("content"), "");
}

TEST_F(Messages, ContentIsLimitedToTenThousandCharactersNotBytes) {
  std::string longest;
  for (int i = 0; i < 10'000; ++i) longest += "語";
  EXPECT_EQ(alice.tries_to_post(chat, {{"content", longest}}).status, 201);
  EXPECT_EQ(refused_field({{"content", longest + "語"}}), "content");
}

TEST_F(Messages, InvalidFieldsAreRefusedByName) {
  EXPECT_EQ(refused_field({{"content", std::string{"a\0b", 3}}}), "content");
  EXPECT_EQ(refused_field({{"content", 7}}), "content");
  EXPECT_EQ(refused_field({{"content", "x"}, {"idempotency_key", "not a uuid"}}),
            "idempotency_key");
  EXPECT_EQ(refused_field({{"content", "x"}, {"reply_to", 99999}}), "reply_to");
  EXPECT_EQ(refused_field({{"content", "x"}, {"mentions", {carol.id()}}}), "mentions");
  EXPECT_EQ(refused_field({{"content", "x"}, {"files", {""}}}), "files[0]");
  EXPECT_EQ(system.database->number("SELECT count(*) FROM messages"), 0);
}

TEST_F(Messages, AReplyNamesAMessageOfTheSameChat) {
  const auto first = alice.posts(chat, "question");
  const auto reply = bob.tries_to_post(chat, {{"content", "answer"}, {"reply_to", first["id"]}});
  EXPECT_EQ(reply.json().at("reply_to"), first["id"]);
  const auto elsewhere = alice.makes_chat("PrivateChannel", {}, "alone");
  const auto foreign = alice.posts(elsewhere, "secret");
  EXPECT_EQ(refused_field({{"content", "x"}, {"reply_to", foreign["id"]}}), "reply_to");
}

TEST_F(Messages, AReplayedRequestReturnsTheSameMessage) {
  const json draft{{"content", "once"}};
  const auto first = alice.tries_to_post(chat, draft, {{"Idempotency-Key", message_key}});
  const auto again = alice.tries_to_post(chat, draft, {{"Idempotency-Key", message_key}});
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.header("idempotency-replayed"), "");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(first.json(), again.json());
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'NewMessage'"), 1);
}

TEST_F(Messages, AReusedKeyWithAnotherRequestIsRefused) {
  alice.tries_to_post(chat, {{"content", "one"}, {"idempotency_key", message_key}});
  const auto reply =
      alice.tries_to_post(chat, {{"content", "two"}, {"idempotency_key", message_key}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json().at("code"), "message.idempotency_key_reused");
}

TEST_F(Messages, AnIdempotencyKeyIsScopedToSenderAndChat) {
  const json draft{{"content", "hi"}, {"idempotency_key", message_key}};
  const auto elsewhere = alice.makes_chat("PrivateChannel", {}, "alone");
  EXPECT_EQ(alice.tries_to_post(chat, draft).status, 201);
  EXPECT_EQ(bob.tries_to_post(chat, draft).status, 201);
  EXPECT_EQ(alice.tries_to_post(elsewhere, draft).status, 201);
}

TEST_F(Messages, ConcurrentRetriesCreateOneMessage) {
  constexpr int retries = 32;
  std::vector<std::thread> threads;
  std::vector<Reply> replies(retries);
  for (auto& reply : replies) {
    threads.emplace_back([&] {
      reply = alice.tries_to_post(chat, {{"content", "once"}, {"idempotency_key", message_key}});
    });
  }
  for (auto& thread : threads) thread.join();
  int created = 0;
  for (const auto& reply : replies) {
    EXPECT_TRUE(reply.status == 201 || reply.status == 200) << reply.status << reply.body;
    EXPECT_EQ(reply.json(), replies[0].json());
    created += reply.status == 201 ? 1 : 0;
  }
  EXPECT_EQ(created, 1);
}

TEST_F(Messages, PagesAreNewestFirst) {
  std::vector<std::int64_t> ids{0};
  for (int i = 1; i <= 7; ++i) ids.push_back(alice.posts(chat, fmt::format("{}", i))["id"]);
  EXPECT_THAT(seqs("?limit=3"), ElementsAre(7, 6, 5));
  EXPECT_THAT(seqs(fmt::format("?limit=3&before={}", ids[5])), ElementsAre(4, 3, 2));
  EXPECT_THAT(seqs(fmt::format("?limit=3&last_id={}", ids[2])), ElementsAre(1));
  EXPECT_THAT(seqs(fmt::format("?limit=3&before_id={}", ids[1])), ElementsAre());
  EXPECT_THAT(seqs(fmt::format("?limit=3&after={}", ids[2])), ElementsAre(5, 4, 3));
  EXPECT_THAT(seqs(fmt::format("?after={}", ids[7])), ElementsAre());
}

TEST_F(Messages, AnInvalidPageParameterIsRefusedByName) {
  for (const auto& [query, field] :
       std::vector<std::pair<std::string, std::string>>{{"?limit=0", "limit"},
                                                        {"?limit=ten", "limit"},
                                                        {"?before=99999", "before"},
                                                        {"?after=-1", "after"}}) {
    const auto reply = bob.get(path(query));
    EXPECT_EQ(reply.status, 422) << query;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), field) << query;
  }
}

}  // namespace
}  // namespace fechatter::test
