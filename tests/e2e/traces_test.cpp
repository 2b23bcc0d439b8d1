#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

#include "fechatter_core/trace_context.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/system.hpp"

// Traces of the real servers, as a collector receives them.
namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr auto trace_id = "0af7651916cd43dd8448eb211c80319c";
constexpr auto caller_span = "b7ad6b7169203331";

std::string traceparent(bool sampled, const std::string& trace = trace_id) {
  return fmt::format("00-{}-{}-0{}", trace, caller_span, sampled ? 1 : 0);
}

// A collector that takes everything.
class Collector {
 public:
  Environment environment(const std::string& sampler = "parentbased_always_off") const {
    return {{"OTEL_EXPORTER_OTLP_ENDPOINT", server_.url()},
            {"OTEL_TRACES_SAMPLER", sampler},
            {"OTEL_BSP_SCHEDULE_DELAY", "20"}};
  }

  // Each span with the name of its service.
  std::vector<json> spans(const std::string& trace = trace_id) const {
    std::vector<json> found;
    for (const auto& exchange : server_.exchanges()) {
      const auto body = json::parse(exchange.body);
      for (const auto& resource : body.at("resourceSpans")) add(resource, trace, found);
    }
    return found;
  }

  std::optional<json> find(const std::string& name, const std::string& trace = trace_id) const {
    for (auto& span : spans(trace)) {
      if (span.at("name") == name) return span;
    }
    return std::nullopt;
  }

 private:
  static std::string service_of(const json& resource) {
    for (const auto& attribute : resource.at("resource").at("attributes")) {
      if (attribute.at("key") == "service.name") return attribute.at("value").at("stringValue");
    }
    return {};
  }
  static void add(const json& resource, const std::string& trace, std::vector<json>& found) {
    for (auto span : resource.at("scopeSpans").at(0).at("spans")) {
      span["service"] = service_of(resource);
      if (trace.empty() || span.at("traceId") == trace) found.push_back(std::move(span));
    }
  }

  ScriptedServer server_{[](const auto&) { return response_of("200 OK", "{}"); }};
};

SystemOptions options_for(const Collector& collector,
                          const std::string& sampler = "parentbased_always_off") {
  SystemOptions options;
  options.server = collector.environment(sampler);
  options.notify = collector.environment(sampler);
  return options;
}

json attribute(const json& span, const std::string& name) {
  for (const auto& one : span.at("attributes")) {
    if (one.at("key") == name) return one.at("value").begin().value();
  }
  return {};
}

constexpr auto request_span = "POST /api/chat/{id}/messages";

class Traces : public testing::Test {
 protected:
  Collector collector;
  System system{options_for(collector)};
  Person alice = system.signs_up("alice");
  Person bob = system.signs_up("bob");
  std::int64_t chat = alice.makes_chat("Single", {bob.id()}, "");

  Reply sends(const std::string& text, const std::string& parent) const {
    return alice.tries_to_post(chat, {{"content", text}}, {{"traceparent", parent}});
  }
  bool shows(const std::string& name, const std::string& trace = trace_id) const {
    return eventually([&] { return collector.find(name, trace).has_value(); });
  }
};

// From the request, through the outbox row and the header of NATS, to the write to a stream.
TEST_F(Traces, AMessageIsOneConnectedTraceToItsReader) {
  auto stream = bob.subscribes();
  ASSERT_EQ(sends("hello", traceparent(true)).status, 201);
  ASSERT_TRUE(stream.next("NewMessage"));
  ASSERT_TRUE(shows(request_span) && shows("append message") && shows("publish NewMessage") &&
              shows("deliver event"));
  const auto request = *collector.find(request_span);
  const auto append = *collector.find("append message");
  const auto publish = *collector.find("publish NewMessage");
  const auto deliver = *collector.find("deliver event");
  EXPECT_EQ(request.at("parentSpanId"), caller_span);
  EXPECT_EQ(append.at("parentSpanId"), request.at("spanId"));
  EXPECT_EQ(publish.at("parentSpanId"), request.at("spanId"));
  EXPECT_EQ(deliver.at("parentSpanId"), publish.at("spanId"));
  EXPECT_EQ(request.at("service"), "fechatter_server");
  EXPECT_EQ(deliver.at("service"), "notify_server");
  EXPECT_EQ(attribute(request, "http.response.status_code"), "201");
  EXPECT_EQ(attribute(deliver, "fechatter.connections"), "1");
  for (const auto& span : {request, append, publish, deliver}) {
    const auto start = std::stoll(span.at("startTimeUnixNano").get<std::string>());
    const auto end = std::stoll(span.at("endTimeUnixNano").get<std::string>());
    EXPECT_LE(start, end);
  }
}

// A trace that is not sampled costs nothing on its way: the caller's word holds.
TEST_F(Traces, ATraceThatIsNotSampledHasNoSpanAnywhere) {
  auto stream = bob.subscribes();
  ASSERT_EQ(sends("hello", traceparent(false)).status, 201);
  ASSERT_TRUE(stream.next("NewMessage"));
  constexpr auto later = "1af7651916cd43dd8448eb211c80319c";
  ASSERT_EQ(sends("again", traceparent(true, later)).status, 201);
  ASSERT_TRUE(shows("deliver event", later));
  EXPECT_TRUE(collector.spans().empty());
  EXPECT_EQ(system.database->number("SELECT count(*) FROM outbox WHERE trace IS NOT NULL"), 1);
}

TEST_F(Traces, AMalformedParentBeginsATraceOfItsOwn) {
  ASSERT_EQ(sends("hello", "00-secret").status, 201);
  ASSERT_EQ(sends("again", traceparent(true)).status, 201);
  ASSERT_TRUE(shows(request_span));
  EXPECT_EQ(collector.spans("").size(), collector.spans().size());
}

// What no text of a span may say.
TEST_F(Traces, HoldNoTextNoTokenAndNoAddress) {
  auto stream = bob.subscribes();
  ASSERT_EQ(sends("canary-text", traceparent(true)).status, 201);
  ASSERT_EQ(system.send("GET", "/api/search?query=canary-query&token=canary-token", {},
                        {{"traceparent", traceparent(true)},
                         {"Authorization", alice.bearer().begin()->second}})
                    .status /
                100,
            4);
  ASSERT_TRUE(shows("deliver event"));
  const auto all = json(collector.spans("")).dump();
  for (const auto& secret :
       {std::string{"canary"}, alice.token(), alice.email(), std::string{"127.0.0.1"}}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace fechatter::test
