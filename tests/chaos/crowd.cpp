#include "tests/chaos/crowd.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "tests/support/process.hpp"

namespace fechatter::chaos {
namespace {

constexpr int listeners_of_a_person = 2;

}  // namespace

Crowd::Crowd(const World& world, Doors doors, std::uint64_t seed)
    : work_{asio::make_work_guard(io_)},
      executor_{asio::make_strand(io_)},
      traffic_{executor_, world, std::move(doors), seed} {
  for (const auto& person : world.people()) {
    for (int i = 0; i < listeners_of_a_person; ++i) {
      const auto number = static_cast<std::int64_t>(listeners_.size());
      begin(listeners_.emplace_back(traffic_, number, person.id).run());
    }
    begin(strangers_.emplace_back(traffic_, person.id).run());
  }
  for (const auto& room : world.rooms()) {
    for (const auto person : room.residents) {
      begin(senders_.emplace_back(traffic_, room, person).run());
    }
    for (const auto person : room.guests) {
      begin(senders_.emplace_back(traffic_, room, person).run());
      begin(guests_.emplace_back(traffic_, room, person).run());
    }
  }
  thread_ = std::thread{[this] { run(); }};
}

Crowd::~Crowd() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

void Crowd::begin(awaitable<> client) {
  ++traffic_.clients;
  asio::co_spawn(executor_, std::move(client), [this](std::exception_ptr error) {
    --traffic_.clients;
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
      traffic_.histories.broken.emplace_back(thrown.what());
    }
  });
}

void Crowd::run() {
  io_.run();
}

template <class F>
auto Crowd::ask(F question) {
  std::promise<decltype(question())> promise;
  auto future = promise.get_future();
  asio::post(executor_, [&] { promise.set_value(question()); });
  return future.get();
}

void Crowd::set_lively(bool lively) {
  ask([&] { return traffic_.lively = lively; });
}

void Crowd::stampede(std::size_t count) {
  ask([&] {
    for (std::size_t i = 0; i < count; ++i) {
      listeners_[traffic_.dice.below(listeners_.size())].drop();
    }
    return true;
  });
}

int Crowd::pending() {
  return ask([&] { return traffic_.pending; });
}

std::size_t Crowd::sends() {
  return ask([&] { return traffic_.histories.sends.size(); });
}

std::vector<Progress> Crowd::progress() {
  return ask([&] {
    std::vector<Progress> all;
    for (const auto& listener : listeners_) all.push_back(listener.progress());
    return all;
  });
}

std::pair<Histories, std::map<int, int>> Crowd::end() {
  ask([&] {
    traffic_.stopping = true;
    for (auto& listener : listeners_) listener.drop();
    return true;
  });
  test::eventually([&] { return ask([&] { return traffic_.clients; }) == 0; });
  io_.stop();
  thread_.join();
  for (auto& listener : listeners_) traffic_.histories.listeners.push_back(listener.take());
  return {std::move(traffic_.histories), std::move(traffic_.statuses)};
}

}  // namespace fechatter::chaos
