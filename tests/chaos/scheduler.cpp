#include "tests/chaos/scheduler.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/chaos/requests.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr double scheduler_pause_ms = 4000;
constexpr std::size_t revisions_max = 2;

Micros soon(Traffic& traffic) {
  const auto ahead = traffic.dice.between(milliseconds{200}, milliseconds{3000});
  return moment() + std::chrono::microseconds{ahead}.count();
}

std::string time_of(Micros at) {
  return to_rfc3339(from_unix_micros(at));
}

}  // namespace

Scheduler::Scheduler(Traffic& traffic, const Chat& chat, std::int64_t person)
    : traffic_{traffic}, chat_{chat}, person_{traffic.population.person(person)} {}

awaitable<> Scheduler::run() {
  while (!traffic_.stopping) {
    auto pausing = rest(traffic_, scheduler_pause_ms);
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    ++traffic_.pending;
    auto scheduling = schedule();
    co_await std::move(scheduling);
    --traffic_.pending;
  }
}

awaitable<> Scheduler::schedule() {
  const auto number = traffic_.histories.scheduled.size();
  Scheduled scheduled;
  scheduled.person = person_.id;
  scheduled.chat = chat_.id;
  scheduled.content = fmt::format("{} scheduled {}", chat_.canary, number);
  scheduled.send_at = soon(traffic_);
  scheduled.invoked = moment();
  traffic_.histories.scheduled.push_back(scheduled);
  const json body{{"content", scheduled.content}, {"send_at", time_of(scheduled.send_at)}};
  const auto target = fmt::format("/api/chat/{}/scheduled", chat_.id);
  auto asking = send_request(traffic_, request_text("POST", target, person_.token, body.dump()));
  const auto answer = co_await std::move(asking);
  auto& done = traffic_.histories.scheduled[number];
  done.completed = moment();
  done.outcome = outcome_of(answer.status);
  if (done.outcome == Outcome::fail) done.refusal = code_in(answer);
  if (done.outcome != Outcome::ok) co_return;
  const auto made = json::parse(answer.body);
  done.id = made.at("id");
  done.key = made.at("idempotency_key").get<std::string>();
  for (auto left = traffic_.dice.below(revisions_max + 1); left > 0; --left) {
    const auto pause = traffic_.dice.between(milliseconds{0}, milliseconds{1500});
    auto pausing = sleep(traffic_.executor, pause);
    co_await std::move(pausing);
    if (!traffic_.active) co_return;
    auto revising = revise(number);
    co_await std::move(revising);
    const auto& last = traffic_.histories.scheduled[number].revisions.back();
    if (last.cancels || last.outcome == Outcome::fail) co_return;
  }
}

Revision Scheduler::next_revision(std::size_t number) {
  const auto& revisions = traffic_.histories.scheduled[number].revisions;
  Revision revision;
  revision.cancels = traffic_.dice.chance(0.3);
  if (!revision.cancels) {
    revision.content =
        fmt::format("{} scheduled {}, change {}", chat_.canary, number, revisions.size());
    if (traffic_.dice.chance(0.3)) revision.send_at = soon(traffic_);
  }
  revision.invoked = moment();
  return revision;
}

std::string Scheduler::request_of(const Revision& revision, std::int64_t id) const {
  const auto target = fmt::format("/api/scheduled/{}", id);
  if (revision.cancels) return request_text("DELETE", target, person_.token);
  json body{{"content", revision.content}};
  if (revision.send_at > 0) body["send_at"] = time_of(revision.send_at);
  return request_text("PATCH", target, person_.token, body.dump());
}

awaitable<> Scheduler::revise(std::size_t number) {
  const auto revision = next_revision(number);
  auto& before = traffic_.histories.scheduled[number];
  before.revisions.push_back(revision);
  auto asking = send_request(traffic_, request_of(revision, before.id));
  const auto answer = co_await std::move(asking);
  auto& done = traffic_.histories.scheduled[number].revisions.back();
  done.completed = moment();
  done.status = answer.status;
  done.outcome = outcome_of(answer.status);
  // The balancer repeats a DELETE whose server did not answer: the first one may have cancelled.
  if (done.cancels && answer.status == 404) done.outcome = Outcome::unknown;
}

}  // namespace fechatter::chaos
