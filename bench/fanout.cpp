#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/bare_chain.hpp"
#include "bench/fanout_sides.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"

// From the stream of events to the sockets: notify_server beside a plain epoll loop that sends the
// same bytes to as many sockets, in the same run.
namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::vector<std::size_t> listeners{1000, 10'000, 19'000};  // of one chat
  std::size_t small_chats = 1000;                            // of five
  std::size_t burst_listeners = 1000;
  double burst_rate = 300;
  std::size_t burst_events = 1000;  // at once
  unsigned shards = 0;
  double seconds = 3;
  std::size_t rounds = 3;
  bool quick = false;
};

struct Round {
  double deliveries_per_second = 0;
  double processor_per_million = 0;  // seconds
  double p50_ms = 0;
  double p99_ms = 0;
};
using Figures = InTurns<Round>;

// What a side has done between two looks at it.
class Watch {
 public:
  explicit Watch(Side& side)
      : side_{side},
        frames_{side.crowd().notes().frames},
        processor_{processor_seconds(side.process())},
        began_{Clock::now()} {
    side.crowd().notes().age.clear();
  }

  std::size_t frames() const { return frames_; }
  double elapsed() const { return Seconds{Clock::now() - began_}.count(); }
  Round round() const {
    const auto& notes = side_.crowd().notes();
    const auto deliveries = static_cast<double>(notes.frames - frames_);
    return {deliveries / elapsed(),
            (processor_seconds(side_.process()) - processor_) * 1e6 / deliveries,
            notes.age.milliseconds_at(0.5), notes.age.milliseconds_at(0.99)};
  }

 private:
  Side& side_;
  const std::size_t frames_;
  const double processor_;
  const Clock::time_point began_;
};

void wait_for(Side& side, std::size_t frames) {
  if (side.crowd().wait_for_frames(frames, std::chrono::seconds{60})) return;
  throw std::runtime_error{
      fmt::format("{} of {} frames have come in 60 s", side.crowd().notes().frames.load(), frames)};
}

// No frame waits for another: the next message to a chat goes out when the last has arrived.
Round one_after_the_other(Side& side, std::size_t chats, double seconds) {
  const Watch watch{side};
  auto expected = watch.frames();
  while (watch.elapsed() < seconds) {
    std::vector<Delivery> deliveries;
    for (std::size_t chat = 0; chat < chats; ++chat) deliveries.push_back({chat, now_ns()});
    side.deliver(deliveries);
    expected += side.crowd().size();
    wait_for(side, expected);
  }
  return watch.round();
}

Round all_at_once(Side& side, std::size_t events) {
  const Watch watch{side};
  side.deliver(std::vector<Delivery>(events, Delivery{0, now_ns()}));
  wait_for(side, watch.frames() + events * side.crowd().size());
  return watch.round();
}

// Each message has its moment, which is stamped on it however late it goes out.
Round at_a_rate(Side& side, double rate, double seconds) {
  const Watch watch{side};
  const auto count = static_cast<std::size_t>(rate * seconds);
  const auto begin = now_ns();
  std::size_t delivered = 0;
  while (delivered < count) {
    check_not_stopped();
    std::vector<Delivery> due;
    const auto moment_of = [&](std::size_t i) {
      return begin + static_cast<std::int64_t>(static_cast<double>(i) * 1e9 / rate);
    };
    for (; delivered < count && moment_of(delivered) <= now_ns(); ++delivered) {
      due.push_back({0, moment_of(delivered)});
    }
    if (!due.empty()) side.deliver(due);
    const auto left = moment_of(delivered) - now_ns();
    if (left > 0) std::this_thread::sleep_for(std::chrono::nanoseconds{left});
  }
  wait_for(side, watch.frames() + count * side.crowd().size());
  return watch.round();
}

struct Result {
  std::string name;
  std::size_t listeners;
  Figures figures;
};

