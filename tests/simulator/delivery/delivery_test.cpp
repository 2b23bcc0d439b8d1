#include <gtest/gtest.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "fechatter_core/steady_clock.hpp"
#include "tests/simulator/delivery/listener.hpp"

// Order, ring, replays and deliveries of two instances, in one thread, on simulated time. Each seed
// is another course of events: messages, joins and leaves, losses of the stream, crashes, clients
// that come, go, stop reading and change instances. FECHATTER_SEED=n runs one seed alone,
// FECHATTER_SEEDS=n so many.
namespace fechatter::simulator {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nobody = 1000;

class World {
 public:
  explicit World(std::uint64_t seed) : chance_{seed}, stream_{chance_() % 2 == 0} {
    SteadyClock::simulate(&now_);
    for (int i = 0; i < 2; ++i)
      instances_.push_back(std::make_unique<Instance>(truth_, stream_, chance_));
    for (std::int64_t user = 1; user <= Truth::users; ++user) {
      for (int i = 0; i < 2; ++i) {
        listeners_.push_back(std::make_unique<Listener>(UserId{user}, truth_, stream_));
      }
    }
  }
  ~World() {
    listeners_.clear();
    instances_.clear();
    SteadyClock::simulate(nullptr);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void live(int steps) {
    for (int step = 0; step < steps; ++step) {
      something_happens();
      something_happens();
      now_ += std::chrono::milliseconds{1 + chance_() % 300};
      run();
    }
  }

  // No more trouble: within five minutes everybody has everything.
  void settle() {
    deaf_ = nobody;
    for (auto& instance : instances_) instance->follow(1000);
    if (stream_.lacks_tail()) lose_stream();
    publish(truth_.happenings().size());
    std::optional<std::uint64_t> slow;
    for (int step = 0; step < 300 && !all_is_told(); ++step) {
      now_ += 1s;
      if (step == 3) slow = slow_readers();
      for (auto& instance : instances_) instance->follow(1000);
      for (auto& listener : listeners_) {
        if (!listener->connected()) listener->connect(any(instances_), chance_);
      }
      run();
    }
    for (const auto& listener : listeners_) listener->require_everything();
    // Everybody reads, and nothing happens any more: what is replayed leaves room.
    if (slow && slow_readers() > *slow) throw std::logic_error{"a replay was too much"};
  }

 private:
  template <class T>
  T& any(std::vector<std::unique_ptr<T>>& all) {
    return *all[chance_() % all.size()];
  }

  void something_happens() {
    const auto what = chance_() % 100;
    if (what < 40) {
      truth_.happens(chance_);
    } else if (what < 55) {
      publish(1 + chance_() % 4);
    } else if (what < 75) {
      any(instances_).follow(1 + chance_() % 8);
    } else if (what < 90) {
      auto& listener = any(listeners_);
      if (listener.connected() && chance_() % 2 == 0) {
        listener.disconnect();
      } else {
        listener.connect(any(instances_), chance_);
      }
    } else {
      trouble();
    }
  }

  void trouble() {
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
      deaf_ = chance_() % (listeners_.size() * 2);
    }
  }

  // What somebody has still to read, and at least a message that nobody has read yet.
  void damage_stream() {
    const auto from = std::max(any(instances_).read(), stream_.epoch_begins());
    const auto to = std::max(from, furthest_) + 1 + chance_() % 6;
    if (to <= stream_.readable()) stream_.damage(from, to - from);
  }

  // The relay publishes as much again as any instance has still to read, and more.
  void lose_stream() {
    const auto waiting = truth_.happenings().size() - published_;
    stream_.lose(stream_.messages().size() / 2 + 20, chance_() % 4,
                 chance_() % 2 == 0 ? waiting : 0, chance_() % 2 == 0);
  }

  // A relay notices sooner or later that the stream lacks something.
  void publish(std::size_t max) {
    if (stream_.lacks_tail()) {
      if (chance_() % 4 != 0) return;
      lose_stream();
    }
    for (; max > 0 && published_ < truth_.happenings().size(); --max) {
      stream_.publish(truth_.happenings()[published_++].id);
    }
  }

  void run() {
    for (auto& instance : instances_) {
      instance->run();
      furthest_ = std::max(furthest_, instance->read());
    }
    const auto readable = poll_all();
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (readable[i].revents != 0) listeners_[i]->read(i == deaf_ ? 1 : 100'000);
    }
  }

  std::uint64_t slow_readers() const {
    std::uint64_t count = 0;
    for (const auto& instance : instances_) count += instance->slow_readers();
    return count;
  }

  bool all_is_told() const {
    return std::all_of(listeners_.begin(), listeners_.end(),
                       [](const auto& listener) { return listener->is_at_the_end(); });
  }

  std::vector<pollfd> poll_all() const {
    std::vector<pollfd> all;
    for (const auto& listener : listeners_) all.push_back({listener->descriptor(), POLLIN, 0});
    ::poll(all.data(), all.size(), 0);
    return all;
  }

  SteadyClock::time_point now_ = SteadyClock::now();
  std::mt19937_64 chance_;
  Truth truth_;
  Stream stream_;
  std::size_t published_ = 0;
  std::size_t furthest_ = 0;   // that any instance has read
  std::size_t deaf_ = nobody;  // who reads one byte at a time
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Two halves, for two processors.
class SimulatedDelivery : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SimulatedDelivery, NothingIsLostNothingComesTwiceAndNobodySeesWhatIsNotTheirs) {
  spdlog::set_level(spdlog::level::off);
  const auto alone = setting("FECHATTER_SEED", 0);
  const auto seeds = alone > 0 ? alone : setting("FECHATTER_SEEDS", 10'000);
  for (auto seed = std::max<std::uint64_t>(alone, 1); seed <= seeds; ++seed) {
    if (seed % 2 != GetParam()) continue;
    try {
      World world{seed};
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
