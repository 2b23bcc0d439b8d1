#include "tests/chaos/clients.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "tests/support/process.hpp"

namespace fechatter::chaos {
namespace {

constexpr int subscribers_per_person = 2;

}  // namespace

Clients::Clients(const Population& population, Ports ports, std::uint64_t seed)
    : work_{asio::make_work_guard(io_)},
      executor_{asio::make_strand(io_)},
      traffic_{executor_, population, std::move(ports), seed} {
  for (const auto& person : population.people()) {
    for (int i = 0; i < subscribers_per_person; ++i) {
      const auto number = static_cast<std::int64_t>(subscribers_.size());
      begin(subscribers_.emplace_back(traffic_, number, person.id).run());
    }
    begin(outsiders_.emplace_back(traffic_, person.id).run());
    begin(noises_.emplace_back(traffic_, person.id).run());
  }
  for (const auto& chat : population.chats()) {
    for (const auto person : chat.permanent_members) {
      begin(senders_.emplace_back(traffic_, chat, person).run());
      begin(schedulers_.emplace_back(traffic_, chat, person).run());
      begin(drafters_.emplace_back(traffic_, chat, person).run());
    }
    for (const auto person : chat.temporary_members) {
      begin(senders_.emplace_back(traffic_, chat, person).run());
      begin(temporary_members_.emplace_back(traffic_, chat, person).run());
    }
    if (chat.type == "PrivateChannel") begin(archivers_.emplace_back(traffic_, chat).run());
  }
  thread_ = std::thread{[this] { run(); }};
}

Clients::~Clients() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

void Clients::begin(awaitable<> client) {
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

void Clients::run() {
  io_.run();
}

template <class F>
auto Clients::ask(F question) {
  std::promise<decltype(question())> promise;
  auto future = promise.get_future();
  asio::post(executor_, [&] { promise.set_value(question()); });
  return future.get();
}

void Clients::set_active(bool active) {
  ask([&] { return traffic_.active = active; });
}

void Clients::stampede(std::size_t count) {
  ask([&] {
    for (std::size_t i = 0; i < count; ++i) {
      subscribers_[traffic_.dice.below(subscribers_.size())].drop();
    }
    return true;
  });
}

int Clients::pending() {
  return ask([&] { return traffic_.pending; });
}

std::size_t Clients::sends() {
  return ask([&] { return traffic_.histories.sends.size(); });
}

std::vector<Progress> Clients::progress() {
  return ask([&] {
    std::vector<Progress> all;
    for (const auto& subscriber : subscribers_) all.push_back(subscriber.progress());
    return all;
  });
}

std::pair<Histories, std::map<int, int>> Clients::end() {
  ask([&] {
    traffic_.stopping = true;
    for (auto& subscriber : subscribers_) subscriber.drop();
    return true;
  });
  test::eventually([&] { return ask([&] { return traffic_.clients; }) == 0; });
  io_.stop();
  thread_.join();
  for (auto& subscriber : subscribers_) traffic_.histories.subscribers.push_back(subscriber.take());
  return {std::move(traffic_.histories), std::move(traffic_.statuses)};
}

}  // namespace fechatter::chaos
