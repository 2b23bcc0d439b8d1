#include "tests/chaos/noise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/chaos/requests.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;

constexpr double noise_pause_ms = 800;

}  // namespace

Noise::Noise(Traffic& traffic, std::int64_t person)
    : traffic_{traffic},
      person_{traffic.population.person(person)},
      foreign_{traffic.population.chats_without(person)} {
  for (const auto& chat : traffic.population.chats()) {
    const auto& ids = chat.permanent_members;
    if (std::find(ids.begin(), ids.end(), person) != ids.end()) own_.push_back(chat.id);
  }
}

awaitable<> Noise::run() {
  while (!traffic_.stopping) {
    auto pausing = rest(traffic_, noise_pause_ms);
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    auto carrying_out = carry_out(next());
    co_await std::move(carrying_out);
  }
}

Activity Noise::next() {
  Activity activity;
  activity.person = person_.id;
  const auto roll = traffic_.dice.below(100);
  if (roll < 60) {
    activity.kind = Activity::Kind::typing;
    activity.chat = traffic_.dice.of(own_);
  } else if (roll < 75) {
    activity.kind = Activity::Kind::typing_outside;
    activity.chat = traffic_.dice.of(foreign_);
  }
  return activity;
}

awaitable<> Noise::carry_out(Activity activity) {
  const bool says_status = activity.kind == Activity::Kind::presence;
  const auto target = says_status ? std::string{"/api/presence"}
                                  : fmt::format("/api/chat/{}/typing", activity.chat);
  json body;
  if (says_status) {
    body["status"] = traffic_.dice.chance(0.7) ? "online" : "away";
  } else {
    body["is_typing"] = traffic_.dice.chance(0.8);
  }
  activity.invoked = moment();
  auto asking = send_request(traffic_, request_text("POST", target, person_.token, body.dump()));
  const auto answer = co_await std::move(asking);
  activity.completed = moment();
  activity.status = answer.status;
  if (outcome_of(answer.status) == Outcome::fail) activity.refusal = code_in(answer);
  traffic_.histories.activities.push_back(std::move(activity));
}

}  // namespace fechatter::chaos
