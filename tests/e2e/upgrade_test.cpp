#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/support/schema_folder.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::IsEmpty;

// A running fechatter_server of this release, the program of the former one, under the load of
// several people, while the definitions of later releases are applied to its database.
class Upgrade : public testing::Test {
 protected:
  ~Upgrade() override { stop(); }

  // Each person does everything that reads or changes a message, a chat or a user, over and over.
  void begin(const std::vector<Person>& people) {
    rounds = std::vector<std::atomic<int>>(people.size());
    for (std::size_t i = 0; i < people.size(); ++i) {
      threads.emplace_back([this, person = people[i], i] {
        while (!stopping) {
          do_everything(person, rounds[i]);
          ++rounds[i];
        }
      });
    }
  }
  void stop() {
    stopping = true;
    for (auto& thread : threads) thread.join();
    threads.clear();
  }
  // Until each person has begun and ended a round after this call.
  bool two_more_rounds() {
    std::vector<int> goals;
    for (const auto& count : rounds) goals.push_back(count + 2);
    return eventually(
        [&] {
          return std::equal(goals.begin(), goals.end(), rounds.begin(),
                            [](int goal, const auto& count) { return count >= goal; });
        },
        std::chrono::seconds{60});
  }
  std::vector<std::string> failures() {
    const std::lock_guard lock{mutex};
    return failed;
  }
  std::vector<std::string> migrate_to(const postgres::Schema& schema) {
    const auto& url = system.database->url();
    return postgres::migrate(system.database->owner_url(), schema, {postgres::role_of(url)});
  }
  // The next release: every view that statements read with `*` has one more column at its end, and
  // a message's row as well.
  void add_columns(int release, int later) {
    const auto column = fmt::format(", {0} AS added_{0}", later);
    next.set_release(release + later);
    next.edit("views/message_rows.sql", "\n  FROM messages m", column + "\n  FROM messages m");
    next.edit("functions/messages.sql", ")::message_rows",
              fmt::format(", {})::message_rows", later));
    next.edit("views/user_rows.sql", "\n  FROM users u", column + "\n  FROM users u");
    next.edit("views/chat_rows.sql", "\n  FROM chats c WHERE", column + "\n  FROM chats c WHERE");
    next.edit("views/chat_member_rows.sql", "\n  FROM chat_members m",
              column + "\n  FROM chat_members m");
    next.edit("views/session_rows.sql", "\n  FROM sessions s", column + "\n  FROM sessions s");
  }

  System system{without_notify()};
  SchemaFolder next;
  std::int64_t chat = 0;

 private:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  void expect(int status, const Reply& reply, const char* request) {
    if (reply.status == status) return;
    const std::lock_guard lock{mutex};
    failed.push_back(fmt::format("{}: {} {}", request, reply.status, reply.body));
  }
  void do_everything(const Person& person, int round) {
    const auto messages = fmt::format("/api/chat/{}/messages", chat);
    const auto sent = person.post(messages, {{"content", "hello"}});
    expect(201, sent, "send");
    if (sent.status == 201) {
      const auto path = fmt::format("{}/{}", messages, sent.json().at("id").get<std::int64_t>());
      expect(200, person.patch(path, {{"content", "changed"}}), "edit");
      expect(204, person.remove(path), "delete");
    }
    expect(200, person.get(messages), "list messages");
    expect(200, person.get("/api/chat"), "list chats");
    expect(200, person.get(fmt::format("/api/chat/{}", chat)), "get chat");
    expect(200, person.get(fmt::format("/api/chat/{}/members", chat)), "list members");
    expect(200, person.get("/api/users"), "list users");
    expect(200, person.patch("/api/users/profile", {{"title", fmt::format("round {}", round)}}),
           "change profile");
  }

  std::vector<std::thread> threads;
  std::vector<std::atomic<int>> rounds;
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::vector<std::string> failed;
};

TEST_F(Upgrade, FailsNoRequestOfTheFormerProgramWhichMayRestartInItsMidst) {
  const std::vector people{system.signs_up("alice"), system.signs_up("bob"),
                           system.signs_up("carol")};
  chat = people[0].makes_chat("Group", {people[1].id(), people[2].id()});
  begin(people);
  ASSERT_TRUE(two_more_rounds());
  const int ours = our_schema().definitions.release;
  for (int later = 1; later <= 4; ++later) {
    add_columns(ours, later);
    EXPECT_EQ(migrate_to(next.read()).size(), 1U);
    // The former program starts again: as a process beside the one under load, which migrates too.
    EXPECT_THAT(migrate_to(our_schema()), IsEmpty());
    auto restarted = system.another_server();
    restarted.start();
    EXPECT_EQ(request(restarted.port(), "GET", "/api/users", {}, people[0].bearer()).status, 200);
    ASSERT_TRUE(two_more_rounds());
    EXPECT_EQ(restarted.stop(), 0);
  }
  stop();
  EXPECT_THAT(failures(), IsEmpty());
  EXPECT_EQ(system.database->number("SELECT release FROM schema_release"), ours + 4);
  EXPECT_EQ(system.database->number("SELECT added_1 + added_4 FROM message_rows LIMIT 1"), 5);
}

}  // namespace
}  // namespace fechatter::test
