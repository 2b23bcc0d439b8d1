#include "tests/support/api_description.hpp"

#include <gmock/gmock.h>

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Every end-to-end test checks its responses with ApiDescription. These tests show that the check
// finds deviations.
class ResponseCheck : public testing::Test {
 protected:
  static json example_of(const char* schema) {
    const auto& schemas = ApiDescription::instance().document().at("components").at("schemas");
    return schemas.at(schema).at("examples")[0];
  }
  static json example_of_profile() {
    auto profile = example_of("User");
    profile["data"] = example_of("User");
    profile["success"] = true;
    return profile;
  }
  static Reply reply(int status, const json& body) {
    return {status, {{"x-request-id", "1"}, {"content-type", "application/json"}}, body.dump()};
  }
  static std::vector<std::string> defects(const DescribedRequest& sent, const Reply& reply) {
    return ApiDescription::instance().defects(sent, reply);
  }

  const DescribedRequest get_profile{"fechatter_server", "GET", "/api/users/7/profile", {}};
  const DescribedRequest edit{"fechatter_server", "PATCH", "/api/chat/1/messages/2",
                              json::object({{"content", "x"}})};
  json user = example_of_profile();
};

TEST_F(ResponseCheck, ADescribedResponseHasNoDefects) {
  EXPECT_THAT(defects(get_profile, reply(200, user)), IsEmpty());
  EXPECT_THAT(defects(edit, reply(200, example_of("Message"))), IsEmpty());
}

TEST_F(ResponseCheck, AnUndescribedFieldIsADefect) {
  user["password_hash"] = "x";
  EXPECT_THAT(defects(get_profile, reply(200, user)),
              ElementsAre("response /password_hash: is not described"));
}

TEST_F(ResponseCheck, AMissingFieldIsADefect) {
  user.erase("role");
  EXPECT_THAT(defects(get_profile, reply(200, user)), ElementsAre("response /: lacks role"));
}

TEST_F(ResponseCheck, AnUndescribedStatusIsADefect) {
  EXPECT_THAT(defects(get_profile, reply(202, user)),
              ElementsAre("the status 202 is not described"));
  EXPECT_THAT(defects(get_profile, reply(500, user)),
              ElementsAre("the status 500 is not described"));
}

TEST_F(ResponseCheck, AMissingHeaderIsADefect) {
  auto without_id = reply(200, user);
  without_id.headers.erase("x-request-id");
  EXPECT_THAT(defects(get_profile, without_id), ElementsAre("the header X-Request-Id is missing"));
}

TEST_F(ResponseCheck, AnUndescribedContentTypeIsADefect) {
  auto as_text = reply(200, user);
  as_text.headers.find("content-type")->second = "text/plain";
  EXPECT_THAT(defects(get_profile, as_text), ElementsAre("response the content type text/plain"));
}

TEST_F(ResponseCheck, AnUndescribedEndpointMayOnlyRefuse) {
  const DescribedRequest elsewhere{"fechatter_server", "GET", "/api/elsewhere", {}};
  const DescribedRequest other_method{"fechatter_server", "PUT", "/api/users/7/profile", {}};
  const DescribedRequest other_server{"notify_server", "GET", "/api/users/7/profile", {}};
  for (const auto& sent : {elsewhere, other_method, other_server}) {
    EXPECT_THAT(defects(sent, reply(200, user)), ElementsAre("this endpoint is not described"));
    EXPECT_THAT(defects(sent, reply(404, user)), IsEmpty());
  }
}

TEST_F(ResponseCheck, AnAcceptedBodyThatBreaksItsSchemaIsADefect) {
  auto number = edit;
  number.body = json::object({{"content", 1}});
  EXPECT_THAT(defects(number, reply(200, example_of("Message"))),
              Contains(HasSubstr("request /content: breaks type")));
  auto more = edit;
  more.body->emplace("colour", "red");
  EXPECT_THAT(defects(more, reply(200, example_of("Message"))), IsEmpty());
}

TEST_F(ResponseCheck, ALiteralPathPrecedesATemplate) {
  const auto* found = ApiDescription::instance().find("fechatter_server", "GET", "/docs?x=/y");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, "/docs");
}

TEST(EventCheck, AnEventThatBreaksItsSchemaHasDefects) {
  const auto defects = [](const SseEvent& event) {
    return ApiDescription::instance().defects(event);
  };
  EXPECT_THAT(defects({"1-1", "CaughtUp", {{"event", "CaughtUp"}, {"cursor", "1-1"}}}), IsEmpty());
  EXPECT_THAT(defects({"1-1", "CaughtUp", {{"event", "CaughtUp"}}}),
              ElementsAre("/: lacks cursor"));
  EXPECT_THAT(defects({"1-1", "Surprise", json::object()}),
              ElementsAre("the event Surprise is not described"));
  EXPECT_THAT(defects({"1-1", "", {{"type", "heartbeat"}}}), ElementsAre("/: lacks server_time"));
}

}  // namespace
}  // namespace fechatter::test
