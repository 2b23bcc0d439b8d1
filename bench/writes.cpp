#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/closed_loop.hpp"
#include "bench/crowd.hpp"
#include "bench/people.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"
#include "bench/write_sides.hpp"

// Writing messages: the repository's queue beside plain group commit and pgbench, and over HTTP
// until the 201 and until the delivery.
namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::size_t writers = 1;
  std::vector<std::size_t> waiting{64, 256};
  std::size_t chats = 50;
  double seconds = 3;
  std::size_t rounds = 3;
  bool quick = false;
};

constexpr std::size_t hot_members = 250;
constexpr std::size_t members = 5;  // other members, each with a stream

struct HttpFigures {
  double per_second = 0;
  Spread answered;
  double seen_p50_ms = 0;
  double seen_p99_ms = 0;
};

struct Rows {
  std::string name;
  std::size_t waiting = 0;
  InTurns<WriteRound> queue;
  double pgbench = 0;
  HttpFigures http;
};

class Writes {
 public:
  explicit Writes(const Options& options)
      : options_{options},
        stage_{0},
        people_{stage_.owner_url(), stage_.private_key(), hot_members} {
    hot_.push_back(people_.make_channel("hot", hot_members));
    for (std::size_t i = 0; i < options.chats; ++i) {
      many_.push_back(people_.make_channel(fmt::format("chat {}", i), members));
    }
  }

  std::vector<Rows> measure();

 private:
  Load load_of(const std::vector<std::int64_t>& chats, std::size_t waiting) const;
  HttpFigures over_http(const std::vector<std::int64_t>& chats, std::size_t connections);

  const Options options_;
  Stage stage_;
  People people_;
  std::vector<std::int64_t> hot_;
  std::vector<std::int64_t> many_;
  std::size_t sent_ = 0;
};

Load Writes::load_of(const std::vector<std::int64_t>& chats, std::size_t waiting) const {
  Load load;
  load.database_url = stage_.database_url();
  load.workspace = people_.workspace();
  load.chats = chats;
  load.first_member = people_.id(0);
  load.members = static_cast<std::int64_t>(chats.size() == 1 ? hot_members : members);
  load.waiting = waiting;
  load.writers = options_.writers;
  return load;
}

// HTTP first: afterwards the servers are stopped, so that no relay competes with the queue.
std::vector<Rows> Writes::measure() {
  std::vector<Rows> rows;
  for (const auto* chats : {&hot_, &many_}) {
    for (const auto waiting : options_.waiting) {
      Rows row;
      row.name = chats == &hot_ ? "one hot chat" : fmt::format("{} chats", chats->size());
      row.waiting = waiting;
      row.http = over_http(*chats, waiting);
      rows.push_back(std::move(row));
    }
  }
  stage_.system().notify.stop();
  stage_.system().server.stop();
  for (auto& row : rows) {
    const auto load = load_of(row.name == "one hot chat" ? hot_ : many_, row.waiting);
    row.queue = in_turns(
        options_.rounds, [&] { return append_for(load, options_.seconds); },
        [&] { return group_commit_for(load, options_.seconds); });
    row.pgbench = pgbench_for(load, std::min<std::size_t>(row.waiting, 64), options_.seconds);
    check_not_stopped();
  }
  return rows;
}

HttpFigures Writes::over_http(const std::vector<std::int64_t>& chats, std::size_t connections) {
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < members; ++i) requests.push_back(stream_request(people_.token(i)));
  Crowd crowd{{stage_.notify_port(), requests, 100, true, false}};
  crowd.wait_until_open(std::chrono::seconds{10});
  EventLoop loop;
  const ClosedLoop::Next next = [&](std::size_t i) -> HttpRequest {
    const ordered_json body{
        {"content", "A message as long as most of them, I think. " + stamp_of(now_ns())},
        {"idempotency_key", fmt::format("00000000-0000-4000-9000-{:012x}", ++sent_)}};
    return {"POST", fmt::format("/api/chat/{}/messages", chats[i % chats.size()]), body.dump()};
  };
  ClosedLoop posts{loop, stage_.server_port(), people_.token(0), connections, next, 201};
  posts.start();
  loop.run_until(Clock::now() + std::chrono::seconds{1});
  posts.take_latencies();
  crowd.notes().age.clear();
  const auto began = Clock::now();
  loop.run_until(began + std::chrono::duration_cast<Clock::duration>(Seconds{options_.seconds}));
  const auto latencies = posts.take_latencies();
  const auto took = Seconds{Clock::now() - began}.count();
  posts.finish();
  if (posts.refused() > 0) throw std::runtime_error{"messages were refused"};
  if (!crowd.wait_for_frames(posts.answered() * members, std::chrono::seconds{60})) {
    throw std::runtime_error{"messages were not seen within 60 s"};
  }
  const auto& age = crowd.notes().age;
  return {static_cast<double>(latencies.size()) / took, spread_of(latencies),
          age.milliseconds_at(0.5), age.milliseconds_at(0.99)};
}

