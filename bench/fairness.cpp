#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/http_streams.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

// How long a message of one workspace takes to its other member's stream, while another workspace
// writes nothing, and while it writes as much as it may.
namespace fechatter::bench {
namespace {

using nlohmann::json;

struct Options {
  double limit = 500;  // rows a second of a workspace, and what the busy one writes
  double rate = 50;    // messages a second of the quiet one
  int seconds = 20;    // of each phase
};

struct Phase {
  Spread seen;  // ms from POST to the stream
  std::size_t lost = 0;
  std::size_t busy_posts = 0;
  std::size_t busy_refused = 0;
};

StageOptions stage_options(const Options& options) {
  const auto limit = std::to_string(static_cast<int>(options.limit));
  return {{{"FECHATTER_LIMITS__WORKSPACE_ROWS_PER_SECOND", limit}}, {}, false};
}

// The two workspaces, on one thread.
class Neighbours {
 public:
  Neighbours(const Options& options, Stage& stage);

  Phase run(bool busy_writes);

 private:
  void post_quietly();
  void post_busily();

  static constexpr std::size_t busy_connections = 64;

  const Options options_;
  const std::int64_t quiet_chat_;
  std::int64_t busy_chat_ = 0;
  EventLoop loop_;
  std::deque<HttpConnection> quiet_;
  std::deque<HttpConnection> busy_;
  std::deque<SseClient> stream_;
  std::map<std::string, Clock::time_point> sent_;  // by text; not seen yet
  std::vector<double> seen_;
  std::size_t texts_ = 0;
  Phase phase_;
};

Neighbours::Neighbours(const Options& options, Stage& stage)
    : options_{options}, quiet_chat_{stage.make_group(0, 3)} {
  const auto busy_person = stage.system().signs_up("busy", "another company");
  busy_chat_ = busy_person.makes_chat("PrivateChannel", {}, "all day");
  for (std::size_t i = 0; i < busy_connections; ++i) {
    busy_.emplace_back(loop_, stage.server_port(), busy_person.token(),
                       [this](const Answer& answer) {
                         ++(answer.status == 201 ? phase_.busy_posts : phase_.busy_refused);
                       });
  }
  for (int i = 0; i < 4; ++i) {
    quiet_.emplace_back(loop_, stage.server_port(), stage.people()[0].token(),
                        [](const Answer&) {});
  }
  stream_.emplace_back(loop_, stage.notify_port(), stage.people()[1].token(),
                       [this](const StreamEvent& event) {
                         if (event.name != "NewMessage") return;
                         const auto found = sent_.find(json::parse(event.data).at("content"));
                         if (found == sent_.end()) return;
                         seen_.push_back(milliseconds(event.arrived - found->second));
                         sent_.erase(found);
                       });
  const auto open = [this] { return stream_.front().caught_up(); };
  if (!loop_.run_until(open, std::chrono::seconds{10})) {
    throw std::runtime_error{"a stream did not open within 10 s"};
  }
}

Phase Neighbours::run(bool busy_writes) {
  phase_ = {};
  seen_.clear();
  const auto begin = Clock::now();
  const auto busy_slots = options_.limit / options_.rate;
  const auto slots = static_cast<std::size_t>(options_.rate * options_.seconds);
  const auto at = [&](double slot) {
    return begin + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>{slot / options_.rate});
  };
  for (std::size_t slot = 0; slot < slots; ++slot) {
    post_quietly();
    for (double part = 1; part <= busy_slots; ++part) {
      if (busy_writes) post_busily();
      loop_.run_until(at(static_cast<double>(slot) + part / busy_slots));
    }
  }
  loop_.run_until([this] { return sent_.empty(); }, std::chrono::seconds{10});
  phase_.lost = sent_.size();
  phase_.seen = spread_of(seen_);
  return phase_;
}

void Neighbours::post_quietly() {
  for (auto& connection : quiet_) {
    if (connection.busy()) continue;
    const auto text = fmt::format("A quiet message, number {}", ++texts_);
    sent_[text] = Clock::now();
    connection.send({"POST", fmt::format("/api/chat/{}/messages", quiet_chat_),
                     json{{"content", text}}.dump()});
    return;
  }
}

void Neighbours::post_busily() {
  for (auto& connection : busy_) {
    if (connection.busy()) continue;
    connection.send({"POST", fmt::format("/api/chat/{}/messages", busy_chat_),
                     json{{"content", "One of very many messages, as long as most."}}.dump()});
    return;
  }
}

Row row_of(const std::string& name, const Phase& phase) {
  return {name,
          fmt::format("{:.2f}", phase.seen.p50),
          fmt::format("{:.2f}", phase.seen.p99),
          fmt::format("{:.2f}", phase.seen.max),
          std::to_string(phase.seen.samples),
          std::to_string(phase.busy_posts),
          std::to_string(phase.busy_refused)};
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: a workspace beside one that writes as much as it may"};
  arguments.add_option("--limit", options.limit, "rows a second of a workspace")
      ->check(CLI::Range(10, 100'000));
  arguments.add_option("--rate", options.rate, "messages a second of the quiet workspace")
      ->check(CLI::Range(1, 500));
  arguments.add_option("--seconds", options.seconds, "seconds of each phase")
      ->check(CLI::Range(1, 600));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  Stage stage{3, stage_options(options)};
  Neighbours neighbours{options, stage};
  const auto alone = neighbours.run(false);
  const auto beside = neighbours.run(true);
  print_table({{"POST -> seen, ms", "p50", "p99", "max", "samples", "busy posts", "refused"},
               row_of("alone", alone),
               row_of("beside a busy workspace", beside)});
  const auto delay = beside.seen.p99 - alone.seen.p99;
  fmt::print("\np99 later by {:.2f} ms (expected < 100)\n\n", delay);
  print_json("fairness", {{"limit", options.limit},
                          {"rate", options.rate},
                          {"alone_p99_ms", rounded(alone.seen.p99)},
                          {"beside_p99_ms", rounded(beside.seen.p99)},
                          {"p99_later_ms", rounded(delay)},
                          {"busy_posts", beside.busy_posts},
                          {"busy_refused", beside.busy_refused},
                          {"lost", alone.lost + beside.lost}});
  return alone.lost + beside.lost == 0 ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
