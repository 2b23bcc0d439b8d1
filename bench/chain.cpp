#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "bench/bare_chain.hpp"
#include "bench/bare_streams.hpp"
#include "bench/child.hpp"
#include "bench/closed_loop.hpp"
#include "bench/crowd.hpp"
#include "bench/people.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"
#include "bench/statements.hpp"

// The whole chain on one machine, from POST over commit and JetStream to five of many open streams,
// beside the bare chain.
namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t group = 5;

struct Options {
  std::size_t chats = 1000;
  std::size_t connections = 64;
  double rate = 1000;
  double seconds = 5;
  std::size_t rounds = 3;
  bool quick = false;
  bool statements = false;
};

struct Round {
  double posts_per_second = 0;
  double answered_p50_ms = 0;
  double answered_p99_ms = 0;
  double seen_p50_ms = 0;
  double seen_p99_ms = 0;
  double server_us = 0;  // processor time per post, of fechatter_server
  double notify_us = 0;  // and of notify_server
  double generator_share = 0;
};

// One of the two chains: the server that accepts posts, and the crowd that receives the events.
struct Target {
  std::uint16_t post_port = 0;
  pid_t server = 0;
  pid_t notify = 0;
  std::vector<std::string> tokens;  // of the sender of each chat
  Crowd* crowd = nullptr;
};

// Senders with one connection each. One thread.
class Posts {
 public:
  Posts(const Options& options, const Target& target, const std::vector<std::int64_t>& chats)
      : options_{options}, target_{target}, chats_{chats} {}

  Round saturate();
  Round at_a_rate();

 private:
  HttpRequest next(std::int64_t stamp_ns);
  template <class Send>
  Round watch(Send send);

  const Options& options_;
  const Target& target_;
  const std::vector<std::int64_t>& chats_;
  EventLoop loop_;
  std::vector<double> latencies_;  // ms until the 201
  std::size_t answered_ = 0;
  std::size_t refused_ = 0;
};

HttpRequest Posts::next(std::int64_t stamp_ns) {
  static std::size_t sent = 0;
  ++sent;
  const auto chat = sent * 7 % chats_.size();
  const ordered_json body{
      {"content", "A message as long as most of them, I think. " + stamp_of(stamp_ns)},
      {"idempotency_key", fmt::format("00000000-0000-4000-8000-{:012x}", sent)}};
  return {"POST", fmt::format("/api/chat/{}/messages", chats_[chat]), body.dump(),
          target_.tokens[chat]};
}

// Measures while `send` runs; afterwards every event must arrive.
template <class Send>
Round Posts::watch(Send send) {
  auto& notes = target_.crowd->notes();
  const auto frames = notes.frames.load();
  notes.age.clear();
  const auto server = processor_seconds(target_.server);
  const auto notify = processor_seconds(target_.notify);
  const auto generator = processor_seconds(getpid());
  const auto began = Clock::now();
  send();
  const auto took = Seconds{Clock::now() - began}.count();
  const auto generated = processor_seconds(getpid()) - generator;
  if (refused_ > 0) throw std::runtime_error{"posts were refused"};
  if (!target_.crowd->wait_for_frames(frames + answered_ * group, std::chrono::seconds{60})) {
    throw std::runtime_error{"events did not arrive within 60 s"};
  }
  const auto count = static_cast<double>(answered_);
  const auto answered = spread_of(latencies_);
  return {count / took,
          answered.p50,
          answered.p99,
          notes.age.milliseconds_at(0.5),
          notes.age.milliseconds_at(0.99),
          (processor_seconds(target_.server) - server) * 1e6 / count,
          (processor_seconds(target_.notify) - notify) * 1e6 / count,
          generated / took};
}

Round Posts::saturate() {
  const ClosedLoop::Next stamped = [this](std::size_t) { return next(now_ns()); };
  ClosedLoop load{loop_, target_.post_port, "-", options_.connections, stamped, 201};
  return watch([&] {
    load.start();
    loop_.run_until(Clock::now() +
                    std::chrono::duration_cast<Clock::duration>(Seconds{options_.seconds}));
    load.finish();
    latencies_ = load.take_latencies();
    answered_ = load.answered();
    refused_ = load.refused();
  });
}

