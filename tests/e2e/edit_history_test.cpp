#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class EditHistory : public testing::Test {
 protected:
  explicit EditHistory(SystemOptions options = without_notify()) : system{std::move(options)} {}

  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  std::string path(const json& message, const std::string& rest = {}) const {
    return fmt::format("/api/chat/{}/messages/{}{}", chat, message.at("id").get<std::int64_t>(),
                       rest);
  }
  json edits(const json& message, const std::string& text) const {
    const auto reply = bob.patch(path(message), {{"content", text}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  Reply history(const Person& person, const json& message, const std::string& query = {}) const {
    return person.get(path(message, "/history" + query));
  }
  static std::vector<std::string> texts(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::string> found;
    const auto list = reply.json();
    for (const auto& edit : list) found.push_back(edit.at("content"));
    return found;
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  Person carol = system.signs_up("carol");
  std::int64_t chat = alice.makes_chat("Group", {bob.id(), carol.id()});
  json sent = bob.posts(chat, "first");
};

TEST_F(EditHistory, HasTheTextsThatEditsReplaced) {
  EXPECT_THAT(texts(history(bob, sent)), IsEmpty());
  edits(sent, "second");
  const auto last = edits(sent, "third");
  edits(sent, "third");
  const auto reply = history(bob, sent);
  EXPECT_THAT(texts(reply), ElementsAre("second", "first"));
  EXPECT_EQ(reply.json()[0].at("edited_at"), last.at("edited_at"));
  EXPECT_EQ(alice.get(path(sent)).json().at("content"), "third");
}

TEST_F(EditHistory, IsForTheSenderAndTheAdminsOfTheChat) {
  edits(sent, "second");
  EXPECT_THAT(texts(history(alice, sent)), ElementsAre("first"));
  EXPECT_EQ(history(carol, sent).status, 403);
}

TEST_F(EditHistory, IsErasedWithTheMessage) {
  edits(sent, "second");
  ASSERT_EQ(bob.remove(path(sent)).status, 204);
  EXPECT_THAT(texts(history(bob, sent)), IsEmpty());
  EXPECT_EQ(system.database->number("SELECT count(*) FROM message_edits"), 0);
  EXPECT_EQ(system.database->number("SELECT sum(stored_bytes) FROM chat_members"), 0);
}

TEST_F(EditHistory, KeepsTheNewestFiftyAndIsPaged) {
  for (int i = 1; i <= 52; ++i) edits(sent, fmt::format("text {}", i));
  const auto page = history(bob, sent, "?limit=48");
  EXPECT_EQ(texts(page).size(), 48U);
  EXPECT_EQ(texts(page).front(), "text 51");
  const auto rest = history(bob, sent, "?limit=48&cursor=" + page.header("x-next-cursor"));
  EXPECT_THAT(texts(rest), ElementsAre("text 3", "text 2"));
  EXPECT_EQ(rest.header("x-next-cursor"), "");
}

class NoEditHistory : public EditHistory {
 protected:
  NoEditHistory() : EditHistory{switched_off()} {}
  static SystemOptions switched_off() {
    auto options = without_notify();
    options.server = {{"FECHATTER_MESSAGES__EDIT_HISTORY", "false"}};
    return options;
  }
};

TEST_F(NoEditHistory, IsKeptWhereItIsSwitchedOff) {
  edits(sent, "second");
  EXPECT_EQ(system.database->number("SELECT count(*) FROM message_edits"), 0);
  EXPECT_EQ(history(bob, sent).status, 403);
}

}  // namespace
}  // namespace fechatter::test
