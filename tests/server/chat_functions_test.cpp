#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "fechatter_core/error.hpp"
#include "fechatter_server/chat/chat_cleanup.hpp"
#include "fechatter_server/chat/postgres_chat_member_repository.hpp"
#include "fechatter_server/chat/postgres_chat_repository.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

constexpr UserId alice{1};
constexpr UserId bob{2};
constexpr UserId carol{3};

constexpr Caller as(UserId user) {
  return {WorkspaceId{1}, user};
}

// Concurrent changes of one chat.
class ChatFunctions : public testing::Test {
 public:
  ~ChatFunctions() override {
    io.stop();
    loop.join();
  }

 protected:
  ChatFunctions() {
    database.query(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO users (workspace_id, fullname, email, password_hash)"
        " SELECT 1, 'user ' || i, i || '@acme.example', 'x' FROM generate_series(1, 300) i;");
  }
  ChatId make_chat(const std::string& type, const std::vector<std::int64_t>& people) {
    return ChatId{database.number(
        fmt::format("SELECT made FROM create_chat(1, 1, '{}', 'chat {}', '', ARRAY[{}]::bigint[])",
                    type, ++chats_made, fmt::join(people, ",")))};
  }
  static void concurrently(const std::function<void()>& one, const std::function<void()>& other) {
    std::thread thread{one};
    other();
    thread.join();
  }
  // From any thread.
  template <class T>
  T run(awaitable<T> doing) {
    const Executor strand{io.get_executor()};
    return asio::co_spawn(strand, std::move(doing), asio::use_future).get();
  }
  std::int64_t count(const std::string& of) {
    return database.number("SELECT count(*) FROM " + of);
  }

  test::TestDatabase database;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread loop{[this] { io.run(); }};
  postgres::Database pool{{database.url(), {}, 8, 1000}};
  EventfulDatabase changes{pool, RelayWaker{}};
  PostgresChatRepository chats{changes};
  PostgresChatMemberRepository members{changes, {}};
  int chats_made = 0;
};

TEST_F(ChatFunctions, TwoUsersWhoCreateTheSameSingleConcurrentlyGetOne) {
  for (int i = 0; i < 50; ++i) {
    const UserId other{10 + i};
    const auto create = [&](UserId creator) {
      ChatDraft draft;
      draft.type = ChatType::single;
      draft.members = {alice, other};
      return run(chats.create(as(creator), draft)).id;
    };
    ChatId first;
    ChatId second;
    concurrently([&] { first = create(alice); }, [&] { second = create(other); });
    EXPECT_EQ(first, second);
  }
  EXPECT_EQ(count("chats"), 50);
  EXPECT_EQ(count("outbox WHERE type = 'NewChat'"), 50);
}

TEST_F(ChatFunctions, AChatHasAnOwnerAfterAConcurrentHandOverAndLeave) {
  for (int i = 0; i < 50; ++i) {
    const auto chat = make_chat("private_channel", {1, 2});
    concurrently([&] { run(members.set_role(as(alice), chat, bob, ChatRole::owner)); },
                 [&] { run(members.leave(as(alice), chat)); });
    EXPECT_EQ(count(fmt::format("chat_members WHERE chat_id = {} AND role = 'owner'", chat.value)),
              1);
    EXPECT_EQ(
        count(fmt::format("chat_members WHERE chat_id = {}", chat.value)),
        database.number(fmt::format("SELECT member_count FROM chats WHERE id = {}", chat.value)));
  }
}

TEST_F(ChatFunctions, TheNewOwnerWhoLeavesConcurrentlyEitherOwnsTheChatOrHasLeft) {
  for (int i = 0; i < 50; ++i) {
    const auto chat = make_chat("private_channel", {1, 2});
    concurrently([&] { run(members.set_role(as(alice), chat, bob, ChatRole::owner)); },
                 [&] { run(members.leave(as(bob), chat)); });
    EXPECT_EQ(count(fmt::format("chat_members WHERE chat_id = {} AND role = 'owner'", chat.value)),
              1);
  }
}

TEST_F(ChatFunctions, NoMessageIsStoredAfterTheSenderWasRemoved) {
  AppendSettings settings;
  settings.database_url = database.url();
  AppendQueue queue{settings, RelayWaker{}};
  for (int i = 0; i < 50; ++i) {
    const auto chat = make_chat("private_channel", {1, 2});
    std::atomic<int> answered{0};
    const auto send = [&] {
      for (int n = 0; n < 20; ++n) {
        AppendRequest request{as(bob), chat, {}, {}};
        request.draft.content = "hello";
        queue.push(std::move(request), [&](std::exception_ptr, AppendOutcome) { ++answered; });
      }
    };
    concurrently(send, [&] { run(members.remove(as(alice), chat, {bob})); });
    ASSERT_TRUE(test::eventually([&] { return answered == 20; }));
  }
  EXPECT_EQ(count("outbox said JOIN outbox gone ON gone.chat_id = said.chat_id"
                  " WHERE said.type = 'NewMessage' AND gone.type = 'UserLeftChat'"
                  " AND said.id > gone.id"),
            0);
}

