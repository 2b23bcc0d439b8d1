#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/closed_loop.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"
#include "fechatter_core/postgres/connection.hpp"

// The cost of a read, in processor time of all processes together, and of the unread counts.
namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::vector<std::size_t> chats{64, 10'000};
  std::size_t connections = 32;
  double seconds = 10;  // of each row
};

constexpr std::chrono::seconds warm_up{2};
constexpr std::size_t counted_chats = 500;
constexpr double counts_seconds_max = 3;

struct Figures {
  std::string request;
  double per_second = 0;
  Spread latency;
  double processor_us = 0;  // of all processes but this one, for each request
  double events = 0;        // MessageRead, for each request
  std::size_t refused = 0;
};

// Processor time of the whole machine so far, interrupts included.
double machine_seconds() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, wait = 0, interrupts = 0, soft_interrupts = 0;
  file >> name >> user >> nice >> system >> idle >> wait >> interrupts >> soft_interrupts;
  return (user + nice + system + interrupts + soft_interrupts) /
         static_cast<double>(sysconf(_SC_CLK_TCK));
}

// The first person's groups of five, with a million messages each as far as the numbers say.
std::vector<std::int64_t> make_chats(postgres::Connection& owner, const Stage& stage,
                                     std::size_t count) {
  std::string ids;
  for (const auto& person : stage.people()) ids += fmt::format(",{}", person.id());
  const auto rows = owner.run_script(fmt::format(
      "CREATE TEMPORARY TABLE made AS SELECT (create_chat(u.workspace_id, u.id, 'group',"
      " 'chat ' || i, '', ARRAY[{}]::bigint[])).made AS id"
      " FROM users u, generate_series(1, {}) i WHERE u.id = {};"
      "UPDATE chats SET last_seq = 1000000 WHERE id IN (SELECT id FROM made);"
      "ANALYZE chats; ANALYZE chat_members;"
      "SELECT id FROM made ORDER BY id",
      ids.substr(1), count, stage.people().front().id()));
  owner.run_script("DROP TABLE made");
  std::vector<std::int64_t> chats;
  for (const auto& row : rows) chats.push_back(row[0].as<std::int64_t>());
  return chats;
}

// Measures one row after the other. One thread.
class Measurement {
 public:
  Measurement(const Options& options, const Stage& stage)
      : options_{options}, stage_{stage}, owner_{stage.owner_url()} {}

  Figures measure_reads(std::size_t chats);
  Figures measure_counts();

 private:
  Figures measure(const std::string& request, const ClosedLoop::Next& next, double seconds);
  // Returns what the machine did by itself in that time, once all events are published.
  double wait_idle(double seconds);
  std::int64_t events();

  const Options& options_;
  const Stage& stage_;
  postgres::Connection owner_;
  EventLoop loop_;
};

Figures Measurement::measure_reads(std::size_t count) {
  const auto chats = make_chats(owner_, stage_, count);
  std::size_t sent = 0;
  const auto next = [&](std::size_t) -> HttpRequest {
    const auto chat = chats[sent % chats.size()];
    const auto seq = 1 + sent++ / chats.size();
    return {"POST", fmt::format("/api/chat/{}/read", chat), fmt::format("{{\"seq\":{}}}", seq)};
  };
  return measure(fmt::format("read, {} chats in turn", count), next, options_.seconds);
}

// 1,000 unread, 50 tombstones and 50 own messages in each chat.
Figures Measurement::measure_counts() {
  owner_.run_script("DELETE FROM chat_members; DELETE FROM chats");
  make_chats(owner_, stage_, counted_chats);
  owner_.run_script(fmt::format(
      "UPDATE chats SET last_seq = 1100, last_excluded_seq = 1100;"
      "UPDATE chat_members SET own_unread = 50 WHERE user_id = {};"
      "INSERT INTO unread_exclusions (chat_id, page, workspace_id, excluded, seqs)"
      " SELECT id, 0, workspace_id, 50,"
      " (SELECT bit_or(set_bit(B'0'::bit(4096), s, 1)) FROM generate_series(22, 1100, 22) s)"
      " FROM chats;"
      "ANALYZE chats; ANALYZE chat_members; ANALYZE unread_exclusions",
      stage_.people().front().id()));
  const auto next = [](std::size_t) -> HttpRequest { return {"GET", "/api/unread-counts", {}}; };
  return measure(fmt::format("unread counts of {} chats", counted_chats), next,
                 std::min(options_.seconds, counts_seconds_max));
}

