#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "fechatter_core/http/request_times.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/routes.hpp"
#include "tests/support/scrape.hpp"
#include "tests/support/system.hpp"

// GET /metrics of both servers while people use them.
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t series_max = 2'000;

std::string requests_of(const std::string& method, const std::string& route,
                        const std::string& status) {
  return fmt::format(
      R"(fechatter_http_request_duration_seconds_count{{method="{}",route="{}",status="{}"}})",
      method, route, status);
}

// A path of that pattern.
std::string path_of(std::string pattern) {
  for (auto begin = pattern.find('{'); begin != std::string::npos; begin = pattern.find('{')) {
    pattern.replace(begin, pattern.find('}') - begin + 1, "1");
  }
  return pattern;
}

class Metrics : public testing::Test {
 protected:
  Scrape of_server() const { return scrape(system.server.admin_port()); }
  Scrape of_notify() const { return scrape(system.notify.admin_port()); }
  bool server_shows(const std::string& series, double value) const {
    return eventually([&] { return of_server().value(series) == value; });
  }
  bool notify_shows(const std::string& series, double value) const {
    return eventually([&] { return of_notify().value(series) == value; });
  }

  System system;
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");
};

TEST_F(Metrics, AMessageIsCountedOnItsWholeWay) {
  auto stream = bob.subscribes();
  for (int i = 0; i < 3; ++i) {
    alice.posts(chat, "hello");
    ASSERT_TRUE(stream.next("NewMessage"));
  }
  EXPECT_TRUE(server_shows("fechatter_messages_created_total", 3));
  EXPECT_TRUE(server_shows("fechatter_outbox_pending_events", 0));
  const auto server = of_server();
  EXPECT_EQ(server.value(requests_of("POST", "/api/chat/{id}/messages", "2xx")), 3);
  EXPECT_GE(server.value("fechatter_message_commit_duration_seconds_count"), 1);
  EXPECT_GE(server.value("fechatter_relay_published_total"), 3);
  EXPECT_GE(server.value("fechatter_relay_lag_seconds_count"), 3);
  EXPECT_EQ(server.value("fechatter_relay_lease_held"), 1);
  EXPECT_EQ(server.value("fechatter_relay_epoch"), 1);
  const auto notify = of_notify();
  EXPECT_EQ(notify.value(R"(fechatter_message_delivery_seconds_count{path="direct"})"), 3);
  EXPECT_GT(notify.value(R"(fechatter_message_delivery_seconds_sum{path="direct"})"), 0);
  EXPECT_GE(notify.value("fechatter_consumer_events_total"), 3);
  EXPECT_GT(notify.value("fechatter_sse_sent_bytes_total"), 0);
  EXPECT_EQ(notify.value("fechatter_sse_queue_bytes"), 0);
}

TEST_F(Metrics, AReplayedMessageIsNotCountedAsADelivery) {
  std::string cursor;
  {
    auto stream = bob.subscribes();
    alice.posts(chat, "live");
    cursor = stream.next("NewMessage")->id;
  }
  ASSERT_TRUE(notify_shows("fechatter_sse_connections", 0));
  const auto consumed = of_notify().value("fechatter_consumer_events_total");
  alice.posts(chat, "missed");
  ASSERT_TRUE(notify_shows("fechatter_consumer_events_total", consumed + 1));
  auto again = bob.subscribes(cursor);
  ASSERT_TRUE(again.next("CaughtUp"));
  const auto notify = of_notify();
  EXPECT_EQ(notify.value(R"(fechatter_message_delivery_seconds_count{path="direct"})"), 1);
  EXPECT_EQ(notify.value("fechatter_replay_events_sum"), 1);
  EXPECT_EQ(notify.value("fechatter_replay_duration_seconds_count"), 1);
}

