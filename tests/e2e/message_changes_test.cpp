#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr const char* change_key = "0f8fad5b-d9cb-469f-a165-70867728950e";
constexpr const char* other_key = "2b1f60c8-3c5e-4b0a-9c43-6f0d8a6b7e11";

class MessageChanges : public testing::Test {
 protected:
  std::string path(const json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message.at("id").get<std::int64_t>());
  }
  std::vector<int> seqs(const std::string& query) {
    const auto reply = bob.get(fmt::format("/api/chat/{}/messages?{}", chat, query));
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<int> found;
    const auto messages = reply.json();
    for (const auto& message : messages) found.push_back(message.at("seq"));
    return found;
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  Person dave = system.signs_up("dave");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
};

TEST_F(MessageChanges, AnEditIsReturnedListedAndDelivered) {
  const auto sent = alice.posts(chat, "helo");
  auto bobs = bob.subscribes();
  const auto reply = alice.patch(path(sent), {{"content", "hello"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json().at("content"), "hello");
  EXPECT_EQ(reply.json().at("seq"), sent.at("seq"));
  EXPECT_TRUE(reply.json().at("edited_at").is_string());
  EXPECT_EQ(bob.get(fmt::format("/api/chat/{}/messages", chat)).json()[0], reply.json());
  const auto event = bobs.next("MessageUpdated");
  ASSERT_TRUE(event);
  const auto message_fields = reply.json();
  for (const auto& [field, value] : message_fields.items()) EXPECT_EQ(event->data.at(field), value);
}

TEST_F(MessageChanges, AnUnchangedTextIsNoEdit) {
  const auto sent = alice.posts(chat, "hello");
  EXPECT_EQ(alice.patch(path(sent), {{"content", "hello"}}).json(), sent);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'MessageUpdated'"),
            0);
}

TEST_F(MessageChanges, OnlyTheSenderEdits) {
  const auto sent = alice.posts(chat, "hello");
  EXPECT_EQ(bob.patch(path(sent), {{"content", "x"}}).status, 403);
  EXPECT_EQ(dave.patch(path(sent), {{"content", "x"}}).json().at("code"), "chat.not_found");
  EXPECT_EQ(alice.patch(path({{"id", 99999}}), {{"content", "x"}}).json().at("code"),
            "message.not_found");
  EXPECT_EQ(alice.patch(path(sent), {{"content", ""}}).status, 422);
  EXPECT_EQ(alice.patch(path(sent), json::object()).status, 422);
  EXPECT_EQ(alice.patch(path(sent), {{"content", std::string(10'001, 'x')}}).status, 422);
}

TEST_F(MessageChanges, AMessageIsFoundOnlyInItsOwnChat) {
  const auto sent = alice.posts(chat, "hello");
  const auto other = alice.makes_chat("Single", {bob.id()}, "");
  const auto elsewhere =
      fmt::format("/api/chat/{}/messages/{}", other, sent.at("id").get<std::int64_t>());
  EXPECT_EQ(alice.patch(elsewhere, {{"content", "x"}}).status, 404);
  EXPECT_EQ(alice.remove(elsewhere).status, 404);
}

TEST_F(MessageChanges, ADeletedMessageLeavesATombstone) {
  const auto sent = alice.posts(chat, "regretted");
  alice.posts(chat, "after it");
  auto bobs = bob.subscribes();
  ASSERT_EQ(alice.remove(path(sent)).status, 204);
  const auto event = bobs.next("MessageDeleted");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.at("id"), sent.at("id"));
  EXPECT_EQ(event->data.at("seq"), 1);
  EXPECT_TRUE(event->data.at("deleted_at").is_string());
  const auto list = bob.get(fmt::format("/api/chat/{}/messages", chat)).json();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].at("content"), "");
  EXPECT_EQ(list[1].at("deleted_at"), event->data.at("deleted_at"));
  EXPECT_EQ(alice.patch(path(sent), {{"content", "x"}}).json().at("code"), "message.deleted");
}

TEST_F(MessageChanges, ASecondDeletionSucceedsWithoutAnEvent) {
  const auto sent = alice.posts(chat, "regretted");
  EXPECT_EQ(alice.remove(path(sent)).status, 204);
  EXPECT_EQ(alice.remove(path(sent)).status, 204);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'MessageDeleted'"),
            1);
}

TEST_F(MessageChanges, TheOwnerDeletesAnyMessageAndMembersTheirOwn) {
  const auto bobs = bob.posts(chat, "bob's");
  EXPECT_EQ(carol.remove(path(bobs)).status, 403);
  EXPECT_EQ(dave.remove(path(bobs)).status, 404);
  EXPECT_EQ(alice.remove(path(bobs)).status, 204);
  EXPECT_EQ(carol.remove(path(carol.posts(chat, "carol's"))).status, 204);
}

TEST_F(MessageChanges, ALateRetryReturnsThePresentMessage) {
  const json draft{{"content", "first"}, {"idempotency_key", change_key}};
  const auto sent = alice.tries_to_post(chat, draft).json();
  alice.patch(path(sent), {{"content", "second"}});
  const auto retry = alice.tries_to_post(chat, draft);
  EXPECT_EQ(retry.status, 200) << retry.body;
  EXPECT_EQ(retry.header("idempotency-replayed"), "true");
  EXPECT_EQ(retry.json().at("content"), "second");
}

// By a stored hash a short text could be found out.
TEST_F(MessageChanges, NothingOfAFormerTextIsKeptForRetries) {
  const auto hashes = [this] {
    return system.database->number("SELECT count(*) FROM messages WHERE request_hash IS NOT NULL");
  };
  const json draft{{"content", "first"}, {"idempotency_key", change_key}};
  const auto sent = alice.tries_to_post(chat, draft).json();
  EXPECT_EQ(hashes(), 1);
  alice.patch(path(sent), {{"content", "second"}});
  EXPECT_EQ(hashes(), 0);
  const json other{{"content", "other"}, {"idempotency_key", other_key}};
  EXPECT_EQ(alice.remove(path(alice.tries_to_post(chat, other).json())).status, 204);
  EXPECT_EQ(hashes(), 0);
  const auto retry = alice.tries_to_post(chat, other);
  EXPECT_EQ(retry.status, 200) << retry.body;
  EXPECT_EQ(retry.json().at("content"), "");
}

TEST_F(MessageChanges, APageMayBeCentredOnAMessage) {
  std::vector<std::int64_t> sent;
  for (int i = 1; i <= 9; ++i) sent.push_back(alice.posts(chat, std::to_string(i)).at("id"));
  EXPECT_THAT(seqs(fmt::format("around={}&limit=5", sent[4])), ElementsAre(7, 6, 5, 4, 3));
  EXPECT_THAT(seqs(fmt::format("around={}&limit=4", sent[4])), ElementsAre(7, 6, 5, 4));
  EXPECT_THAT(seqs(fmt::format("around={}&limit=1", sent[4])), ElementsAre(5));
  EXPECT_THAT(seqs(fmt::format("around={}&limit=5", sent[0])), ElementsAre(3, 2, 1));
  EXPECT_THAT(seqs(fmt::format("around={}&limit=5", sent[8])), ElementsAre(9, 8, 7));
  EXPECT_THAT(seqs(fmt::format("before={}&limit=2", sent[4])), ElementsAre(4, 3));
  EXPECT_THAT(seqs(fmt::format("after={}&limit=2", sent[4])), ElementsAre(7, 6));
}

TEST_F(MessageChanges, APageMayBeCentredOnANumber) {
  const json root = alice.posts(chat, "1");
  for (int i = 2; i <= 4; ++i) alice.posts(chat, std::to_string(i));
  const json in_thread{{"content", "5"}, {"reply_to", root.at("id")}, {"also_to_chat", false}};
  EXPECT_EQ(alice.tries_to_post(chat, in_thread).status, 201);
  for (int i = 6; i <= 9; ++i) alice.posts(chat, std::to_string(i));
  EXPECT_THAT(seqs("around_seq=6&limit=4"), ElementsAre(8, 7, 6, 4));
  EXPECT_THAT(seqs("around_seq=5&limit=4"), ElementsAre(7, 6, 4, 3));
  EXPECT_THAT(seqs("around_seq=1&limit=4"), ElementsAre(3, 2, 1));
  EXPECT_THAT(seqs("around_seq=100&limit=4"), ElementsAre(9, 8));
  for (const auto* number : {"0", "-1", "x", "9223372036854775808"}) {
    const auto reply = bob.get(fmt::format("/api/chat/{}/messages?around_seq={}", chat, number));
    EXPECT_EQ(reply.status, 422) << number;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), "around_seq") << number;
  }
}

