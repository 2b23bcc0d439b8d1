#include "tests/chaos/archived_periods.hpp"
#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

constexpr Micros much_later = 20'000'000;

class ArchivedChat : public ChaosChecker {
 protected:
  // bob gets the event of each; alice asks for it.
  void archive() { change(Change::Kind::archive, chat_archived); }
  void restore() { change(Change::Kind::restore, chat_restored); }
  void change(Change::Kind kind, const std::string& type) {
    const auto id = add_chat_event(type);
    Change change;
    change.kind = kind;
    change.person = alice;
    change.chat = chat;
    change.invoked = 100 * id - 10;
    change.completed = 100 * id + 10;
    change.outcome = Outcome::ok;
    histories.changes.push_back(change);
  }
  std::int64_t add_chat_event(const std::string& type) {
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    add_event({id, 100 * id, 1, chat, type, 0, chat, "", true, {}, {}, {}});
    log_of(bob).push_back(entry_of(id));
    return id;
  }
  void post_to_bob(const std::string& text) {
    post(text);
    log_of(bob).push_back(entry_of(final_state.events.back().id));
  }
  void refuse(const std::string& code, Micros at) {
    Send send;
    send.person = alice;
    send.chat = chat;
    send.key = "key of " + code;
    send.invoked = at;
    send.completed = at + 5;
    send.outcome = Outcome::fail;
    send.refusal = code;
    histories.sends.push_back(send);
  }
};

TEST_F(ArchivedChat, ACorrectHistoryHasNoViolation) {
  archive();  // 9
  refuse("chat.archived", 950);
  restore();  // 10
  post_to_bob("sixth");
  archive();
  final_state.archived = {chat};
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ArchivedChat, AnArchivedChatMustNotGetAMessage) {
  archive();
  post_to_bob("sixth");
  restore();
  EXPECT_THAT(violations(), violates("an archived chat does not change"));
}

TEST_F(ArchivedChat, AnArchivedChatMustNotAcceptAMessage) {
  archive();
  histories.sends.back().invoked = 920;
  histories.sends.back().completed = 930;
  restore();
  EXPECT_THAT(violations(), violates("an archived chat does not change"));
}

TEST_F(ArchivedChat, AnAcknowledgedArchiveMustHaveAnEvent) {
  archive();
  final_state.events.pop_back();
  log_of(bob).pop_back();
  EXPECT_THAT(violations(), violates("a chat is archived and restored"));
}

TEST_F(ArchivedChat, AnAcknowledgedRestoreMustHaveAnEvent) {
  archive();
  restore();
  final_state.events.pop_back();
  log_of(bob).pop_back();
  final_state.archived = {chat};
  EXPECT_THAT(violations(), violates("a chat is archived and restored"));
}

TEST_F(ArchivedChat, AnAcknowledgedArchiveMustNotBeUndone) {
  archive();
  add_chat_event(chat_restored);
  EXPECT_THAT(violations(), violates("a chat is archived and restored"));
}

TEST_F(ArchivedChat, ARequestMustNotTakeEffectTwice) {
  archive();
  restore();
  add_chat_event(chat_archived);
  final_state.archived = {chat};
  EXPECT_THAT(violations(), violates("a chat is archived and restored"));
}

TEST_F(ArchivedChat, ARequestOfUnknownOutcomeMayTakeEffectLater) {
  archive();
  histories.changes.push_back(histories.changes.back());
  histories.changes.back().outcome = Outcome::unknown;
  restore();
  add_chat_event(chat_archived);
  final_state.archived = {chat};
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ArchivedChat, AChatMustBeArchivedInTheEnd) {
  archive();
  EXPECT_THAT(violations(), violates("a chat is archived and restored"));
}

TEST_F(ArchivedChat, ARestoredChatMustNotRefuseAMessage) {
  archive();
  restore();
  refuse("chat.archived", 1200);
  EXPECT_THAT(violations(), violates("a chat refuses a member's message"));
}

TEST_F(ArchivedChat, AChatMayRefuseAMessageUntilTheRequestToRestoreItWasAnswered) {
  archive();
  restore();  // its event is of 1000, its answer of 1010
  refuse("chat.archived", 1005);
  post_to_bob("sixth");
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ArchivedChat, AMemberMustNotBeRefusedAsANonMember) {
  refuse("chat.not_found", much_later);
  EXPECT_THAT(violations(), violates("a chat refuses a member's message"));
}

}  // namespace
}  // namespace fechatter::chaos