// Each post is due at a random moment of its slot; its latency counts from there, however late it
// is sent.
Round Posts::at_a_rate() {
  std::deque<HttpConnection> connections;
  const auto note = [this](const Answer& answer) {
    ++answered_;
    if (answer.status != 201) ++refused_;
    latencies_.push_back(milliseconds(answer.arrived - answer.began));
  };
  for (std::size_t i = 0; i < options_.connections; ++i) {
    connections.emplace_back(loop_, target_.post_port, "-", note);
  }
  std::mt19937 random{1};
  std::uniform_real_distribution<double> within_slot{0, 1};
  const auto count = static_cast<std::size_t>(options_.rate * options_.seconds);
  return watch([&] {
    const auto begin = Clock::now();
    const auto begin_ns = now_ns();
    std::size_t turn = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Seconds offset{(static_cast<double>(i) + within_slot(random)) / options_.rate};
      const auto wait = std::chrono::duration_cast<Clock::duration>(offset);
      loop_.run_until(begin + wait);
      const auto is_free = [&] { return !connections[turn % connections.size()].busy(); };
      for (std::size_t tried = 0; !is_free() && tried < connections.size(); ++tried) ++turn;
      loop_.run_until(is_free, std::chrono::seconds{10});
      connections[turn++ % connections.size()].send(next(begin_ns + wait.count()));
    }
    if (!loop_.run_until([&] { return answered_ == count; }, std::chrono::seconds{10})) {
      throw std::runtime_error{"posts were not answered within 10 s"};
    }
  });
}

struct Figures {
  InTurns<Round> saturated;
  InTurns<Round> at_rate;
};

class Chain {
 public:
  explicit Chain(const Options& options)
      : options_{options},
        stage_{0, stage_options(options)},
        people_{stage_.owner_url(), stage_.private_key(), options.chats * group},
        chats_{people_.make_groups(options.chats, group)} {}

  Figures measure();
  void print_statements() const { bench::print_statements(stage_.owner_url()); }

 private:
  static StageOptions stage_options(const Options& of) {
    StageOptions options;
    options.counts_statements = of.statements;
    options.notify = {{"FECHATTER_EVENTS__HEARTBEAT_SECONDS", "3600"}};
    return options;
  }
  BareChain bare_chain();
  Target target_of_ours(Crowd& crowd) const;
  Target target_of_bare(Crowd& crowd, const BareChain& bare) const;
  std::vector<std::string> requests(bool bare) const;

  const Options options_;
  Stage stage_;
  People people_;
  std::vector<std::int64_t> chats_;
};

BareChain Chain::bare_chain() {
  return {
      stage_.database_url(), stage_.system().nats.url(), people_.workspace(), chats_.front(), group,
      test::free_port(),     test::free_port()};
}

std::vector<std::string> Chain::requests(bool bare) const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < people_.size(); ++i) {
    all.push_back(bare ? bare_stream_request(i) : stream_request(people_.token(i)));
  }
  return all;
}

Target Chain::target_of_ours(Crowd& crowd) const {
  Target target{stage_.server_port(), stage_.server_process(), stage_.notify_process(), {}, &crowd};
  for (std::size_t i = 0; i < chats_.size(); ++i) target.tokens.push_back(people_.token(i * group));
  return target;
}

Target Chain::target_of_bare(Crowd& crowd, const BareChain& bare) const {
  Target target{bare.post_port, 0, 0, {}, &crowd};
  for (std::size_t i = 0; i < chats_.size(); ++i) {
    target.tokens.push_back(std::to_string(people_.id(i * group)));
  }
  return target;
}

Figures Chain::measure() {
  // The NewChat events of all chats are published before the streams open.
  const auto bare = bare_chain();
  const Child notify{[&bare] { run_bare_notify(bare); }};
  const Child api{[&bare] { run_bare_api(bare); }};
  test::eventually([&] { return false; }, std::chrono::seconds{1});
  Crowd bare_crowd{{bare.stream_port, requests(true), 100, true, false}};
  Crowd our_crowd{{stage_.notify_port(), requests(false), 100, true, false}};
  bare_crowd.wait_until_open(std::chrono::seconds{60});
  our_crowd.wait_until_open(std::chrono::seconds{60});
  const auto ours = target_of_ours(our_crowd);
  auto theirs = target_of_bare(bare_crowd, bare);
  theirs.server = api.pid();
  theirs.notify = notify.pid();
  const auto both = [&](Round (Posts::*post)()) {
    return in_turns(
        options_.rounds,
        [&] {
          return (Posts{options_, ours, chats_}.*post)();
        },
        [&] {
          return (Posts{options_, theirs, chats_}.*post)();
        });
  };
  Posts{options_, ours, chats_}.at_a_rate();  // warm-up
  Posts{options_, theirs, chats_}.at_a_rate();
  return {both(&Posts::saturate), both(&Posts::at_a_rate)};
}