TEST_F(Metrics, StreamsAreCountedByTheirStartAndTheirEnd) {
  const std::string left = R"(fechatter_sse_closed_total{reason="client_left"})";
  alice.subscribes();  // opens streams until the instance has caught up
  ASSERT_TRUE(notify_shows("fechatter_sse_connections", 0));
  const auto before = of_notify();
  auto fresh = bob.subscribes();
  alice.posts(chat, "hello");
  const auto cursor = fresh.next("NewMessage")->id;
  EXPECT_TRUE(notify_shows("fechatter_sse_connections", 1));
  EXPECT_TRUE(notify_shows("fechatter_online_users", 1));
  fresh.close();
  EXPECT_TRUE(notify_shows(left, before.value(left) + 1));
  auto resumed = bob.subscribes(cursor);
  auto reset = bob.subscribes("9999-1");
  ASSERT_TRUE(resumed.next("CaughtUp"));
  ASSERT_TRUE(reset.next("Reset"));
  const auto notify = of_notify();
  for (const auto* start : {"fresh", "resumed", "reset"}) {
    const auto opened = fmt::format(R"(fechatter_sse_opened_total{{start="{}"}})", start);
    EXPECT_EQ(notify.value(opened) - before.value(opened), 1) << start;
  }
  EXPECT_EQ(notify.value("fechatter_sse_resets_total"), 1);
  EXPECT_EQ(system.post("/api/logout", json::object(), bob.bearer()).status, 200);
  EXPECT_TRUE(notify_shows(R"(fechatter_sse_closed_total{reason="session_ended"})", 2));
}

TEST_F(Metrics, RequestsAreCountedByRouteAndClassOfStatus) {
  EXPECT_EQ(alice.get("/api/chat/999999").status, 404);
  EXPECT_EQ(system.get("/api/chat").status, 401);
  EXPECT_EQ(request(system.server.port(), "GET", "/no/such/path").status, 404);
  const auto server = of_server();
  EXPECT_EQ(server.value(requests_of("GET", "/api/chat/{id}", "4xx")), 1);
  EXPECT_EQ(server.value(requests_of("GET", "/api/chat", "4xx")), 1);
  EXPECT_EQ(server.value(requests_of("any", "unmatched", "4xx")), 1);
  EXPECT_EQ(server.value(requests_of("POST", "/api/signup", "2xx")), 2);
}

TEST_F(Metrics, SignInsAndTheWorkOfAdminsAreCounted) {
  const json wrong{{"email", alice.email()}, {"password", "not the password"}};
  EXPECT_EQ(system.post("/api/signin", wrong).status, 401);
  const auto invited = alice.post("/api/workspace/invitations", json::object());
  EXPECT_EQ(invited.status, 201);
  const auto server = of_server();
  EXPECT_EQ(server.value(R"(fechatter_auth_events_total{event="sign_in_failed"})"), 1);
  EXPECT_EQ(server.value(R"(fechatter_auth_events_total{event="signed_up"})"), 2);
  EXPECT_EQ(server.value(R"(fechatter_audit_events_total{action="invitation_created"})"), 1);
  EXPECT_GE(server.value("fechatter_password_hash_duration_seconds_count"), 3);
}

TEST_F(Metrics, WithoutNatsTheBacklogGrowsAndTheDependencyIsDown) {
  EXPECT_TRUE(server_shows(R"(fechatter_dependency_up{dependency="nats"})", 1));
  bob.subscribes();  // what was done before is published; a figure may be of the time before it
  EXPECT_TRUE(server_shows("fechatter_outbox_pending_events", 0));
  system.nats.kill();
  alice.posts(chat, "waits in the outbox");
  EXPECT_TRUE(server_shows("fechatter_outbox_pending_events", 1));
  EXPECT_GT(of_server().value("fechatter_outbox_oldest_age_seconds"), 0);
  EXPECT_TRUE(server_shows(R"(fechatter_dependency_up{dependency="nats"})", 0));
  EXPECT_TRUE(server_shows(R"(fechatter_dependency_up{dependency="database"})", 1));
  EXPECT_TRUE(notify_shows("fechatter_consumer_connected", 0));
}