class FanOut {
 public:
  explicit FanOut(const Options& options)
      : options_{options},
        stage_{0, stage_options(options.shards)},
        people_{stage_.owner_url(), stage_.private_key(), most_people(options)},
        small_{people_.make_groups(options.small_chats, 5), 5},
        bare_notify_{[this] { run_bare_notify(bare_chain()); }} {
    stage_.system().server.stop();  // with its relay: from here on we are the relay
    publisher_.emplace(stage_.system().nats.url(), people_);
  }

  std::vector<Result> measure();

 private:
  static StageOptions stage_options(unsigned shards) {
    StageOptions options;
    options.notify = {{"FECHATTER_EVENTS__HEARTBEAT_SECONDS", "3600"},
                      {"FECHATTER_SERVER__SHARDS", std::to_string(shards)}};
    return options;
  }
  static std::size_t most_people(const Options& options) {
    return std::max({*std::max_element(options.listeners.begin(), options.listeners.end()),
                     options.small_chats * 5, options.burst_listeners});
  }

  BareChain bare_chain() {
    BareChain chain;
    chain.nats_url = stage_.system().nats.url();
    chain.first_chat = small_.ids.front();
    chain.stream_port = bare_port_;
    return chain;
  }

  template <class Measure>
  Result in_chats(const std::string& name, const Chats& chats, Measure measure);
  template <class Measure>
  Result measure_beside(Side& bare, const std::string& name, const Chats& chats, Measure measure);
  Chats channel_of(std::size_t count);
  void measure_bursts(const Chats& chats, std::vector<Result>& results);

  const Options options_;
  Stage stage_;
  People people_;
  const Chats small_;
  const std::uint16_t bare_port_ = test::free_port();
  Child bare_notify_;  // forked before there are threads of nats.c
  std::optional<Publisher> publisher_;
  int channels_ = 0;
};

template <class Measure>
Result FanOut::in_chats(const std::string& name, const Chats& chats, Measure measure) {
  const auto example = publisher_->event_of(chats.ids.front(), now_ns());
  BareSide bare{chats, frame_of(example, *publisher_)};
  return measure_beside(bare, name, chats, measure);
}

template <class Measure>
Result FanOut::measure_beside(Side& bare, const std::string& name, const Chats& chats,
                              Measure measure) {
  OurSide ours{stage_, *publisher_, people_, chats};
  for (auto* side : {static_cast<Side*>(&ours), &bare}) {
    side->crowd().wait_until_open(std::chrono::seconds{20});
    one_after_the_other(*side, chats.ids.size(), 0.5);  // to warm up
  }
  auto figures = in_turns(
      options_.rounds, [&] { return measure(ours); }, [&] { return measure(bare); });
  if (ours.crowd().notes().closed + bare.crowd().notes().closed > 0) {
    throw std::runtime_error{"streams were closed"};
  }
  fmt::print(stderr, "{}: {:.2f}\n", name, figures.ratio(&Round::deliveries_per_second));
  return {name, chats.listeners(), std::move(figures)};
}

// All chats are made before the first subscriber connects: the chats of a user that notify_server
// has read already would lack a new one, since no event says that it was made.
std::vector<Result> FanOut::measure() {
  std::vector<Chats> large;
  for (const auto count : options_.listeners) large.push_back(channel_of(count));
  const auto burst = channel_of(options_.burst_listeners);
  std::vector<Result> results;
  for (const auto& chats : large) {
    results.push_back(in_chats(fmt::format("1 chat of {}", chats.size), chats, [this](Side& side) {
      return one_after_the_other(side, 1, options_.seconds);
    }));
  }
  const auto name = fmt::format("{} chats of 5", options_.small_chats);
  const auto in_small_chats = [this](Side& side) {
    return one_after_the_other(side, options_.small_chats, options_.seconds);
  };
  results.push_back(in_chats(name, small_, in_small_chats));
  BareStreamSide bare{bare_notify_.pid(), bare_port_, stage_.system().nats.url(), *publisher_,
                      small_};
  results.push_back(measure_beside(bare, name + ", bare by NATS", small_, in_small_chats));
  measure_bursts(burst, results);
  return results;
}

