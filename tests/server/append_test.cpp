#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

#include "fechatter_core/error.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "tests/support/services.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::server {
namespace {

using Kind = AppendOutcome::Kind;
using std::chrono::seconds;

// A workspace whose users are all members of all of its chats.
class Appending : public testing::Test {
 protected:
  void populate(int people, int chats) {
    database.query(fmt::format(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, {}) i;",
        people));
    for (int i = 0; i < chats; ++i) {
      database.query(
          "SELECT create_chat(1, 1, 'group', 'chat', '',"
          " ARRAY(SELECT id FROM users ORDER BY id))");
    }
  }
  std::unique_ptr<AppendQueue> new_queue(std::size_t writers = 2, std::size_t queue_max = 10'000) {
    AppendSettings settings;
    settings.database_url = database.url();
    settings.writers = writers;
    settings.queue_max = queue_max;
    return std::make_unique<AppendQueue>(settings, RelayWaker{});
  }
  static AppendRequest message(ChatId chat, UserId sender, const std::string& content,
                               const std::string& key = {}) {
    AppendRequest request{{WorkspaceId{1}, sender}, chat, {}, {}};
    request.draft.content = content;
    if (!key.empty()) {
      request.draft.idempotency_key = key;
      request.request_hash = fmt::format("\\x{:064x}", std::hash<std::string>{}(content));
    }
    return request;
  }
  static std::future<AppendOutcome> append(AppendQueue& queue, AppendRequest request) {
    auto promise = std::make_shared<std::promise<AppendOutcome>>();
    auto future = promise->get_future();
    queue.push(std::move(request), [promise](std::exception_ptr error, AppendOutcome outcome) {
      if (error) {
        promise->set_exception(error);
      } else {
        promise->set_value(std::move(outcome));
      }
    });
    return future;
  }
  // Chats whose messages are not numbered 1..last_seq.
  std::int64_t chats_with_holes() {
    return database.number(
        "SELECT count(*) FROM (SELECT c.id FROM chats c LEFT JOIN messages m ON m.chat_id = c.id"
        " GROUP BY c.id HAVING count(m.id) <> c.last_seq"
        " OR coalesce(max(m.seq), 0) <> c.last_seq) holes");
  }

  test::TestDatabase database;
};

TEST_F(Appending, EachRequestOfABatchGetsItsOwnOutcome) {
  populate(2, 1);
  const auto queue = new_queue(1);
  // While another transaction holds the chat's lock, the requests wait; then they share a batch.
  postgres::Connection holder{database.url()};
  holder.run_script("BEGIN; SELECT FROM chats WHERE id = 1 FOR UPDATE");
  auto good = append(*queue, message(ChatId{1}, UserId{1}, "good"));
  auto outsider = append(*queue, message(ChatId{1}, UserId{99}, "no member"));
  auto nowhere = append(*queue, message(ChatId{77}, UserId{1}, "no chat"));
  auto odd_reply = message(ChatId{1}, UserId{1}, "reply");
  odd_reply.draft.reply_to = MessageId{12345};
  auto reply = append(*queue, odd_reply);
  auto odd_mention = message(ChatId{1}, UserId{1}, "mention");
  odd_mention.draft.mentions = {UserId{2}, UserId{99}};
  auto mention = append(*queue, odd_mention);
  auto other_workspace = message(ChatId{1}, UserId{1}, "other workspace");
  other_workspace.sender.workspace = WorkspaceId{2};
  auto foreign = append(*queue, other_workspace);
  auto odd_file = message(ChatId{1}, UserId{1}, "file");
  odd_file.draft.files = {"https://files.example/a.png"};
  auto file = append(*queue, odd_file);
  holder.run_script("COMMIT");
  EXPECT_EQ(good.get().kind, Kind::created);
  EXPECT_EQ(outsider.get().kind, Kind::not_a_member);
  EXPECT_EQ(nowhere.get().kind, Kind::not_a_member);
  EXPECT_EQ(reply.get().kind, Kind::unknown_reply_to);
  EXPECT_EQ(mention.get().kind, Kind::mention_outside);
  EXPECT_EQ(foreign.get().kind, Kind::not_a_member);
  EXPECT_EQ(file.get().kind, Kind::unknown_file);
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), 1);
  EXPECT_EQ(chats_with_holes(), 0);
}

