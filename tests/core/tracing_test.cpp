#include "fechatter_core/otlp/tracing.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "tests/support/http_client.hpp"
#include "tests/support/scripted_server.hpp"

// The exporter beside a collector that takes spans, refuses them, or is away.
namespace fechatter::otlp {
namespace {

using nlohmann::json;
using observability::Span;
using observability::SpanKind;
using test::eventually;
using test::response_of;
using test::ScriptedServer;
using testing::HasSubstr;

Settings settings_for(const std::string& url) {
  Settings settings;
  settings.enabled = true;
  settings.url = url + "/v1/traces";
  settings.headers = {"api-key: secret"};
  settings.resource = {{"service.name", "chat"}};
  settings.timeout = std::chrono::seconds{3};
  settings.schedule_delay = std::chrono::milliseconds{10};
  return settings;
}

Span a_span() {
  Span span;
  span.context = {0x0af7651916cd43dd, 0x8448eb211c80319c, 0xb7ad6b7169203331, true};
  span.parent = 0x00f067aa0ba902b7;
  span.kind = SpanKind::producer;
  span.name = "publish NewMessage";
  span.start_ns = 1'700'000'000'000'000'001;
  span.end_ns = 1'700'000'000'000'000'002;
  span.attributes = {{"messaging.system", "nats"}, {"fechatter.event_id", std::int64_t{7}}};
  return span;
}

// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
TEST(Tracing, SendsSpansAsTheStandardWritesThem) {
  const ScriptedServer collector{[](const auto&) { return response_of("200 OK", "{}"); }};
  {
    const Tracing tracing{settings_for(collector.url())};
    tracing.tracer()->record(a_span());
  }
  const auto exchanges = collector.exchanges();
  ASSERT_EQ(exchanges.size(), 1U);
  EXPECT_THAT(exchanges[0].head, HasSubstr("POST /v1/traces HTTP/1.1"));
  EXPECT_THAT(exchanges[0].head, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(exchanges[0].head, HasSubstr("api-key: secret"));
  const auto body = json::parse(exchanges[0].body);
  const auto& resource = body.at("resourceSpans").at(0);
  const json name{{"key", "service.name"}, {"value", {{"stringValue", "chat"}}}};
  EXPECT_EQ(resource.at("resource").at("attributes"), json::array({name}));
  EXPECT_EQ(resource.at("scopeSpans").at(0).at("scope").at("name"), "fechatter");
  const json system{{"key", "messaging.system"}, {"value", {{"stringValue", "nats"}}}};
  const json event{{"key", "fechatter.event_id"}, {"value", {{"intValue", "7"}}}};
  const json span{{"traceId", "0af7651916cd43dd8448eb211c80319c"},
                  {"spanId", "b7ad6b7169203331"},
                  {"parentSpanId", "00f067aa0ba902b7"},
                  {"name", "publish NewMessage"},
                  {"kind", 4},
                  {"startTimeUnixNano", "1700000000000000001"},
                  {"endTimeUnixNano", "1700000000000000002"},
                  {"attributes", json::array({system, event})}};
  EXPECT_EQ(resource.at("scopeSpans").at(0).at("spans"), json::array({span}));
}

TEST(Tracing, MarksAFailureAndARoot) {
  const ScriptedServer collector{[](const auto&) { return response_of("200 OK", "{}"); }};
  {
    const Tracing tracing{settings_for(collector.url())};
    auto span = a_span();
    span.parent = 0;
    span.failed = true;
    tracing.tracer()->record(span);
  }
  const auto body = json::parse(collector.exchanges().at(0).body);
  const auto& span = body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_FALSE(span.contains("parentSpanId"));
  EXPECT_EQ(span.at("status"), json({{"code", 2}}));
}

TEST(Tracing, RepeatsWhatTheCollectorCouldNotTake) {
  std::atomic<int> asked{0};
  const ScriptedServer collector{[&](const auto&) {
    return asked++ == 0 ? response_of("503 Service Unavailable", "") : response_of("200 OK", "{}");
  }};
  const Tracing tracing{settings_for(collector.url())};
  tracing.tracer()->record(a_span());
  EXPECT_TRUE(eventually([&] { return tracing.tracer()->exported().value() == 1; }));
  const auto exchanges = collector.exchanges();
  ASSERT_EQ(exchanges.size(), 2U);
  EXPECT_EQ(exchanges[0].body, exchanges[1].body);
  EXPECT_EQ(tracing.tracer()->dropped().value(), 0U);
}

TEST(Tracing, CountsWhatTheCollectorRefuses) {
  const ScriptedServer collector{[](const auto&) { return response_of("400 Bad Request", ""); }};
  const Tracing tracing{settings_for(collector.url())};
  tracing.tracer()->record(a_span());
  EXPECT_TRUE(eventually([&] { return tracing.tracer()->dropped().value() == 1; }));
  EXPECT_EQ(collector.exchanges().size(), 1U);
  EXPECT_EQ(tracing.tracer()->exported().value(), 0U);
}

TEST(Tracing, LosesAndCountsSpansWhenThereIsNoCollector) {
  auto settings = settings_for("http://127.0.0.1:1");
  settings.timeout = std::chrono::milliseconds{300};
  const Tracing tracing{settings};
  tracing.tracer()->record(a_span());
  EXPECT_TRUE(eventually([&] { return tracing.tracer()->dropped().value() == 1; }));
}

// The queue fills up behind a collector that does not answer, and no caller waits for it.
TEST(Tracing, HoldsUpNoCallerWhileTheCollectorIsSilent) {
  const ScriptedServer collector{[](const auto&) { return std::string{}; }};
  auto settings = settings_for(collector.url());
  settings.timeout = std::chrono::minutes{5};
  settings.tracer.queue_max = 4;
  settings.tracer.batch = 2;
  const auto begun = std::chrono::steady_clock::now();
  {
    const Tracing tracing{settings};
    for (int i = 0; i < 1'000; ++i) tracing.tracer()->record(a_span());
    EXPECT_GE(tracing.tracer()->dropped().value(), 990U);
  }
  // Not as long as the collector is silent, but for as long as the end of a process may take.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{60});
}

TEST(Tracing, IsOffWithoutATracer) {
  const Tracing tracing{Settings{}};
  EXPECT_EQ(tracing.tracer(), nullptr);
}

}  // namespace
}  // namespace fechatter::otlp
