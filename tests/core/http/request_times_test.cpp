#include "fechatter_core/http/request_times.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace fechatter::http {
namespace {

using observability::Metrics;
using observability::Samples;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string shown(const RequestTimes& times) {
  Metrics metrics;
  metrics.histogram("took_seconds", "", [&times](Samples& samples) { times.collect(samples); });
  return metrics.text();
}

std::vector<RequestTimes::Name> many_routes(std::size_t count) {
  std::vector<RequestTimes::Name> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back({"GET", fmt::format("/route/{}", i)});
  return names;
}

TEST(RequestTimes, ARequestIsCountedByMethodRouteAndClassOfStatus) {
  RequestTimes times{{{"GET", "/api/chat/{id}"}}};
  times.observe(0, 200, 1ms);
  times.observe(0, 204, 1ms);
  times.observe(0, 304, 1ms);
  times.observe(0, 404, 1ms);
  times.observe(0, 503, 1ms);
  const auto text = shown(times);
  for (const auto* counted : {"2xx\"} 2\n", "3xx\"} 1\n", "4xx\"} 1\n", "5xx\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(std::string{"took_seconds_count{method=\"GET\","
                                            "route=\"/api/chat/{id}\",status=\""} +
                                counted));
  }
}

TEST(RequestTimes, ARouteWithoutARequestHasNoSeries) {
  RequestTimes times{many_routes(2)};
  times.observe(0, 200, 1ms);
  EXPECT_THAT(shown(times), Not(HasSubstr("/route/1")));
}

TEST(RequestTimes, ARequestWithoutARouteIsUnmatched) {
  RequestTimes times{many_routes(1)};
  times.observe(times.unmatched(), 404, 1ms);
  EXPECT_THAT(shown(times),
              HasSubstr("count{method=\"any\",route=\"unmatched\",status=\"4xx\"} 1"));
}

TEST(RequestTimes, TheNumberOfSeriesIsBoundedHoweverManyRoutesThereAre) {
  constexpr std::size_t routes = 1000;
  RequestTimes times{many_routes(routes)};
  for (std::size_t i = 0; i < routes; ++i) {
    for (const int status : {200, 302, 404, 500}) times.observe(i, status, 1ms);
  }
  const auto text = shown(times);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_LE(lines, 1'500);
  // Nothing is left out of the sum.
  EXPECT_THAT(text, HasSubstr("count{method=\"any\",route=\"other\",status=\"5xx\"}"));
}

TEST(RequestTimes, RefusalsByManyRoutesHideNoAnswers) {
  constexpr std::size_t routes = 90;
  RequestTimes times{many_routes(routes)};
  for (std::size_t i = 0; i < routes; ++i) times.observe(i, 401, 1ms);
  for (std::size_t i = 0; i < routes; ++i) times.observe(i, 200, 1ms);
  const auto text = shown(times);
  for (std::size_t i = 0; i < routes; ++i) {
    EXPECT_THAT(text, HasSubstr(fmt::format("route=\"/route/{}\",status=\"2xx\"}} 1\n", i)));
  }
}

TEST(RequestTimes, A429IsCounted) {
  RequestTimes times{many_routes(1)};
  times.observe(0, 429, 1ms);
  times.observe(0, 403, 1ms);
  EXPECT_EQ(times.rate_limited().value(), 1U);
}

}  // namespace
}  // namespace fechatter::http