TEST_F(MessageChanges, PageAnchorsExcludeEachOther) {
  const auto id = alice.posts(chat, "hello").at("id").get<std::int64_t>();
  for (const auto* query : {"before={0}&after={0}", "around={0}&after={0}",
                            "before_id={0}&around={0}", "around={0}&around_seq={0}"}) {
    const auto reply = bob.get(
        fmt::format("/api/chat/{}/messages?{}", chat, fmt::format(fmt::runtime(query), id)));
    EXPECT_EQ(reply.status, 422) << query;
  }
  EXPECT_EQ(bob.get(fmt::format("/api/chat/{}/messages?around=99999", chat))
                .json()
                .at("errors")[0]
                .at("field"),
            "around");
}

TEST_F(MessageChanges, AHundredConcurrentRetriesCreateOneMessage) {
  const json draft{{"content", "once"}, {"idempotency_key", change_key}};
  std::atomic<int> created{0};
  std::atomic<int> replayed{0};
  std::atomic<std::int64_t> id_sum{0};
  std::vector<std::thread> retries;
  for (int i = 0; i < 100; ++i) {
    retries.emplace_back([&] {
      const auto reply = alice.tries_to_post(chat, draft);
      created += reply.status == 201 ? 1 : 0;
      replayed += reply.status == 200 ? 1 : 0;
      id_sum += reply.json().at("id").get<std::int64_t>();
    });
  }
  for (auto& retry : retries) retry.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(replayed, 99);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM messages"), 1);
  EXPECT_EQ(id_sum, 100 * system.database->number("SELECT id FROM messages"));
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'NewMessage'"), 1);
}