TEST_F(Appending, AMessageAndItsEventAreStoredTogether) {
  populate(2, 1);
  const auto outcome = append(*new_queue(), message(ChatId{1}, UserId{2}, "hello")).get();
  ASSERT_EQ(outcome.kind, Kind::created);
  EXPECT_EQ(outcome.message->sender.fullname, "user 2");
  EXPECT_EQ(database.number("SELECT (data->>'id')::bigint FROM outbox WHERE type = 'NewMessage'"),
            outcome.message->id.value);
  EXPECT_EQ(database.number("SELECT seq FROM outbox WHERE type = 'NewMessage'"), 1);
  EXPECT_EQ(database.number("SELECT (envelope::json->>'actor')::bigint FROM outbox_rows"
                            " WHERE type = 'NewMessage'"),
            database.number("SELECT sender_id FROM messages"));
}

TEST_F(Appending, ALockedChatDelaysNoOther) {
  populate(2, 2);
  const auto queue = new_queue(1);
  postgres::Connection holder{database.url()};
  holder.run_script("BEGIN; SELECT FROM chats WHERE id = 1 FOR UPDATE");
  auto stuck = append(*queue, message(ChatId{1}, UserId{1}, "waits"));
  auto free = append(*queue, message(ChatId{2}, UserId{1}, "goes on"));
  ASSERT_EQ(free.wait_for(seconds{15}), std::future_status::ready);
  EXPECT_EQ(free.get().kind, Kind::created);
  EXPECT_EQ(stuck.wait_for(seconds{0}), std::future_status::timeout);
  holder.run_script("COMMIT");
  EXPECT_EQ(stuck.get().kind, Kind::created);
}

TEST_F(Appending, SendingToALockedChatIsRefusedAsBusy) {
  populate(2, 1);
  postgres::Connection holder{database.url()};
  holder.run_script("BEGIN; SELECT FROM chats WHERE id = 1 FOR UPDATE");
  const auto queue = new_queue();
  std::vector<std::future<AppendOutcome>> stuck;
  for (int i = 0; i < 20; ++i) {
    stuck.push_back(append(*queue, message(ChatId{1}, UserId{1}, "waits")));
  }
  for (auto& one : stuck) {
    ASSERT_EQ(one.wait_for(seconds{15}), std::future_status::ready);
    EXPECT_EQ(one.get().kind, Kind::busy);
  }
  holder.run_script("ROLLBACK");
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), 0);
}

TEST_F(Appending, AnUnknownOutcomeIsAnErrorAndNotABusyChat) {
  populate(1, 1);
  database.query(
      "CREATE OR REPLACE FUNCTION append_messages(batch json, waits boolean)"
      " RETURNS TABLE (ord integer, outcome text, message message_rows) LANGUAGE sql AS"
      " $$ SELECT 0, 'muted', NULL::message_rows $$");
  const auto queue = new_queue();
  auto refused = append(*queue, message(ChatId{1}, UserId{1}, "x"));
  try {
    refused.get();
    ADD_FAILURE() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "unknown outcome: muted");
  }
}

