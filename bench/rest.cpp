#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/archive.hpp"
#include "bench/closed_loop.hpp"
#include "bench/page_rounds.hpp"
#include "bench/report.hpp"
#include "bench/sign_in_rounds.hpp"
#include "bench/stage.hpp"
#include "bench/statements.hpp"

// The cost of requests (list of many chats, page of messages, sending), the effect of sign-ins on
// sending, and that of reactions, answers and files on a page.
namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::size_t people = 20;
  std::size_t chats = 200;
  std::size_t messages = 60;  // in the chat that is read
  std::vector<std::size_t> connections{1, 16, 64};
  double seconds = 10;  // of each row
  bool table = true;
  SignInOptions sign_in;
  PageOptions page;
};

constexpr std::chrono::seconds warm_up{1};

// Password hashing at production strength.
StageOptions stage_options() {
  return {{{"FECHATTER_AUTH__PASSWORD_MEMORY_KIB", "19456"},
           {"FECHATTER_AUTH__PASSWORD_ITERATIONS", "2"}},
          {},
          true};
}

struct Figures {
  std::string request;
  std::size_t connections = 0;
  double per_second = 0;
  Spread latency;
  double processor_ms = 0;  // of fechatter_server, per request
  double statements = 0;    // per request
  double generator_share = 0;
  std::size_t refused = 0;
};

// Measures the table. One thread.
class Table {
 public:
  Table(const Options& options, const Stage& stage, Archive& archive)
      : options_{options}, stage_{stage}, archive_{archive}, statements_{stage.database_url()} {}

  std::vector<Figures> measure();

 private:
  Figures measure_one(const std::string& request, std::size_t connections,
                      const ClosedLoop::Next& next, int expected);

  const Options& options_;
  const Stage& stage_;
  Archive& archive_;
  StatementCount statements_;
  EventLoop loop_;
};

std::vector<Figures> Table::measure() {
  std::vector<Figures> rows;
  const auto add = [&](const std::string& request, const ClosedLoop::Next& next, int expected) {
    for (const auto connections : options_.connections) {
      rows.push_back(measure_one(request, connections, next, expected));
    }
  };
  add(
      fmt::format("GET {} chats", options_.chats),
      [this](std::size_t) { return archive_.list_chats(); }, 200);
  add(
      "GET 50 messages", [this](std::size_t) { return archive_.read_messages(); }, 200);
  add(
      "POST message", [this](std::size_t i) { return archive_.send_message(i); }, 201);
  return rows;
}

Figures Table::measure_one(const std::string& request, std::size_t connections,
                           const ClosedLoop::Next& next, int expected) {
  const auto server = stage_.server_process();
  const auto statements_before = statements_.now();
  ClosedLoop load{loop_,   stage_.server_port(), stage_.people().front().token(), connections, next,
                  expected};
  load.start();
  loop_.run_until(Clock::now() + warm_up);
  load.take_latencies();
  const auto began = Clock::now();
  const auto server_before = processor_seconds(server);
  const auto generator_before = processor_seconds(getpid());
  loop_.run_until(began + std::chrono::duration_cast<Clock::duration>(Seconds{options_.seconds}));
  const auto latencies = load.take_latencies();
  const auto took = Seconds{Clock::now() - began}.count();
  const auto server_took = processor_seconds(server) - server_before;
  const auto generator_took = processor_seconds(getpid()) - generator_before;
  load.finish();
  const auto count = static_cast<double>(latencies.size());
  const auto statements = static_cast<double>(statements_.now() - statements_before);
  return {request,
          connections,
          count / took,
          spread_of(latencies),
          server_took * 1000 / count,
          statements / static_cast<double>(load.answered()),
          generator_took / took,
          load.refused()};
}

std::size_t report(const Options& options, const std::vector<Figures>& figures) {
  std::vector<Row> rows{
      {"request", "connections", "requests/s", "p50 ms", "p99 ms", "CPU ms", "statements"}};
  auto lines = ordered_json::array();
  std::size_t refused = 0;
  for (const auto& row : figures) {
    rows.push_back({row.request, std::to_string(row.connections),
                    fmt::format("{:.0f}", row.per_second), fmt::format("{:.2f}", row.latency.p50),
                    fmt::format("{:.2f}", row.latency.p99), fmt::format("{:.3f}", row.processor_ms),
                    fmt::format("{:.3f}", row.statements)});
    lines.push_back({{"request", row.request},
                     {"connections", row.connections},
                     {"requests_per_second", rounded(row.per_second)},
                     {"p50_ms", rounded(row.latency.p50)},
                     {"p99_ms", rounded(row.latency.p99)},
                     {"server_cpu_ms_per_request", rounded(row.processor_ms)},
                     {"statements_per_request", rounded(row.statements)},
                     {"generator_core_share", rounded(row.generator_share)},
                     {"refused", row.refused}});
    refused += row.refused;
  }
  print_table(rows);
  fmt::print("\nCPU and SQL statements are fechatter_server's, for each request.\n\n");
  print_json("rest", {{"seconds", options.seconds}, {"rows", lines}});
  return refused;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: what a request costs"};
  arguments.add_option("--chats", options.chats, "chats of the requesting user")
      ->check(CLI::Range(1, 1000));
  arguments.add_option("--messages", options.messages, "messages in the chat that is read")
      ->check(CLI::Range(50, 100'000));
  arguments
      .add_option("--connections", options.connections, "numbers of connections; one row for each")
      ->delimiter(',')
      ->check(CLI::Range(1, 1000));
  arguments.add_option("--seconds", options.seconds, "seconds of each row and round")
      ->check(CLI::Range(0.5, 600.0));
  arguments.add_flag("!--no-table", options.table, "only the rounds with and without sign-ins");
  auto& sign_in = options.sign_in;
  arguments.add_option("--rate", sign_in.rate, "messages a second while people sign in")
      ->check(CLI::Range(1.0, 5000.0));
  arguments.add_option("--rounds", sign_in.rounds, "rounds without and with sign-ins; 0: none")
      ->check(CLI::Range(0, 100));
  arguments.add_option("--sign-ins", sign_in.sign_ins, "concurrent sign-ins")
      ->check(CLI::Range(1, 64));
  arguments.add_option("--seed", sign_in.seed, "seed for the moments of sending");
  arguments
      .add_option("--page-rounds", options.page.rounds,
                  "rounds of a page with and without reactions, answers and files; 0: none")
      ->check(CLI::Range(0, 100));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  sign_in.seconds = options.seconds;
  options.page.seconds = options.seconds;
  const Stage stage{options.people, stage_options()};
  Archive archive{stage, options.chats, options.messages};
  std::size_t refused = 0;
  if (options.table) refused += report(options, Table{options, stage, archive}.measure());
  if (options.page.rounds > 0) refused += PageRounds{options.page, stage}.run();
  if (sign_in.rounds > 0) refused += SignInRounds{sign_in, stage, archive}.run();
  if (refused > 0) fmt::print(stderr, "\n{} requests were refused\n", refused);
  return refused > 0 ? 1 : 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