TEST_F(ChatFunctions, TheMemberCountIsRightAfterConcurrentJoinsAndLeaves) {
  const auto chat = make_chat("public_channel", {1});
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i) {
    people.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const UserId user{10 + i * 4 + round % 4};
        run(members.join(as(user), chat));
        if (round % 3 == 0) run(members.leave(as(user), chat));
        run(members.add(as(alice), chat, {UserId{100 + round}, user}));
      }
    });
  }
  for (auto& person : people) person.join();
  EXPECT_EQ(count("chat_members"), database.number("SELECT member_count FROM chats"));
  // The events agree: the members are the users with more joins than leaves.
  EXPECT_EQ(count("chat_members") - 1,
            database.number("SELECT sum(json_array_length(data->'users') *"
                            " CASE type WHEN 'UserJoinedChat' THEN 1 ELSE -1 END) FROM outbox"
                            " WHERE type IN ('UserJoinedChat', 'UserLeftChat')"));
  EXPECT_EQ(database.number("SELECT member_event_id FROM chats"),
            database.number("SELECT max(id) FROM outbox WHERE members IS NOT NULL"));
}

TEST_F(ChatFunctions, LeavingALockedChatIsRefusedAsBusy) {
  const auto chat = make_chat("private_channel", {1, 2});
  postgres::Connection holder{database.url()};
  holder.run_script(fmt::format("BEGIN; SELECT FROM chats WHERE id = {} FOR UPDATE", chat.value));
  try {
    run(members.leave(as(bob), chat));
    FAIL() << "left";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::chat_busy);
  }
}

// Of any number of people.
TEST_F(ChatFunctions, AChangeOfMembersHasTheSameNumberOfEventsHoweverManyItConcerns) {
  struct Events {
    std::int64_t added, removed, people_listed;
  };
  const auto events_of = [&](int people) {
    const auto chat = make_chat("private_channel", {1});
    std::vector<UserId> others;
    for (int i = 0; i < people; ++i) others.push_back(UserId{10 + i});
    const auto before = count("outbox");
    EXPECT_EQ(run(members.add(as(alice), chat, others)).outcome, ChatOutcome::done);
    const auto added = count("outbox");
    EXPECT_EQ(run(members.remove(as(alice), chat, others)), ChatOutcome::done);
    const auto listed = database.number(
        "SELECT coalesce(json_array_length(data->'users'), 0) FROM outbox ORDER BY id DESC LIMIT "
        "1");
    return Events{added - before, count("outbox") - added, listed};
  };
  for (const int people : {1, 2, 100}) {
    const auto events = events_of(people);
    EXPECT_EQ(events.added, 2) << people;  // NewChat, UserJoinedChat
    EXPECT_EQ(events.removed, 1) << people;
    EXPECT_EQ(events.people_listed, people);
  }
  for (const int people : {101, 150, 290}) {
    const auto events = events_of(people);
    EXPECT_EQ(events.added, 1) << people;  // NewChat
    EXPECT_EQ(events.removed, 1) << people;
    EXPECT_EQ(events.people_listed, 0) << people;
  }
}

TEST_F(ChatFunctions, AChangeWithoutAListGoesToItsUsersAndTheCountToTheOthers) {
  const auto chat = make_chat("private_channel", {1, 2});
  std::vector<UserId> others;
  for (int i = 0; i < 101; ++i) others.push_back(UserId{10 + i});
  run(members.add(as(alice), chat, others));
  run(members.remove(as(alice), chat, others));
  EXPECT_EQ(
      database.query("SELECT data::text FROM outbox WHERE type = 'UserLeftChat'")[0][0].c_str(),
      std::string{"{}"});
  EXPECT_EQ(database.number("SELECT json_array_length(members->'removed') FROM outbox"
                            " WHERE type = 'UserLeftChat'"),
            101);
  EXPECT_EQ(count("outbox WHERE type = 'UserLeftChat' AND audience::text = '\"chat\"'"), 0);
  database.query("UPDATE chats SET count_changed_at = count_changed_at - interval '6 seconds'");
  ChatCleanup cleanup{changes};
  run(cleanup.clean_up());
  EXPECT_EQ(count("outbox WHERE type = 'ChatUpdated' AND data->>'member_count' = '2'"), 1);
}

