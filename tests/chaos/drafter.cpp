#include "tests/chaos/drafter.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/chaos/requests.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;

constexpr double drafter_pause_ms = 4000;
constexpr int outdated = 409;

}  // namespace

Drafter::Drafter(Traffic& traffic, const Chat& chat, std::int64_t person)
    : traffic_{traffic}, chat_{chat}, person_{traffic.population.person(person)} {}

awaitable<> Drafter::run() {
  while (!traffic_.stopping) {
    auto pausing = rest(traffic_, drafter_pause_ms);
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    ++traffic_.pending;
    auto changing = change();
    co_await std::move(changing);
    --traffic_.pending;
  }
}

DraftChange Drafter::next() {
  if (unanswered_ && traffic_.dice.chance(0.5)) return *unanswered_;
  DraftChange change;
  change.person = person_.id;
  change.chat = chat_.id;
  change.known = version_;
  if (has_text_ && traffic_.dice.chance(0.2)) return change;
  change.content = fmt::format("{} draft {}", chat_.canary, traffic_.histories.drafts.size());
  if (version_ > 0 && traffic_.dice.chance(0.1)) --change.known;
  return change;
}

std::string Drafter::request_of(const DraftChange& change) const {
  const auto target = fmt::format("/api/chat/{}/draft", chat_.id);
  if (change.content.empty()) {
    return request_text("DELETE", fmt::format("{}?version={}", target, change.known),
                        person_.token);
  }
  const json body{{"content", change.content}, {"version", change.known}};
  return request_text("PUT", target, person_.token, body.dump());
}

awaitable<> Drafter::change() {
  auto change = next();
  change.invoked = moment();
  const auto index = traffic_.histories.drafts.size();
  traffic_.histories.drafts.push_back(change);
  auto asking = send_request(traffic_, request_of(change));
  const auto answer = co_await std::move(asking);
  auto& done = traffic_.histories.drafts[index];
  done.completed = moment();
  done.status = answer.status;
  done.outcome = outcome_of(answer.status);
  if (done.outcome == Outcome::ok) done.version = json::parse(answer.body).at("version");
  if (done.status == outdated) note_repetition(done, json::parse(answer.body).at("draft"));
  note(done, answer);
}

// The balancer repeats a PUT or a DELETE whose server did not answer: what has replaced the version
// may be this very change. All texts differ.
void Drafter::note_repetition(DraftChange& done, const json& newer) {
  if (newer.at("content") != done.content) return;
  done.outcome = Outcome::unknown;
  if (done.content.empty()) return;  // or another removal
  done.outcome = Outcome::ok;
  done.version = newer.at("version");
}

void Drafter::note(const DraftChange& done, const Answer& answer) {
  if (done.outcome == Outcome::unknown && done.status != outdated) {
    unanswered_ = done;
    return;
  }
  unanswered_.reset();
  if (done.outcome == Outcome::ok) {
    version_ = done.version;
    has_text_ = !done.content.empty();
  } else if (done.status == outdated) {
    const auto problem = json::parse(answer.body);
    const auto& newer = problem.at("draft");
    version_ = newer.at("version");
    has_text_ = !newer.at("content").get_ref<const std::string&>().empty();
  }
}

}  // namespace fechatter::chaos
