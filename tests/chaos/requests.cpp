#include "tests/chaos/requests.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_part{500};
constexpr milliseconds upload_pause_max{800};

// One of ten requests gets a short timeout, so that its retry overlaps with the pending request.
milliseconds request_timeout(Traffic& traffic) {
  return traffic.dice.chance(0.1) ? milliseconds{100} : milliseconds{3000};
}

}  // namespace

Outcome outcome_of(int status) {
  if (status >= 200 && status < 300) return Outcome::ok;
  return status >= 400 && status < 500 && status != 429 ? Outcome::fail : Outcome::unknown;
}

std::string code_in(const Answer& answer) {
  const auto problem = nlohmann::json::parse(answer.body, nullptr, false);
  return problem.is_object() ? problem.value("code", "") : "";
}

awaitable<Answer> send_request(Traffic& traffic, std::string request) {
  const auto port = traffic.choose(traffic.ports.servers);
  const auto timeout = request_timeout(traffic);
  auto asking = exchange(traffic.executor, port, std::move(request), timeout);
  auto answer = co_await std::move(asking);
  ++traffic.statuses[answer.status];
  co_return answer;
}

awaitable<Answer> send_upload(Traffic& traffic, std::string request) {
  const auto port = traffic.choose(traffic.ports.servers);
  const auto timeout = request_timeout(traffic);
  const auto pause = traffic.dice.chance(0.33)
                         ? traffic.dice.between(milliseconds{10}, upload_pause_max)
                         : milliseconds{0};
  auto asking = exchange(traffic.executor, port, std::move(request), timeout, pause);
  auto answer = co_await std::move(asking);
  ++traffic.statuses[answer.status];
  co_return answer;
}

awaitable<> rest(Traffic& traffic, double mean) {
  for (auto left = traffic.dice.pause(mean); left.count() > 0 && !traffic.stopping;) {
    const auto part = std::min(left, pause_part);
    auto sleeping = sleep(traffic.executor, part);
    co_await std::move(sleeping);
    left -= part;
  }
}

}  // namespace fechatter::chaos
