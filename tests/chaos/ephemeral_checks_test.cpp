#include "tests/chaos/archived_periods.hpp"
#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

class Ephemerals : public ChaosChecker {
 protected:
  void answer(Activity::Kind kind, int status, const std::string& refusal = "") {
    Activity activity;
    activity.kind = kind;
    activity.person = alice;
    activity.chat = kind == Activity::Kind::typing           ? chat
                    : kind == Activity::Kind::typing_outside ? elsewhere
                                                             : 0;
    activity.invoked = 940;
    activity.completed = 950;
    activity.status = status;
    activity.refusal = refusal;
    histories.activities.push_back(activity);
  }
  void deliver(std::int64_t reader, const std::string& type, std::int64_t person, Micros at,
               std::vector<std::int64_t> canaries = {}) {
    const auto of = type == "UserPresence" ? 0 : chat;
    histories.ephemerals.push_back({reader, type, person, of, std::move(canaries), at});
  }
  // Event 9; until the end.
  void archive() {
    add_event({9, 900, 1, chat, chat_archived, 0, chat, "", true, {}, {}, {}});
    log_of(bob).push_back(entry_of(9));
    Change change;
    change.kind = Change::Kind::archive;
    change.chat = chat;
    change.invoked = 890;
    change.completed = 910;
    change.outcome = Outcome::ok;
    histories.changes.push_back(change);
    final_state.archived = {chat};
  }
};

TEST_F(Ephemerals, ThatAreAnsweredAndDeliveredAsDueAreNoViolation) {
  answer(Activity::Kind::presence, 204);
  answer(Activity::Kind::typing, 204);
  answer(Activity::Kind::typing_outside, 404, "chat.not_found");
  for (const auto status : {0, 429, 503}) answer(Activity::Kind::presence, status);
  deliver(bob, "TypingStatus", alice, 500, {chat});
  deliver(bob, "MessageRead", alice, 500);
  deliver(bob, "UserPresence", alice, 500);
  deliver(bob, "UserPresence", bob, 500);
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(Ephemerals, TypingOutsideMustNotBeAccepted) {
  answer(Activity::Kind::typing_outside, 204);
  EXPECT_THAT(violations(), violates("the answers that are due"));
}

TEST_F(Ephemerals, TypingOfAMemberMustBeAccepted) {
  answer(Activity::Kind::typing, 404, "chat.not_found");
  EXPECT_THAT(violations(), violates("the answers that are due"));
}

TEST_F(Ephemerals, PresenceMustBeAccepted) {
  answer(Activity::Kind::presence, 422);
  EXPECT_THAT(violations(), violates("the answers that are due"));
}

TEST_F(Ephemerals, TypingMustBeRefusedInAnArchivedChat) {
  archive();
  answer(Activity::Kind::typing, 403, "chat.archived");
  EXPECT_THAT(violations(), IsEmpty());
  answer(Activity::Kind::typing, 204);
  EXPECT_THAT(violations(), violates("an archived chat does not change"));
}

TEST_F(Ephemerals, TypingMustNotBeRefusedInAnotherChat) {
  answer(Activity::Kind::typing, 403, "chat.archived");
  EXPECT_THAT(violations(), violates("a chat refuses a member's message only while"));
}

TEST_F(Ephemerals, NonMembersMustNotGetTyping) {
  deliver(mallory, "TypingStatus", alice, 500);
  EXPECT_THAT(violations(), violates("ephemeral events reach members only"));
}

TEST_F(Ephemerals, FutureMembersMustNotGetTyping) {
  deliver(carol, "TypingStatus", alice, 350);
  EXPECT_THAT(violations(), violates("ephemeral events reach members only"));
}

TEST_F(Ephemerals, FormerMembersMustNotGetTypingForLong) {
  deliver(carol, "TypingStatus", alice, 800);
  EXPECT_THAT(violations(), IsEmpty());
  deliver(carol, "TypingStatus", alice, 60'000'000);
  EXPECT_THAT(violations(), violates("ephemeral events reach members only"));
}

TEST_F(Ephemerals, AuthorsMustNotGetTheirTyping) {
  deliver(alice, "TypingStatus", alice, 500);
  EXPECT_THAT(violations(), violates("ephemeral events reach members only"));
}

TEST_F(Ephemerals, StrangersMustNotGetPresence) {
  deliver(mallory, "UserPresence", alice, 500);
  EXPECT_THAT(violations(), violates("ephemeral events reach members only"));
}

TEST_F(Ephemerals, AnEventMustNotHaveBytesOfAnotherChat) {
  deliver(bob, "TypingStatus", alice, 500, {elsewhere});
  EXPECT_THAT(violations(), violates("ephemeral events reach members only"));
}

}  // namespace
}  // namespace fechatter::chaos
