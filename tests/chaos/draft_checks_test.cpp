#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

class ADraft : public ChaosChecker {
 protected:
  // The drafts of alice: the first has the version 9, the second, 10.
  ADraft() {
    change(0, "one");
    change(9, "two");
    final_state.drafts = {{alice, chat, 10, "two"}};
  }

  // An acknowledged change with its event.
  DraftChange& change(std::int64_t known, const std::string& text) {
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    add_event({id, 100 * id, 1, chat, own_draft, 0, 0, "", false, {alice}, {}, {}});
    auto& made = histories.drafts.emplace_back();
    made.person = alice;
    made.chat = chat;
    made.content = text;
    made.known = known;
    made.outcome = Outcome::ok;
    made.version = id;
    return made;
  }
  StoredDraft& stored() { return final_state.drafts.back(); }
};

TEST_F(ADraft, ThatIsAsItWasChangedIsNoViolation) {
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ADraft, MustHaveTheNewestAcknowledgedVersion) {
  stored() = {alice, chat, 9, "one"};
  EXPECT_THAT(violations(), violates("its newest acknowledged change"));
}

TEST_F(ADraft, MustHaveTheNewestAcknowledgedText) {
  stored().content = "one";
  EXPECT_THAT(violations(), violates("its newest acknowledged change"));
}

TEST_F(ADraft, MustNotBeGone) {
  final_state.drafts.clear();
  EXPECT_THAT(violations(), violates("its newest acknowledged change"));
}

TEST_F(ADraft, ThatHasEndedHasNoText) {
  change(10, "");
  EXPECT_THAT(violations(), violates("its newest acknowledged change"));
  stored() = {alice, chat, 11, ""};
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ADraft, MayHaveAChangeOfUnknownOutcome) {
  change(10, "three").outcome = Outcome::unknown;
  EXPECT_THAT(violations(), IsEmpty());
  stored() = {alice, chat, 11, "three"};
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(ADraft, MustNotHaveAChangeThatWasRefused) {
  change(10, "three").outcome = Outcome::fail;
  stored() = {alice, chat, 11, "three"};
  EXPECT_THAT(violations(), violates("its newest acknowledged change"));
}

TEST_F(ADraft, MustNotChangeFromAnotherVersion) {
  change(9, "three");
  stored() = {alice, chat, 11, "three"};
  EXPECT_THAT(violations(), violates("the version that the request names"));
}

TEST_F(ADraft, ThatChangesMustHaveAnEvent) {
  final_state.events.back().type = "Nothing";
  EXPECT_THAT(violations(), violates("every message and every change has its event"));
}

}  // namespace
}  // namespace fechatter::chaos
