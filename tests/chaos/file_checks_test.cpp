#include "tests/chaos/checker_fixture.hpp"

namespace fechatter::chaos {
namespace {

using testing::IsEmpty;

class AFile : public ChaosChecker {
 protected:
  // The first message carries a file of alice's.
  AFile() {
    FileUpload upload;
    upload.person = alice;
    upload.size = 100;
    upload.hash = hash;
    upload.outcome = Outcome::ok;
    upload.url = url;
    histories.uploads = {upload};
    histories.sends.front().files = {url};
    final_state.messages.front().files = {url};
    final_state.files = {{url, 200, hash}};
  }
  void delete_first() {
    auto& message = final_state.messages.front();
    message.deleted = true;
    message.files.clear();
    final_state.files.clear();
    const auto id = static_cast<std::int64_t>(final_state.events.size()) + 1;
    add_event({id, 100 * id, 1, chat, "MessageDeleted", 1, message.id, "", true, {}, {}, {}});
    log_of(bob).push_back(entry_of(id));
    Change change;
    change.kind = Change::Kind::deletion;
    change.person = alice;
    change.chat = chat;
    change.subject = message.id;
    change.outcome = Outcome::ok;
    histories.changes.push_back(change);
  }

  const std::string hash = std::string(64, 'a');
  const std::string url = "/files/1/aaa/aaa/" + hash + ".bin";
};

TEST_F(AFile, ThatIsWholeIsNoViolation) {
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AFile, MustBeWhatWasSent) {
  histories.uploads.front().hash = std::string(64, 'b');
  EXPECT_THAT(violations(), violates("its file is what was sent"));
}

TEST_F(AFile, MustNotBeRefused) {
  histories.uploads.front().outcome = Outcome::fail;
  EXPECT_THAT(violations(), violates("an upload is acknowledged"));
}

TEST_F(AFile, MustBeInItsMessage) {
  final_state.messages.front().files.clear();
  EXPECT_THAT(violations(), violates("the files that it was sent with"));
}

TEST_F(AFile, IsNoReasonToRefuseItsMessage) {
  Send send = histories.sends.front();
  send.key = "another key";
  send.answers.clear();
  send.outcome = Outcome::fail;
  send.refusal = "chat.not_found";
  histories.sends.push_back(send);
  EXPECT_THAT(violations(), IsEmpty());
  histories.sends.back().refusal = "request.invalid";
  EXPECT_THAT(violations(), violates("refused for a file"));
}

TEST_F(AFile, MustNotBeInAnotherMessage) {
  final_state.messages.back().files = {url};
  EXPECT_THAT(violations(), violates("the files that it was sent with"));
}

TEST_F(AFile, MustBeThere) {
  final_state.files.front() = {url, 503, ""};
  EXPECT_THAT(violations(), violates("there and whole"));
  final_state.files.clear();
  EXPECT_THAT(violations(), violates("there and whole"));
}

TEST_F(AFile, MustBeWhole) {
  final_state.files.front().hash = std::string(64, 'b');
  EXPECT_THAT(violations(), violates("there and whole"));
}

TEST_F(AFile, MustBeThereAlsoWhenItsMessageWasNotAcknowledged) {
  auto& send = histories.sends.front();
  send.outcome = Outcome::unknown;
  send.answers.clear();
  EXPECT_THAT(violations(), IsEmpty());
  final_state.files.front().status = 404;
  EXPECT_THAT(violations(), violates("there and whole"));
}

TEST_F(AFile, OfADeletedMessageMayBeGone) {
  delete_first();
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(AFile, ThatNothingNamesMustBeGone) {
  final_state.uncollected_files = 1;
  EXPECT_THAT(violations(), violates("files that nothing names are removed"));
}

TEST_F(AFile, MustBeInTheStoreAsTheDatabaseSays) {
  final_state.store_differences = {"missing 1 " + url};
  EXPECT_THAT(violations(), violates("the store has the files"));
}

}  // namespace
}  // namespace fechatter::chaos