TEST_F(Appending, AMessageIsAnsweredAndPublishedAsItIsReadLater) {
  populate(3, 1);
  database.query("UPDATE users SET avatar_url = 'https://a.example/' || id WHERE id = 2");
  const auto queue = new_queue();
  const auto first = append(*queue, message(ChatId{1}, UserId{1}, "first")).get();
  auto request = message(ChatId{1}, UserId{2}, "a \"quoted\" \\ line\nand é",
                         "00000000-0000-4000-8000-000000000001");
  const auto& owner = database.owner_url();
  request.draft.files = {test::upload(owner, 2, "a.txt"), test::upload(owner, 2, "b \"c\".png")};
  request.draft.mentions = {UserId{3}, UserId{1}};
  request.draft.reply_to = first.message->id;
  const auto stored = append(*queue, request).get();
  ASSERT_EQ(stored.kind, Kind::created);
  database.query("DELETE FROM threads");  // the first message had none when it was stored
  // Once as it is made when it is stored, and once as it is read.
  EXPECT_EQ(database.number(
                "SELECT count(*) FROM messages m JOIN users u ON u.id = m.sender_id"
                " JOIN message_rows v ON v.id = m.id WHERE v IS NOT DISTINCT FROM message_row("
                " id => m.id, workspace_id => m.workspace_id, chat_id => m.chat_id,"
                " sender_id => m.sender_id, sender_fullname => u.fullname,"
                " sender_avatar_url => u.avatar_url, seq => m.seq, content => m.content,"
                " files => m.files, mentions => m.mentions, reply_to => m.reply_to,"
                " idempotency_key => m.idempotency_key, created_at => m.created_at,"
                " thread_root_id => m.thread_root_id, also_to_chat => m.also_to_chat,"
                " mention_ranges => m.mention_ranges, event_id => m.event_id,"
                " attachments => v.attachments::json)"),
            2);
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox o JOIN message_rows v ON v.seq = o.seq"
                            " WHERE o.type = 'NewMessage'"
                            " AND o.data::text = new_message_json(v, 'group')::text"),
            2);
  const auto replayed = append(*queue, request).get();
  EXPECT_EQ(replayed.kind, Kind::replayed);
  EXPECT_EQ(replayed.message->files, request.draft.files);
  ASSERT_EQ(replayed.message->attachments.size(), 2U);
  EXPECT_EQ(replayed.message->attachments[1],
            (Attachment{request.draft.files[1], "b \"c\".png", "image/png", 1000, {}, {}}));
  EXPECT_EQ(stored.message->attachments, replayed.message->attachments);
  EXPECT_EQ(replayed.message->mentions, request.draft.mentions);
}

TEST_F(Appending, RepliesOfABatchAreCountedAndEndWithTheirMessages) {
  populate(3, 1);
  const auto queue = new_queue(1);
  const auto root = append(*queue, message(ChatId{1}, UserId{1}, "root")).get();
  postgres::Connection holder{database.url()};
  holder.run_script("BEGIN; SELECT FROM chats WHERE id = 1 FOR UPDATE");
  std::vector<std::future<AppendOutcome>> replies;
  for (const auto sender : {3, 2, 3, 2}) {
    auto reply = message(ChatId{1}, UserId{sender}, "reply");
    reply.draft.reply_to = root.message->id;
    reply.draft.mentions = {UserId{1}};
    replies.push_back(append(*queue, reply));
  }
  holder.run_script("COMMIT");
  for (auto& reply : replies) {
    const auto outcome = reply.get();
    ASSERT_EQ(outcome.kind, Kind::created);
    EXPECT_EQ(outcome.message->thread_root, root.message->id);
  }
  // Requests that wait for a lock together are stored in any order.
  EXPECT_EQ(database.number("SELECT count(*) FROM threads WHERE root_id = 1 AND reply_count = 4"
                            " AND repliers IN ('{2,3}', '{3,2}')"),
            1);
  EXPECT_EQ(database.number("SELECT (data->>'reply_count')::int FROM outbox"
                            " WHERE type = 'ThreadUpdated' ORDER BY id DESC LIMIT 1"),
            4);
  EXPECT_EQ(database.number("SELECT count(*) FROM outbox WHERE type = 'Mentioned'"), 4);
  EXPECT_EQ(database.number("SELECT count(*) FROM thread_follows WHERE following"), 3);
  database.query("DELETE FROM messages");
  for (const auto* table : {"threads", "thread_follows", "message_mentions"}) {
    EXPECT_EQ(database.number(fmt::format("SELECT count(*) FROM {}", table)), 0) << table;
  }
}

TEST_F(Appending, AFullQueueRefusesRequests) {
  populate(1, 1);
  postgres::Connection holder{database.url()};
  holder.run_script("BEGIN; LOCK TABLE chats IN ACCESS EXCLUSIVE MODE");
  const auto queue = new_queue(1, 5);
  std::vector<std::future<AppendOutcome>> futures;
  for (int i = 0; i < 300; ++i) {
    futures.push_back(append(*queue, message(ChatId{1}, UserId{1}, "x")));
  }
  holder.run_script("COMMIT");
  int refused = 0;
  for (auto& future : futures) {
    try {
      EXPECT_EQ(future.get().kind, Kind::created);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::overloaded);
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), 300 - refused);
}