// Wherever the connection is cut, a retry with the same key results in one message and one event.
TEST_F(MessageChanges, ARetryAfterAConnectionCutAtAnyPointCreatesOneMessage) {
  const json draft{{"content", "cut"}, {"idempotency_key", change_key}};
  const auto body = draft.dump();
  const auto whole = fmt::format(
      "POST /api/chat/{}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      chat, alice.token(), body.size(), body);
  // At steps within the request, at its end, and after the first bytes of the response.
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 0; cut < whole.size(); cut += 97) cuts.push_back(cut);
  for (const auto cut : {whole.size() - 1, whole.size(), whole.size() + 1}) cuts.push_back(cut);
  int round = 0;
  for (const auto cut : cuts) {
    const auto fresh = fmt::format("{:08x}-d9cb-469f-a165-70867728950e", ++round);
    auto text = whole;
    text.replace(text.find(change_key), fresh.size(), fresh);
    {
      TcpConnection connection{system.server.port()};
      connection.write(std::string_view{text}.substr(0, cut));
      std::string answer;
      if (cut > whole.size()) connection.read(answer, std::chrono::seconds{5});
    }
    const auto retry = alice.tries_to_post(chat, {{"content", "cut"}, {"idempotency_key", fresh}});
    EXPECT_EQ(retry.status == 201 || retry.status == 200, true) << cut << ": " << retry.body;
    if (cut < whole.size()) {
      EXPECT_EQ(retry.status, 201) << cut;
    }
    if (cut > whole.size()) {
      EXPECT_EQ(retry.status, 200) << cut;
    }
  }
  EXPECT_EQ(system.database->number("SELECT count(*) FROM messages"), round);
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE type = 'NewMessage'"),
            round);
  EXPECT_EQ(system.database->number("SELECT max(seq) FROM messages"), round);
}

}  // namespace
}  // namespace fechatter::test