Chats FanOut::channel_of(std::size_t count) {
  return {{people_.make_channel(fmt::format("channel {}", ++channels_), count)}, count};
}

void FanOut::measure_bursts(const Chats& chats, std::vector<Result>& results) {
  results.push_back(
      in_chats(fmt::format("{} messages at once", options_.burst_events), chats,
               [this](Side& side) { return all_at_once(side, options_.burst_events); }));
  results.push_back(in_chats(
      fmt::format("{:.0f} messages/s", options_.burst_rate), chats,
      [this](Side& side) { return at_a_rate(side, options_.burst_rate, options_.seconds); }));
}

void report(const Options& options, const std::vector<Result>& results) {
  std::vector<Row> rows{{"fan-out", "listeners", "deliveries/s", "bare", "ratio", "CPU s/million",
                         "bare", "p99 ms", "bare"}};
  auto lines = ordered_json::array();
  for (const auto& [name, listeners, figures] : results) {
    const auto per_second = &Round::deliveries_per_second;
    const auto processor = &Round::processor_per_million;
    const auto p99 = &Round::p99_ms;
    rows.push_back({name, std::to_string(listeners), fmt::format("{:.0f}", figures.our(per_second)),
                    fmt::format("{:.0f}", figures.its(per_second)),
                    fmt::format("{:.2f}", figures.ratio(per_second)),
                    fmt::format("{:.2f}", figures.our(processor)),
                    fmt::format("{:.2f}", figures.its(processor)),
                    fmt::format("{:.1f}", figures.our(p99)),
                    fmt::format("{:.1f}", figures.its(p99))});
    lines.push_back({{"name", name},
                     {"listeners", listeners},
                     {"deliveries_per_second", rounded(figures.our(per_second))},
                     {"bare_deliveries_per_second", rounded(figures.its(per_second))},
                     {"ratio", rounded(figures.ratio(per_second))},
                     {"cpu_seconds_per_million", rounded(figures.our(processor))},
                     {"bare_cpu_seconds_per_million", rounded(figures.its(processor))},
                     {"p50_ms", rounded(figures.our(&Round::p50_ms))},
                     {"bare_p50_ms", rounded(figures.its(&Round::p50_ms))},
                     {"p99_ms", rounded(figures.our(p99))},
                     {"bare_p99_ms", rounded(figures.its(p99))}});
  }
  print_table(rows);
  fmt::print(
      "\nMedians of {} rounds of each, in turns. Expected ratios: 0.85 and more, 3 and more "
      "of messages at once; p99 below 50 ms at {:.0f} messages/s.\n\n",
      options.rounds, options.burst_rate);
  print_json("fanout", {{"rounds", options.rounds}, {"seconds", options.seconds}, {"rows", lines}});
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: from the stream of events to the sockets"};
  arguments.add_option("--listeners", options.listeners, "of one chat; each a row")
      ->delimiter(',')
      ->check(CLI::Range(1, 19'500));
  arguments.add_option("--chats", options.small_chats, "of five")->check(CLI::Range(1, 3900));
  arguments.add_option("--rate", options.burst_rate, "messages a second to 1,000 listeners")
      ->check(CLI::Range(1.0, 5000.0));
  arguments.add_option("--shards", options.shards, "of notify_server; 0: one for each core")
      ->check(CLI::Range(0, 64));
  arguments.add_option("--seconds", options.seconds, "of a round")->check(CLI::Range(0.2, 60.0));
  arguments.add_option("--rounds", options.rounds, "of each side")->check(CLI::Range(1, 20));
  arguments.add_flag("--quick", options.quick, "one short round, fewer listeners");
  CLI11_PARSE(arguments, argc, argv);
  if (options.quick) {
    options.listeners = {1000};
    options.small_chats = 100;
    options.seconds = 1;
    options.rounds = 1;
  }
  warn_of_circumstances();
  report(options, FanOut{options}.measure());
  return 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
