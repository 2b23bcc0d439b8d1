#include "fechatter_core/http/admin_server.hpp"

#include <gmock/gmock.h>

#include "tests/core/http/raw_client.hpp"

namespace fechatter::http {
namespace {

using testing::HasSubstr;

class Admin : public testing::Test {
 protected:
  Admin() {
    metrics.counter("sent_total", "Messages that were sent.", sent);
    server.start();
  }

  RawAnswer ask(const char* path) {
    RawClient client{server.port()};
    return client.ask(get(path));
  }

  observability::Counter sent;
  observability::Metrics metrics;
  AdminServer server{AdminSettings{}, metrics};
};

TEST_F(Admin, AScrapeIsAnsweredInTheTextFormat) {
  sent.add(7);
  const auto answer = ask("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("\nsent_total 7\n"));
}

TEST_F(Admin, ThereIsNothingElse) {
  for (const auto* path : {"/", "/health", "/api/chat"}) EXPECT_EQ(ask(path).status, 404) << path;
}

TEST_F(Admin, AnIdleScraperDoesNotHoldUpTheEnd) {
  RawClient idle{server.port()};
  EXPECT_EQ(ask("/metrics").status, 200);
}

}  // namespace
}  // namespace fechatter::http