// However many routes are called; what one request of each has not made is added.
TEST_F(Metrics, AProcessHasTwoThousandSeriesAtMost) {
  auto stream = bob.subscribes();
  alice.posts(chat, "hello");
  ASSERT_TRUE(stream.next("NewMessage"));
  for (const auto& rows : {server::route_table(), server::alias_table()}) {
    for (const auto& row : rows) {
      if (row.method == http::Method::head) continue;  // an answer without its body
      request(system.server.port(), std::string{to_string(row.method)}, path_of(row.path));
    }
  }
  for (const auto& shown : {of_server(), of_notify()}) {
    const std::string family = "fechatter_http_request_duration_seconds";
    std::size_t others = 0;
    std::size_t of_one = 0;
    std::string first;
    for (const auto& [name, value] : shown.series) {
      const auto labels = name.substr(0, name.find(",le="));
      if (!name.starts_with(family)) ++others;
      if (name.starts_with(family + "_bucket") && first.empty()) first = labels;
      if (!first.empty() && labels == first) ++of_one;
    }
    ASSERT_GT(of_one, 2U);
    const auto pairs = http::RequestTimes::answers_max + http::RequestTimes::refusals_max + 4;
    EXPECT_LE(shown.series.size(), series_max);
    EXPECT_LE(others + pairs * (of_one + 2), series_max) << "at most, whatever is requested";
  }
}

TEST_F(Metrics, NoLabelNamesAUserAChatOrAWorkspaceAndNothingIsSecret) {
  auto stream = bob.subscribes();
  const auto named = alice.makes_chat("PublicChannel", {}, "Layoffs 2027");
  alice.posts(named, "a secret text");
  const auto both = of_server().text + of_notify().text;
  for (const auto& text :
       {std::string{"alice"}, std::string{"acme"}, std::string{"Layoffs"}, std::string{"secret"},
        alice.token(), alice.refresh_token(), system.database->url(), system.nats.server_url(),
        std::string{"user_id"}, std::string{"chat_id"}, std::string{"workspace="}}) {
    EXPECT_THAT(both, Not(HasSubstr(text)));
  }
}

// docs/metrics.md, which rules and dashboards are compared with (tests/docs/metric_names_test.cpp).
TEST_F(Metrics, AreThoseThatTheDocumentDescribes) {
  for (const bool is_server : {true, false}) {
    const auto shown = is_server ? of_server() : of_notify();
    std::map<std::string, std::string> expected;
    for (const auto& [name, metric] : described_metrics()) {
      const bool is_of = metric.of == (is_server ? "fechatter_server" : "notify_server");
      if (is_of || metric.of == "both") expected[name] = metric.type;
    }
    EXPECT_EQ(shown.types, expected) << (is_server ? "fechatter_server" : "notify_server");
  }
}

TEST_F(Metrics, TheMainListenersHaveNone) {
  for (const auto port : {system.server.port(), system.notify.port()}) {
    EXPECT_EQ(request(port, "GET", "/metrics").status, 404) << port;
  }
}

// Prometheus' own judgement of names, types, units and help.
TEST_F(Metrics, PromtoolFindsNoFault) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "SKIPPED: promtool is not in PATH, so Prometheus has not judged the metrics; "
                    "Debian's package prometheus brings it";
  }
  for (const auto& shown : {of_server(), of_notify()}) {
    const auto path = system.folder.path("metrics");
    std::ofstream{path} << shown.text;
    EXPECT_NO_THROW(run({"sh", "-c", "promtool check metrics <\"$0\" 2>&1", path}));
  }
}

TEST(MetricsOnTheMainListener, AreForInternalCallersAlone) {
  System system{[] {
    SystemOptions options;
    options.server = options.notify = {{"FECHATTER_ADMIN__METRICS_ON_MAIN", "true"},
                                       {"FECHATTER_ADMIN__ENABLED", "false"},
                                       {"FECHATTER_HTTP__TRUSTED_PROXIES", "127.0.0.1"},
                                       {"FECHATTER_HTTP__INTERNAL_ADDRESSES", "192.0.2.0/24"}};
    return options;
  }()};
  for (auto* server : {&system.server, &system.notify}) {
    const auto asked_by = [&](const char* client) {
      return request(server->port(), "GET", "/metrics", {}, {{"X-Forwarded-For", client}});
    };
    const auto internal = asked_by("192.0.2.7");
    EXPECT_EQ(internal.status, 200);
    EXPECT_EQ(internal.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(internal.body, HasSubstr("fechatter_build_info"));
    EXPECT_EQ(asked_by("198.51.100.1").status, 404);
    EXPECT_THROW(scrape(server->admin_port()), std::runtime_error) << "it is switched off";
  }
}

}  // namespace
}  // namespace fechatter::test
