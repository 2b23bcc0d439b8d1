#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "bench/archive.hpp"
#include "bench/closed_loop.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"
#include "tests/support/scrape.hpp"
#include "tests/support/scripted_server.hpp"

// What it costs to see everything: messages by connections that send one after the other, with five
// streams for each chat, on a system that says nothing, and on one that is scraped each second,
// logs each request as JSON and exports a tenth of the traces. In turns.
namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;

struct Options {
  std::size_t rounds = 10;  // of each side
  double seconds = 4;       // of each round
  std::size_t connections = 16;
  std::vector<std::string> parts{"metrics", "logs", "traces"};  // of what is observed

  bool has(const std::string& part) const { return std::ranges::count(parts, part) > 0; }
};

constexpr std::size_t people = 6;
constexpr std::size_t chats = 16;
constexpr std::chrono::seconds warm_up{1};

struct Round {
  double per_second = 0;
  double p50 = 0;
  double processor_us = 0;  // of both servers, for each message
};

test::Environment observed(const Options& options, const std::string& collector) {
  test::Environment environment;
  if (options.has("logs")) {
    environment.insert({{"FECHATTER_LOG__FORMAT", "json"}, {"FECHATTER_LOG__REQUESTS", "true"}});
  }
  if (options.has("traces")) {
    environment.insert({{"OTEL_EXPORTER_OTLP_ENDPOINT", collector},
                        {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                        {"OTEL_TRACES_SAMPLER_ARG", "0.1"}});
  }
  return environment;
}

StageOptions with(const test::Environment& environment) {
  return {environment, environment, false};
}

// One system with its load.
class Side {
 public:
  Side(const Options& options, const test::Environment& environment)
      : options_{options}, stage_{people, with(environment)}, archive_{stage_, chats, 0} {
    for (const auto& person : stage_.people()) {
      streams_.emplace_back(loop_, stage_.notify_port(), person.token(), [](const StreamEvent&) {});
    }
    for (const auto& stream : streams_) {
      loop_.run_until([&stream] { return stream.caught_up(); }, std::chrono::seconds{10});
    }
  }

  Round measure() {
    const auto next = [this](std::size_t connection) { return archive_.send_message(connection); };
    ClosedLoop load{
        loop_, stage_.server_port(), stage_.people().front().token(), options_.connections, next,
        201};
    load.start();
    loop_.run_until(Clock::now() + warm_up);
    load.take_latencies();
    const auto began = Clock::now();
    const auto before = processor();
    loop_.run_until(began + std::chrono::duration_cast<Clock::duration>(Seconds{options_.seconds}));
    const auto latencies = load.take_latencies();
    const auto took = Seconds{Clock::now() - began}.count();
    const auto used = processor() - before;
    load.finish();
    refused_ += load.refused();
    const auto count = static_cast<double>(latencies.size());
    return {count / took, spread_of(latencies).p50, used * 1e6 / count};
  }

  std::size_t refused() const { return refused_; }
  test::System& system() { return stage_.system(); }

 private:
  double processor() {
    return processor_seconds(system().server.pid()) + processor_seconds(system().notify.pid());
  }

  const Options options_;
  Stage stage_;
  Archive archive_;
  EventLoop loop_;
  std::deque<SseClient> streams_;
  std::size_t refused_ = 0;
};

// Scrapes both servers of a system each second.
class Scraper {
 public:
  explicit Scraper(test::System& system)
      : thread_{[this, &system] {
          while (!ended_) {
            test::scrape(system.server.admin_port());
            test::scrape(system.notify.admin_port());
            std::this_thread::sleep_for(std::chrono::seconds{1});
          }
        }} {}
  ~Scraper() {
    ended_ = true;
    thread_.join();
  }
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;

 private:
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

Row row_of(const std::string& name, double per_second, double p50, double processor) {
  return {name, fmt::format("{:.0f}", per_second), fmt::format("{:.2f}", p50),
          fmt::format("{:.0f}", processor)};
}

int report(const Options& options, const InTurns<Round>& rounds, std::size_t refused,
           double exported, double dropped) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rounds.ours.size(); ++i) {
    ratios.push_back(rounds.ours[i].per_second / rounds.bare[i].per_second);
  }
  std::sort(ratios.begin(), ratios.end());
  print_table({{"", "messages/s", "p50 ms", "CPU us/message"},
               row_of("observed", rounds.our(&Round::per_second), rounds.our(&Round::p50),
                      rounds.our(&Round::processor_us)),
               row_of("silent", rounds.its(&Round::per_second), rounds.its(&Round::p50),
                      rounds.its(&Round::processor_us))});
  fmt::print("\nmessages/s, observed / silent: median {:.3f}, {:.3f} to {:.3f} (expected > 0.95)\n",
             median(ratios), ratios.front(), ratios.back());
  fmt::print("spans exported {:.0f}, dropped {:.0f}\n\n", exported, dropped);
  print_json("telemetry", {{"rounds", options.rounds},
                           {"connections", options.connections},
                           {"ratio", rounded(median(ratios))},
                           {"ratio_min", rounded(ratios.front())},
                           {"ratio_max", rounded(ratios.back())},
                           {"cpu_ratio", rounded(rounds.ratio(&Round::processor_us))},
                           {"spans_exported", exported},
                           {"spans_dropped", dropped},
                           {"refused", refused}});
  return refused == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: the cost of metrics, logs of requests and traces"};
  arguments.add_option("--rounds", options.rounds, "of each side")->check(CLI::Range(1, 100));
  arguments.add_option("--seconds", options.seconds, "of each round")->check(CLI::Range(1, 60));
  arguments.add_option("--connections", options.connections, "that send")
      ->check(CLI::Range(1, 256));
  arguments.add_option("--parts", options.parts, "metrics, logs, traces: separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"metrics", "logs", "traces"}));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  const test::ScriptedServer collector{
      [](const auto&) { return test::response_of("200 OK", "{}"); }};
  Side seen{options, observed(options, collector.url())};
  Side silent{options, {}};
  std::optional<Scraper> scraper;
  if (options.has("metrics")) scraper.emplace(seen.system());
  const auto rounds = in_turns(
      options.rounds, [&] { return seen.measure(); }, [&] { return silent.measure(); });
  double exported = 0;
  double dropped = 0;
  for (const auto port : {seen.system().server.admin_port(), seen.system().notify.admin_port()}) {
    const auto metrics = test::scrape(port);
    exported += metrics.value("fechatter_trace_spans_exported_total");
    dropped += metrics.value("fechatter_trace_spans_dropped_total");
  }
  return report(options, rounds, seen.refused() + silent.refused(), exported, dropped);
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