// What the machine does by itself meanwhile is subtracted.
Figures Measurement::measure(const std::string& request, const ClosedLoop::Next& next,
                             double seconds) {
  const auto idle = wait_idle(seconds);
  ClosedLoop load{
      loop_, stage_.server_port(), stage_.people().front().token(), options_.connections, next,
      200};
  load.start();
  loop_.run_until(Clock::now() + warm_up);
  load.take_latencies();
  const auto events_before = events();
  const auto began = Clock::now();
  const auto machine = machine_seconds();
  const auto generator = processor_seconds(getpid());
  loop_.run_until(began + std::chrono::duration_cast<Clock::duration>(Seconds{seconds}));
  const auto latencies = load.take_latencies();
  const auto took = Seconds{Clock::now() - began}.count();
  const auto used = machine_seconds() - machine - (processor_seconds(getpid()) - generator) - idle;
  const auto count = static_cast<double>(latencies.size());
  const auto emitted = static_cast<double>(events() - events_before);
  load.finish();
  return {request,         count / took,  spread_of(latencies), used * 1e6 / count,
          emitted / count, load.refused()};
}

double Measurement::wait_idle(double seconds) {
  const auto unpublished = "SELECT count(*) FROM outbox WHERE stream_seq IS NULL";
  while (owner_.run_script(unpublished)[0][0].as<std::int64_t>() > 0) {
    loop_.run_until(Clock::now() + std::chrono::milliseconds{100});
  }
  const auto before = machine_seconds() - processor_seconds(getpid());
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds{seconds});
  loop_.run_until(end);
  return machine_seconds() - processor_seconds(getpid()) - before;
}

std::int64_t Measurement::events() {
  return owner_.run_script("SELECT last_value FROM outbox_id_seq")[0][0].as<std::int64_t>();
}

std::size_t report(const Options& options, const std::vector<Figures>& figures) {
  std::vector<Row> rows{{"request", "requests/s", "p50 ms", "p99 ms", "CPU us", "events"}};
  auto lines = ordered_json::array();
  std::size_t refused = 0;
  for (const auto& row : figures) {
    rows.push_back({row.request, fmt::format("{:.0f}", row.per_second),
                    fmt::format("{:.2f}", row.latency.p50), fmt::format("{:.2f}", row.latency.p99),
                    fmt::format("{:.0f}", row.processor_us), fmt::format("{:.3f}", row.events)});
    lines.push_back({{"request", row.request},
                     {"requests_per_second", rounded(row.per_second)},
                     {"p50_ms", rounded(row.latency.p50)},
                     {"p99_ms", rounded(row.latency.p99)},
                     {"cpu_us_per_request", rounded(row.processor_us)},
                     {"events_per_request", rounded(row.events)},
                     {"refused", row.refused}});
    refused += row.refused;
  }
  print_table(rows);
  fmt::print("\nCPU is that of all processes but this one, for each request.\n\n");
  print_json("reads", {{"seconds", options.seconds}, {"rows", lines}});
  return refused;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: what a read costs"};
  arguments.add_option("--chats", options.chats, "numbers of chats that are read in turn")
      ->delimiter(',')
      ->check(CLI::Range(1, 100'000));
  arguments.add_option("--connections", options.connections, "concurrent requests")
      ->check(CLI::Range(1, 1000));
  arguments.add_option("--seconds", options.seconds, "seconds of each row")
      ->check(CLI::Range(0.5, 600.0));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  const Stage stage{5};
  Measurement measurement{options, stage};
  std::vector<Figures> figures;
  for (const auto chats : options.chats) figures.push_back(measurement.measure_reads(chats));
  figures.push_back(measurement.measure_counts());
  const auto refused = report(options, figures);
  if (refused > 0) fmt::print(stderr, "\n{} requests were refused\n", refused);
  return refused > 0 ? 1 : 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
