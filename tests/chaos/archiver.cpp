#include "tests/chaos/archiver.hpp"

#include <fmt/format.h>

#include "tests/chaos/requests.hpp"

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;

constexpr double archiver_pause_ms = 6000;

}  // namespace

Archiver::Archiver(Traffic& traffic, const Chat& chat)
    : traffic_{traffic}, chat_{chat}, owner_{traffic.population.person(chat.owner)} {}

awaitable<> Archiver::run() {
  while (!traffic_.stopping) {
    auto pausing = rest(traffic_, archiver_pause_ms);
    co_await std::move(pausing);
    if (!traffic_.active) continue;
    ++traffic_.pending;
    auto archiving = change(Change::Kind::archive);
    co_await std::move(archiving);
    const auto time = traffic_.dice.between(milliseconds{200}, milliseconds{900});
    auto waiting = sleep(traffic_.executor, time);
    co_await std::move(waiting);
    auto restoring = change(Change::Kind::restore);
    co_await std::move(restoring);
    --traffic_.pending;
  }
}

awaitable<> Archiver::change(Change::Kind kind) {
  while (!traffic_.stopping) {
    auto attempting = attempt(kind);
    const auto outcome = co_await std::move(attempting);
    if (outcome != Outcome::unknown) co_return;
    const auto pause = traffic_.dice.between(milliseconds{20}, milliseconds{300});
    auto pausing = sleep(traffic_.executor, pause);
    co_await std::move(pausing);
  }
}

awaitable<Outcome> Archiver::attempt(Change::Kind kind) {
  const auto index = traffic_.histories.changes.size();
  Change change;
  change.kind = kind;
  change.person = owner_.id;
  change.chat = chat_.id;
  change.invoked = moment();
  traffic_.histories.changes.push_back(change);
  const auto* verb = kind == Change::Kind::archive ? "archive" : "unarchive";
  const auto target = fmt::format("/api/chat/{}/{}", chat_.id, verb);
  auto asking = send_request(traffic_, request_text("POST", target, owner_.token));
  const auto answer = co_await std::move(asking);
  auto& done = traffic_.histories.changes[index];
  done.completed = moment();
  done.status = answer.status;
  done.outcome = outcome_of(answer.status);
  co_return done.outcome;
}

}  // namespace fechatter::chaos
