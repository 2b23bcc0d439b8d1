#include "fechatter_core/http/request_report.hpp"

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using observability::Span;
using observability::SpanKind;
using testing::HasSubstr;
using testing::Not;

constexpr auto sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class RequestReport : public testing::Test {
 protected:
  static int ask_once(const TestServer& server, const std::string& path) {
    return RawClient{server.port()}.ask("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n").status;
  }
  static observability::TracerPtr tracer_with(double ratio) {
    observability::Tracer::Settings settings;
    settings.sampling.ratio = ratio;
    return std::make_shared<observability::Tracer>(settings);
  }
  // The spans of a request to a route, or to none.
  static std::vector<Span> spans_of(double ratio, const std::string& parent, int status,
                                    bool routed = true) {
    Edge edge;
    edge.tracer = tracer_with(ratio);
    const Route route{Method::get, "/api/chat/{id}", Access::anyone, {}};
    Request request;
    request.method = Method::get;
    request.path = "/api/chat/7";
    if (!parent.empty()) request.headers.emplace_back("traceparent", parent);
    begin_report(edge, request);
    report(edge, routed ? &route : nullptr, request, status, std::chrono::milliseconds{1});
    return edge.tracer->take(std::chrono::milliseconds{0});
  }
};

TEST_F(RequestReport, ASampledRequestIsASpanOfTheCallersTrace) {
  const auto spans = spans_of(0, sampled, 200);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "GET /api/chat/{id}");
  EXPECT_EQ(spans[0].kind, SpanKind::server);
  EXPECT_EQ(trace_id_text(spans[0].context), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span_id_text(spans[0].parent), "b7ad6b7169203331");
  EXPECT_FALSE(spans[0].failed);
  EXPECT_LE(spans[0].start_ns, spans[0].end_ns);
}

TEST_F(RequestReport, WithoutASampleARefusalIsNoSpanAndAFailureIsOne) {
  EXPECT_TRUE(spans_of(0, "", 200).empty());
  EXPECT_TRUE(spans_of(0, "", 404).empty());
  for (const int status : {500, 503, 507}) {
    const auto spans = spans_of(0, "", status);
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_TRUE(spans[0].failed);
  }
}

// A stranger's path is not a name: names are few.
TEST_F(RequestReport, ARequestToNoRouteIsNamedAfterItsMethodAlone) {
  const auto spans = spans_of(1, "", 404, false);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "GET");
  for (const auto& [name, value] : spans[0].attributes) EXPECT_THAT(name, Not(HasSubstr("path")));
}

TEST_F(RequestReport, TheServerReportsWhatItsHandlerThrows) {
  Edge edge;
  edge.tracer = tracer_with(0);
  edge.log_requests = true;
  const LogCapture log;
  {
    const TestServer server{{}, {}, edge};
    EXPECT_EQ(ask_once(server, "/fails"), 500);
    EXPECT_EQ(ask_once(server, "/hello"), 200);
  }
  const auto spans = edge.tracer->take(std::chrono::milliseconds{0});
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "GET /fails");
  EXPECT_THAT(log.text(), HasSubstr("GET /hello 200"));
}

}  // namespace
}  // namespace fechatter::http