// A single statement without the chat's lock leaves 614 holes in 15 s, and stores messages of users
// who are removed already.
TEST_F(Appending, ConcurrentWritersAndRemovalsLeaveNoHoleAndNoLateMessage) {
  constexpr int people = 6;
  constexpr int chats = 4;
  constexpr int messages = 250;
  populate(people, chats);
  const std::unique_ptr<AppendQueue> instances[] = {new_queue(), new_queue(), new_queue()};
  std::atomic<int> created{0};
  std::atomic<int> answered{0};
  const auto send_all = [&](int person) {
    std::vector<std::future<AppendOutcome>> futures;
    for (int i = 0; i < messages; ++i) {
      const auto chat = 1 + i % chats;
      // Each key goes to two instances concurrently: one creates, the other replays.
      const auto key = fmt::format("{:08x}-0000-4000-8000-{:012x}", person, i / 2);
      auto request = message(ChatId{1 + (i / 2) % chats}, UserId{person},
                             fmt::format("{} {}", person, i / 2), key);
      if (i % 5 == 0) request = message(ChatId{chat}, UserId{person}, "without a key");
      futures.push_back(append(*instances[i % 3], std::move(request)));
    }
    for (auto& future : futures) {
      const auto outcome = future.get();
      created += outcome.kind == Kind::created ? 1 : 0;
      answered += outcome.kind != Kind::busy ? 1 : 0;
      EXPECT_NE(outcome.kind, Kind::key_reused);
    }
  };
  std::vector<std::thread> threads;
  for (int person = 1; person <= people; ++person) threads.emplace_back(send_all, person);
  // Concurrently, three users are removed from all chats, each under the chat's lock.
  postgres::Connection remover{database.owner_url()};
  remover.run_script("CREATE TABLE removals (user_id bigint, chat_id bigint, last_seq bigint)");
  for (int person = 4; person <= people; ++person) {
    for (int chat = 1; chat <= chats; ++chat) {
      remover.run_script(fmt::format(
          "BEGIN; SELECT FROM chats WHERE id = {0} FOR NO KEY UPDATE;"
          "DELETE FROM chat_members WHERE chat_id = {0} AND user_id = {1};"
          "INSERT INTO removals SELECT {1}, id, last_seq FROM chats WHERE id = {0}; COMMIT",
          chat, person));
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, people * messages);
  EXPECT_EQ(chats_with_holes(), 0);
  EXPECT_EQ(database.number("SELECT count(*) FROM messages"), created);
  EXPECT_EQ(database.number("SELECT count(*) FROM messages m JOIN removals r ON r.user_id ="
                            " m.sender_id AND r.chat_id = m.chat_id AND m.seq > r.last_seq"),
            0);
  // Within a chat, the outbox order is the order of the messages.
  EXPECT_EQ(database.number("SELECT count(*) FROM (SELECT seq, lag(seq) OVER (PARTITION BY chat_id"
                            " ORDER BY id) AS before FROM outbox WHERE type = 'NewMessage') o"
                            " WHERE seq <> coalesce(before, 0) + 1"),
            0);
}

// The cached plans are made while the tables are small.
TEST_F(Appending, NoStatementScansATable) {
  populate(200, 5);
  const auto scans = [this] {
    return database.number(
        "SELECT sum(seq_scan) FROM pg_stat_user_tables"
        " WHERE relname IN ('chats', 'chat_members', 'messages', 'users')");
  };
  const auto before = scans();
  auto queue = new_queue(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(append(*queue, message(ChatId{1 + i % 5}, UserId{1 + i}, "x")).get().kind,
              Kind::created);
  }
  queue.reset();  // a connection reports its statistics when it ends
  ASSERT_TRUE(test::eventually([this] {
    return database.number(
               "SELECT n_tup_ins FROM pg_stat_user_tables"
               " WHERE relname = 'messages'") == 20;
  }));
  EXPECT_EQ(scans(), before);
}

}  // namespace
}  // namespace fechatter::server