ordered_json json_of(const InTurns<Round>& figures) {
  ordered_json line;
  const std::pair<const char*, double Round::*> all[] = {
      {"posts_per_second", &Round::posts_per_second},
      {"answered_p50_ms", &Round::answered_p50_ms},
      {"answered_p99_ms", &Round::answered_p99_ms},
      {"seen_p50_ms", &Round::seen_p50_ms},
      {"seen_p99_ms", &Round::seen_p99_ms},
      {"server_cpu_us_per_post", &Round::server_us},
      {"notify_cpu_us_per_post", &Round::notify_us},
      {"generator_core_share", &Round::generator_share}};
  for (const auto& [name, figure] : all) {
    line[name] = rounded(figures.our(figure));
    line[std::string{"bare_"} + name] = rounded(figures.its(figure));
  }
  return line;
}

void report(const Options& options, const Figures& figures) {
  std::vector<Row> rows{{"POST -> 5 streams", "posts/s", "201 p50 ms", "201 p99", "seen p50",
                         "seen p99", "server CPU us", "notify CPU us"}};
  const auto add = [&](const std::string& name, const InTurns<Round>& turns, bool ours) {
    const auto text = [&](double Round::*figure, int decimals) {
      return fmt::format("{:.{}f}", ours ? turns.our(figure) : turns.its(figure), decimals);
    };
    rows.push_back({name, text(&Round::posts_per_second, 0), text(&Round::answered_p50_ms, 2),
                    text(&Round::answered_p99_ms, 2), text(&Round::seen_p50_ms, 2),
                    text(&Round::seen_p99_ms, 2), text(&Round::server_us, 1),
                    text(&Round::notify_us, 1)});
  };
  add(fmt::format("{} connections", options.connections), figures.saturated, true);
  add("the same, bare", figures.saturated, false);
  add(fmt::format("{:.0f}/s", options.rate), figures.at_rate, true);
  add("the same, bare", figures.at_rate, false);
  print_table(rows);
  const auto ratio = figures.saturated.ratio(&Round::posts_per_second);
  const auto p50 = figures.at_rate.ratio(&Round::seen_p50_ms);
  const auto p99 = figures.at_rate.ratio(&Round::seen_p99_ms);
  fmt::print(
      "\n{} streams. {:.2f} of the bare chain (expected 0.6); seen in {:.2f} and {:.2f} "
      "times its p50 and p99 (expected 2).\n\n",
      options.chats * group, ratio, p50, p99);
  print_json("chain", {{"streams", options.chats * group},
                       {"rounds", options.rounds},
                       {"ratio", rounded(ratio)},
                       {"seen_p50_ratio", rounded(p50)},
                       {"seen_p99_ratio", rounded(p99)},
                       {"saturated", json_of(figures.saturated)},
                       {"at_rate", json_of(figures.at_rate)}});
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: from POST to five of many streams"};
  arguments.add_option("--chats", options.chats, "chats of five people with one stream each")
      ->check(CLI::Range(10, 3500));
  arguments.add_option("--connections", options.connections, "connections that post")
      ->check(CLI::Range(1, 1000));
  arguments.add_option("--rate", options.rate, "posts a second")->check(CLI::Range(1.0, 5000.0));
  arguments.add_option("--seconds", options.seconds, "seconds of a round")
      ->check(CLI::Range(0.5, 60.0));
  arguments.add_option("--rounds", options.rounds, "rounds of each side")->check(CLI::Range(1, 20));
  arguments.add_flag("--quick", options.quick, "one short round, fewer streams");
  arguments.add_flag("--statements", options.statements, "print what PostgreSQL spent its time on");
  CLI11_PARSE(arguments, argc, argv);
  if (options.quick) {
    options.chats = 100;
    options.seconds = 2;
    options.rounds = 1;
  }
  warn_of_circumstances();
  Chain chain{options};
  report(options, chain.measure());
  if (options.statements) chain.print_statements();
  return 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
