#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

class Search : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // Waits until a search for `word` finds `total` messages.
  bool finds(const std::string& word, int total) {
    return eventually(
        [&] { return alice.get("/api/search/messages?q=" + word).json().at("total") == total; });
  }
  std::string path(const nlohmann::json& message) const {
    return fmt::format("/api/chat/{}/messages/{}", chat, message.at("id").get<std::int64_t>());
  }

  System system{options()};
  Person alice = system.signs_up("alice");
  std::int64_t chat = alice.makes_chat("PublicChannel", {}, "general");
};

// No event follows a change, so the indexer must not wait for a full batch.
TEST_F(Search, ALoneChangeIsIndexedWithoutALaterEvent) {
  const auto sent = alice.posts(chat, "scarlet");
  EXPECT_TRUE(finds("scarlet", 1));
  ASSERT_EQ(alice.patch(path(sent), {{"content", "crimson"}}).status, 200);
  EXPECT_TRUE(finds("crimson", 1));
  EXPECT_TRUE(finds("scarlet", 0));
  ASSERT_EQ(alice.remove(path(sent)).status, 204);
  EXPECT_TRUE(finds("crimson", 0));
}

}  // namespace
}  // namespace fechatter::test
