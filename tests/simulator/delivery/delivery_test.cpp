#include <gtest/gtest.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "fechatter_core/steady_clock.hpp"
#include "tests/simulator/delivery/simulated_client.hpp"

// Order, ring, replay and delivery of two instances, in one thread, on simulated time. Each seed is
// another sequence of messages, joins and leaves, losses of the stream, crashes, and clients that
// connect, disconnect, stop reading and change instances. FECHATTER_SEED=n runs one seed alone,
// FECHATTER_SEEDS=n so many.
namespace fechatter::simulator {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t no_client = 1000;

class DeliveryWorld {
 public:
  explicit DeliveryWorld(std::uint64_t seed) : chance_{seed}, stream_{chance_() % 2 == 0} {
    SteadyClock::simulate(&now_);
    for (int i = 0; i < 2; ++i)
      instances_.push_back(std::make_unique<Instance>(truth_, stream_, chance_));
    for (std::int64_t user = 1; user <= Truth::users; ++user) {
      for (int i = 0; i < 2; ++i) {
        clients_.push_back(std::make_unique<SimulatedClient>(UserId{user}, truth_, stream_));
      }
    }
  }
  ~DeliveryWorld() {
    clients_.clear();
    instances_.clear();
    SteadyClock::simulate(nullptr);
  }
  DeliveryWorld(const DeliveryWorld&) = delete;
  DeliveryWorld& operator=(const DeliveryWorld&) = delete;

  void live(int steps) {
    for (int step = 0; step < steps; ++step) {
      take_step();
      take_step();
      now_ += std::chrono::milliseconds{1 + chance_() % 300};
      run();
    }
  }

  // Without further faults, every client has every event within five minutes.
  void settle() {
    slow_client_ = no_client;
    for (auto& instance : instances_) instance->follow(1000);
    if (stream_.lacks_tail()) lose_stream();
    publish(truth_.commits().size());
    std::optional<std::uint64_t> slow;
    for (int step = 0; step < 300 && !all_at_head(); ++step) {
      now_ += 1s;
      if (step == 3) slow = slow_consumers();
      for (auto& instance : instances_) instance->follow(1000);
      for (auto& client : clients_) {
        if (!client->connected()) client->connect(any(instances_), chance_);
      }
      run();
    }
    for (const auto& client : clients_) client->require_everything();
    // All clients read, and no new event arrives: a replay must not overflow a queue.
    if (slow && slow_consumers() > *slow)
      throw std::logic_error{"a replay closed a client as a slow consumer"};
  }

 private:
  template <class T>
  T& any(std::vector<std::unique_ptr<T>>& all) {
    return *all[chance_() % all.size()];
  }

  void take_step() {
    const auto what = chance_() % 100;
    if (what < 40) {
      truth_.commit(chance_);
    } else if (what < 55) {
      publish(1 + chance_() % 4);
    } else if (what < 75) {
      any(instances_).follow(1 + chance_() % 8);
    } else if (what < 90) {
      auto& client = any(clients_);
      if (client.connected() && chance_() % 2 == 0) {
        client.disconnect();
      } else {
        client.connect(any(instances_), chance_);
      }
    } else {
      fail();
    }
  }

  void fail() {
    const auto what = chance_() % 14;
    if (what < 3) {
      any(instances_).restart();
    } else if (what < 5) {
      lose_stream();
    } else if (what == 5) {
      stream_.drop_before(stream_.head().stream_seq -
                          std::min<std::uint64_t>(stream_.head().stream_seq, chance_() % 20));
    } else if (what == 6) {
      damage_stream();
    } else if (what == 7) {
      now_ += 5s;
    } else if (what < 10) {
      stream_.lose_tail(1 + chance_() % 6);
    } else {
      slow_client_ = chance_() % (clients_.size() * 2);
    }
  }

  // Messages that an instance has yet to read, at least one of which no instance has read.
  void damage_stream() {
    const auto from = std::max(any(instances_).read(), stream_.epoch_begins());
    const auto to = std::max(from, furthest_) + 1 + chance_() % 6;
    if (to <= stream_.readable()) stream_.damage(from, to - from);
  }

  // The relay republishes at least what any instance has yet to read.
  void lose_stream() {
    const auto waiting = truth_.commits().size() - published_;
    stream_.lose(stream_.messages().size() / 2 + 20, chance_() % 4,
                 chance_() % 2 == 0 ? waiting : 0, chance_() % 2 == 0);
  }

  // A relay notices a missing tail sooner or later.
  void publish(std::size_t max) {
    if (stream_.lacks_tail()) {
      if (chance_() % 4 != 0) return;
      lose_stream();
    }
    for (; max > 0 && published_ < truth_.commits().size(); --max) {
      stream_.publish(truth_.commits()[published_++].id);
    }
  }

  void run() {
    for (auto& instance : instances_) {
      instance->run();
      furthest_ = std::max(furthest_, instance->read());
    }
    const auto readable = poll_all();
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (readable[i].revents != 0) clients_[i]->read(i == slow_client_ ? 1 : 100'000);
    }
  }

  std::uint64_t slow_consumers() const {
    std::uint64_t count = 0;
    for (const auto& instance : instances_) count += instance->slow_consumers();
    return count;
  }

  bool all_at_head() const {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->is_at_head(); });
  }

  std::vector<pollfd> poll_all() const {
    std::vector<pollfd> all;
    for (const auto& client : clients_) all.push_back({client->descriptor(), POLLIN, 0});
    ::poll(all.data(), all.size(), 0);
    return all;
  }

  SteadyClock::time_point now_ = SteadyClock::now();
  std::mt19937_64 chance_;
  Truth truth_;
  Stream stream_;
  std::size_t published_ = 0;
  std::size_t furthest_ = 0;             // message that any instance has read
  std::size_t slow_client_ = no_client;  // reads one byte at a time
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<std::unique_ptr<SimulatedClient>> clients_;
};

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Two halves, for two processors.
class SimulatedDelivery : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SimulatedDelivery, EveryEventReachesItsRecipientsExactlyOnceAndNoOtherClient) {
  spdlog::set_level(spdlog::level::off);
  const auto alone = setting("FECHATTER_SEED", 0);
  const auto seeds = alone > 0 ? alone : setting("FECHATTER_SEEDS", 10'000);
  for (auto seed = std::max<std::uint64_t>(alone, 1); seed <= seeds; ++seed) {
    if (seed % 2 != GetParam()) continue;
    try {
      DeliveryWorld world{seed};
      world.live(60);
      world.settle();
    } catch (const std::exception& violation) {
      FAIL() << "FECHATTER_SEED=" << seed << ": " << violation.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Half, SimulatedDelivery, testing::Values(0, 1));

}  // namespace
}  // namespace fechatter::simulator