void report_queue(const std::vector<Rows>& rows, ordered_json& lines) {
  std::vector<Row> table{{"rows/s, in-process", "waiting", "queue", "group commit", "ratio",
                          "p50 ms", "p99 ms", "bare p99", "pgbench"}};
  for (const auto& row : rows) {
    const auto rate = &WriteRound::rows_per_second;
    table.push_back(
        {row.name, std::to_string(row.waiting), fmt::format("{:.0f}", row.queue.our(rate)),
         fmt::format("{:.0f}", row.queue.its(rate)), fmt::format("{:.2f}", row.queue.ratio(rate)),
         fmt::format("{:.2f}", row.queue.our(&WriteRound::p50_ms)),
         fmt::format("{:.2f}", row.queue.our(&WriteRound::p99_ms)),
         fmt::format("{:.2f}", row.queue.its(&WriteRound::p99_ms)),
         fmt::format("{:.0f}", row.pgbench)});
    lines.push_back({{"chats", row.name},
                     {"waiting", row.waiting},
                     {"rows_per_second", rounded(row.queue.our(rate))},
                     {"group_commit_rows_per_second", rounded(row.queue.its(rate))},
                     {"ratio", rounded(row.queue.ratio(rate))},
                     {"p50_ms", rounded(row.queue.our(&WriteRound::p50_ms))},
                     {"p99_ms", rounded(row.queue.our(&WriteRound::p99_ms))},
                     {"group_commit_p99_ms", rounded(row.queue.its(&WriteRound::p99_ms))},
                     {"pgbench_per_second", rounded(row.pgbench)}});
  }
  print_table(table);
}

void report_http(const std::vector<Rows>& rows, ordered_json& lines) {
  std::vector<Row> table{{"messages/s, over HTTP", "connections", "acknowledged/s", "201 p50 ms",
                          "201 p99 ms", "seen p50 ms", "seen p99 ms"}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& http = rows[i].http;
    table.push_back(
        {rows[i].name, std::to_string(rows[i].waiting), fmt::format("{:.0f}", http.per_second),
         fmt::format("{:.1f}", http.answered.p50), fmt::format("{:.1f}", http.answered.p99),
         fmt::format("{:.1f}", http.seen_p50_ms), fmt::format("{:.1f}", http.seen_p99_ms)});
    lines[i].update({{"http_acknowledged_per_second", rounded(http.per_second)},
                     {"http_201_p50_ms", rounded(http.answered.p50)},
                     {"http_201_p99_ms", rounded(http.answered.p99)},
                     {"http_seen_p50_ms", rounded(http.seen_p50_ms)},
                     {"http_seen_p99_ms", rounded(http.seen_p99_ms)}});
  }
  print_table(table);
}

void report(const Options& options, const std::vector<Rows>& rows) {
  auto lines = ordered_json::array();
  report_queue(rows, lines);
  fmt::print("\n");
  report_http(rows, lines);
  const auto rate = &WriteRound::rows_per_second;
  auto hot = ordered_json::array();
  const auto kinds = rows.size() / 2;
  for (std::size_t i = 0; i < kinds; ++i) {
    const auto ratio = rows[i].queue.our(rate) / rows[i + kinds].queue.our(rate);
    hot.push_back(rounded(ratio));
    fmt::print("{}{} waiting: one hot chat has {:.2f} of {} chats", i == 0 ? "\n" : "; ",
               rows[i].waiting, ratio, options.chats);
  }
  fmt::print(". Expected: 0.7 of group commit, and 0.8 of many chats.\n\n");
  print_json("writes", {{"rounds", options.rounds},
                        {"seconds", options.seconds},
                        {"hot_of_many", hot},
                        {"rows", lines}});
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: messages into the database"};
  arguments.add_option("--waiting", options.waiting, "sends that wait at any time, each a row")
      ->delimiter(',')
      ->check(CLI::Range(2, 2000));
  arguments.add_option("--chats", options.chats, "beside the hot one")->check(CLI::Range(2, 1000));
  arguments
      .add_option("--writers", options.writers, "connections, of the queue and of group commit")
      ->check(CLI::Range(1, 16));
  arguments.add_option("--seconds", options.seconds, "of a round")->check(CLI::Range(0.5, 60.0));
  arguments.add_option("--rounds", options.rounds, "of each side")->check(CLI::Range(1, 20));
  arguments.add_flag("--quick", options.quick, "one short round");
  CLI11_PARSE(arguments, argc, argv);
  if (options.quick) {
    options.waiting = {64};
    options.seconds = 1;
    options.rounds = 1;
  }
  warn_of_circumstances();
  report(options, Writes{options}.measure());
  return 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