TEST_F(ChatFunctions, AnEventAboutOnePersonHasThePersonsFieldsAtTheTopLevelToo) {
  const auto chat = make_chat("private_channel", {1});
  run(members.add(as(alice), chat, {bob}));
  EXPECT_EQ(count("outbox WHERE type = 'UserJoinedChat' AND data->>'user_id' = '2'"
                  " AND data->>'fullname' = 'user 2' AND data->'users'->0->>'user_id' = '2'"
                  " AND data->>'joined_at' = data->'users'->0->>'joined_at'"),
            1);
  run(members.add(as(alice), chat, {carol, UserId{4}}));
  EXPECT_EQ(count("outbox WHERE type = 'UserJoinedChat' AND data->'user_id' IS NULL"
                  " AND data->'users'->1->>'user_id' = '4'"),
            1);
}

TEST_F(ChatFunctions, AboveTheFanOutLimitAJoinGoesToItsUserAndTheCountToAllMembers) {
  const auto chat = make_chat("public_channel", {1});
  PostgresChatMemberRepository few{changes, {{2}, 100'000}};
  run(few.join(as(bob), chat));
  run(few.join(as(carol), chat));
  EXPECT_EQ(count("outbox WHERE type = 'UserJoinedChat'"), 1);
  EXPECT_EQ(count("outbox WHERE type = 'UserJoinedChat' AND audience::text = '\"chat\"'"), 1);
  EXPECT_EQ(count("outbox WHERE type = 'NewChat' AND audience->'users'->>0 = '3'"), 1);
  ChatCleanup cleanup{changes};
  run(cleanup.clean_up());
  EXPECT_EQ(count("outbox WHERE type = 'ChatUpdated'"), 0);  // every 5 s at most
  database.query("UPDATE chats SET count_changed_at = count_changed_at - interval '6 seconds'");
  run(cleanup.clean_up());
  run(cleanup.clean_up());
  EXPECT_EQ(count("outbox WHERE type = 'ChatUpdated' AND data->>'member_count' = '3'"), 1);
}

TEST_F(ChatFunctions, AFullChatRefusesNewMembers) {
  const auto chat = make_chat("public_channel", {1});
  PostgresChatMemberRepository small{changes, {{200}, 2}};
  EXPECT_EQ(run(small.add(as(alice), chat, {bob, carol})).outcome, ChatOutcome::full);
  EXPECT_EQ(run(small.join(as(bob), chat)).outcome, ChatOutcome::done);
  EXPECT_EQ(run(small.join(as(carol), chat)).outcome, ChatOutcome::full);
}

TEST_F(ChatFunctions, TheMessagesOfADeletedChatAreRemovedInSlices) {
  const auto chat = make_chat("group", {1, 2, 3});
  const auto kept = make_chat("group", {1, 2, 3});
  database.query(fmt::format(
      "SELECT append_messages((SELECT json_agg(json_build_object('ord', i, 'workspace_id', 1,"
      " 'chat_id', CASE WHEN i % 10 = 0 THEN {} ELSE {} END, 'sender_id', 1, 'content', 'x',"
      " 'files', '{{}}'::text[], 'mentions', '{{}}'::bigint[])) FROM generate_series(1, 1000) i),"
      " true)",
      kept.value, chat.value));
  ASSERT_EQ(run(chats.remove(as(alice), chat)), ChatOutcome::done);
  EXPECT_EQ(count("messages"), 1000);
  ChatCleanup cleanup{changes};
  int slices = 1;
  while (run(cleanup.clean_up()).more) ++slices;
  EXPECT_GT(slices, 1);
  EXPECT_EQ(count("messages"), 100);
  EXPECT_EQ(count(fmt::format("chats WHERE id = {}", chat.value)), 1);  // with its members
  database.query("UPDATE chats SET deleted_at = deleted_at - interval '9 days'");
  run(cleanup.clean_up());
  EXPECT_EQ(count(fmt::format("chats WHERE id = {}", chat.value)), 0);
  EXPECT_EQ(count("chat_members"), 3);
  EXPECT_EQ(count("outbox WHERE type = 'NewMessage'"), 1000);  // the outbox is untouched
}

TEST_F(ChatFunctions, ADeletionIsOneEventHoweverManyMembersTheChatHas) {
  for (const int people : {2, 250}) {
    const auto chat = make_chat("private_channel", {1, 2});
    std::vector<UserId> others;
    for (int i = 0; i < people; ++i) others.push_back(UserId{10 + i});
    run(members.add(as(alice), chat, others));
    const auto before = count("outbox");
    ASSERT_EQ(run(chats.remove(as(alice), chat)), ChatOutcome::done);
    EXPECT_EQ(count("outbox") - before, 1);
    EXPECT_EQ(count(fmt::format("outbox o JOIN chats c ON c.member_event_id = o.id"
                                " WHERE c.id = {} AND o.type = 'ChatDeleted'"
                                " AND audience::text = '\"chat\"' AND members IS NULL",
                                chat.value)),
              1);
  }
}

}  // namespace
}  // namespace fechatter::server
