#include "tests/chaos/archived_periods.hpp"
#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

class AScheduledMessage : public ChaosChecker {
 protected:
  // alice schedules "later", for moment 850; it is sent with event 9 at 900.
  AScheduledMessage() {
    Scheduled scheduled;
    scheduled.person = alice;
    scheduled.chat = chat;
    scheduled.content = "later";
    scheduled.send_at = 850;
    scheduled.invoked = 800;
    scheduled.completed = 810;
    scheduled.outcome = Outcome::ok;
    scheduled.id = 7;
    scheduled.key = key;
    histories.scheduled.push_back(scheduled);
  }

  void send(const std::string& text = "later") {
    post(text);
    histories.sends.pop_back();
    final_state.messages.back().key = key;
    log_of(bob).push_back(entry_of(final_state.events.back().id));
  }
  void fail(const std::string& code) {
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    add_event({id, 100 * id, 1, chat, own_failure, 0, 7, "", false, {alice}, {}, {}});
    final_state.scheduled.push_back({7, alice, chat, key, "later", code});
  }
  Revision& revise(Outcome outcome, const std::string& content) {
    auto& made = the_message().revisions.emplace_back();
    made.content = content;
    made.cancels = content.empty();
    made.outcome = outcome;
    return made;
  }
  void archive() {
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    add_event({id, 100 * id, 1, chat, chat_archived, 0, chat, "", true, {}, {}, {}});
    log_of(bob).push_back(entry_of(id));
    Change change;
    change.kind = Change::Kind::archive;
    change.chat = chat;
    histories.changes.push_back(change);  // of unknown outcome
    final_state.archived = {chat};
  }
  Scheduled& the_message() { return histories.scheduled.back(); }

  const std::string key = std::string{scheduled_key_begin} + "0000-8000-8000-000000000007";
};

TEST_F(AScheduledMessage, ThatIsSentIsNoViolation) {
  send();
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AScheduledMessage, MustBeSent) {
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
  final_state.scheduled.push_back({7, alice, chat, key, "later", ""});
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
}

TEST_F(AScheduledMessage, MustNotBeSentTwice) {
  send();
  send();
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
}

TEST_F(AScheduledMessage, MustNotBeSentWhenItWasRefused) {
  the_message().outcome = Outcome::fail;
  EXPECT_THAT(violations(), IsEmpty());
  send();
  EXPECT_THAT(violations(), violates("only sent messages"));
}

TEST_F(AScheduledMessage, OfUnknownOutcomeMayBeSentOrNot) {
  the_message().outcome = Outcome::unknown;
  the_message().id = 0;
  EXPECT_THAT(violations(), IsEmpty());
  send();
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AScheduledMessage, MustHaveBeenScheduled) {
  send();
  histories.scheduled.clear();
  EXPECT_THAT(violations(), violates("only sent messages"));
}

TEST_F(AScheduledMessage, MustHaveItsKey) {
  send();
  the_message().key += "8";
  EXPECT_THAT(violations(), violates("only sent messages"));
}

TEST_F(AScheduledMessage, MustNotBeSentEarly) {
  the_message().send_at = 950;
  send();
  EXPECT_THAT(violations(), violates("as it was last changed, at its time"));
}

TEST_F(AScheduledMessage, MustBeSentAsItWasLastChanged) {
  revise(Outcome::ok, "changed");
  send();
  EXPECT_THAT(violations(), violates("as it was last changed"));
}

TEST_F(AScheduledMessage, MustBeSentAtItsLastTime) {
  revise(Outcome::ok, "changed").send_at = 950;
  send("changed");
  EXPECT_THAT(violations(), violates("as it was last changed, at its time"));
}

TEST_F(AScheduledMessage, MayHaveAChangeOfUnknownOutcome) {
  revise(Outcome::unknown, "perhaps");
  revise(Outcome::ok, "changed");
  send("perhaps");
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AScheduledMessage, MustNotHaveAChangeThatWasRefused) {
  revise(Outcome::fail, "refused");
  send("refused");
  EXPECT_THAT(violations(), violates("as it was last changed"));
}

TEST_F(AScheduledMessage, ThatIsCancelledMustNotBeSent) {
  revise(Outcome::ok, "");
  EXPECT_THAT(violations(), IsEmpty());
  send();
  EXPECT_THAT(violations(), violates("a cancelled message is never sent"));
}

TEST_F(AScheduledMessage, ThatIsCancelledMustNotWait) {
  revise(Outcome::ok, "");
  final_state.scheduled.push_back({7, alice, chat, key, "later", ""});
  EXPECT_THAT(violations(), violates("a cancelled message is never sent"));
}

TEST_F(AScheduledMessage, WhoseCancellationIsUnknownMayBeSentOrNot) {
  revise(Outcome::unknown, "");
  EXPECT_THAT(violations(), IsEmpty());
  send();
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AScheduledMessage, OfAnArchivedChatMayFail) {
  archive();
  fail("chat.archived");
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AScheduledMessage, MustNotFailOtherwise) {
  fail("chat.archived");
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
  archive();
  final_state.scheduled.back().failure = "server.internal";
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
}

TEST_F(AScheduledMessage, ThatFailsMustHaveAnEvent) {
  archive();
  fail("chat.archived");
  final_state.events.pop_back();
  EXPECT_THAT(violations(), violates("every message and every change has its event"));
}

TEST_F(AScheduledMessage, ThatIsSentMustNotFailToo) {
  send();
  archive();
  fail("chat.archived");
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
  final_state.scheduled.clear();
  EXPECT_THAT(violations(), violates("a scheduled message is sent once"));
}

}  // namespace
}  // namespace fechatter::chaos
