#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/bare_streams.hpp"
#include "bench/crowd.hpp"
#include "bench/people.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"
#include "bench/statements.hpp"

// Thousands of streams that reconnect: to a notify_server that was killed and restarted, and all at
// once to a running one whose caches are warm.
namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::size_t streams = 5000;         // of the killed server
  std::size_t reconnecting = 18'000;  // at once
  std::size_t rounds = 3;
  bool quick = false;
};

double seconds_between(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e9;
}

struct KillRound {
  double down_s = 0;        // from the kill until the new process answers
  double since_kill_s = 0;  // from the kill until the last CaughtUp
  double since_start_s = 0;
  double statements = 0;
  double refused_attempts = 0;
  double missed = 0;  // deliveries of the message sent meanwhile: missing or duplicate
  double resets = 0;
};

struct ReturnRound {
  double seconds = 0;
  double failed = 0;
  double statements = 0;
};

class Storm {
 public:
  explicit Storm(const Options& options)
      : options_{options},
        stage_{0, stage_options()},
        people_{stage_.owner_url(), stage_.private_key(),
                std::max(options.streams, options.reconnecting)},
        channel_{people_.make_channel("all people", options.streams)},
        statements_{stage_.database_url()} {
    people_.make_groups(options.streams / 5, 5);
    wait_for_the_relay();
  }

  std::vector<KillRound> kill();
  InTurns<ReturnRound> reconnect();

 private:
  static StageOptions stage_options() {
    StageOptions options;
    options.counts_statements = true;
    options.notify = {{"FECHATTER_EVENTS__HEARTBEAT_SECONDS", "3600"},
                      // For a moment, all connections are accepted and not yet streams.
                      {"FECHATTER_HTTP__CONNECTIONS_MAX", "20000"}};
    return options;
  }
  CrowdOptions subscribers(std::size_t count, std::size_t at_once) const;
  void wait_for_the_relay() const;
  KillRound kill_once(Crowd& crowd);
  ReturnRound reconnect_once(Crowd& crowd);

  const Options options_;
  Stage stage_;
  People people_;
  const std::int64_t channel_;
  StatementCount statements_;
};

CrowdOptions Storm::subscribers(std::size_t count, std::size_t at_once) const {
  CrowdOptions options{stage_.notify_port(), {}, at_once, false, true};
  for (std::size_t i = 0; i < count; ++i) {
    options.requests.push_back(stream_request(people_.token(i)));
  }
  return options;
}

// The NewChat events of these chats must be published before any stream opens.
void Storm::wait_for_the_relay() const {
  postgres::Connection connection{stage_.owner_url()};
  const auto is_drained = [&connection] {
    check_not_stopped();
    return connection.run_script("SELECT FROM outbox WHERE stream_seq IS NULL LIMIT 1").empty();
  };
  if (!test::eventually(is_drained, std::chrono::seconds{60})) {
    throw std::runtime_error{"the outbox was not drained within 60 s"};
  }
}

std::vector<KillRound> Storm::kill() {
  Crowd crowd{subscribers(options_.streams, 200)};
  crowd.wait_until_open(std::chrono::seconds{60});
  std::vector<KillRound> rounds;
  for (std::size_t i = 0; i < options_.rounds; ++i) rounds.push_back(kill_once(crowd));
  return rounds;
}

KillRound Storm::kill_once(Crowd& crowd) {
  const auto& notes = crowd.notes();
  const auto statements = statements_.now("chat_members");
  const auto failed = notes.failed.load();
  const auto messages = notes.messages.load();
  const auto resets = notes.resets.load();
  auto& notify = stage_.system().notify;
  const auto killed = now_ns();
  notify.kill();
  stage_.post(people_.token(0), channel_, "While no stream is open.");
  notify.start();
  const auto started = now_ns();
  crowd.wait_until_open(std::chrono::seconds{60});
  const auto last = notes.last_open_ns.load();
  usleep(500'000);  // for duplicates
  const auto delivered = static_cast<double>(notes.messages - messages);
  return {seconds_between(killed, started),
          seconds_between(killed, last),
          seconds_between(started, last),
          static_cast<double>(statements_.now("chat_members") - statements),
          static_cast<double>(notes.failed - failed),
          std::abs(static_cast<double>(crowd.size()) - delivered),
          static_cast<double>(notes.resets - resets)};
}

// The server has verified every token and cached the chats of every user before.
InTurns<ReturnRound> Storm::reconnect() {
  auto options = subscribers(options_.reconnecting, options_.reconnecting);
  const auto port = test::free_port();
  const Child bare{[port] {
    BareStreams streams{port, 5};
    while (true) streams.serve(-1, 1000);
  }};
  CrowdOptions bare_options{port, {}, options.at_once, false, true};
  for (std::size_t i = 0; i < options_.reconnecting; ++i) {
    bare_options.requests.push_back(bare_stream_request(i));
  }
  Crowd ours{options};
  ours.wait_until_open(std::chrono::seconds{60});
  Crowd theirs{bare_options};
  theirs.wait_until_open(std::chrono::seconds{60});
  return in_turns(
      options_.rounds, [&] { return reconnect_once(ours); },
      [&] { return reconnect_once(theirs); });
}

ReturnRound Storm::reconnect_once(Crowd& crowd) {
  const auto failed = crowd.notes().failed.load();
  const auto statements = statements_.now("chat_members");
  const auto began = crowd.reconnect();
  crowd.wait_until_open(std::chrono::seconds{60});
  return {seconds_between(began, crowd.notes().last_open_ns),
          static_cast<double>(crowd.notes().failed - failed),
          static_cast<double>(statements_.now("chat_members") - statements)};
}

bool report_kill(const Options& options, const std::vector<KillRound>& rounds) {
  const auto of = [&](double KillRound::*figure) { return median_of(rounds, figure); };
  double missed = 0;
  for (const auto& round : rounds) missed += round.missed + round.resets;
  print_table(
      {{fmt::format("{} streams, server killed", options.streams), ""},
       {"s, until the new process answers", fmt::format("{:.2f}", of(&KillRound::down_s))},
       {"s, from the kill to the last CaughtUp",
        fmt::format("{:.2f}", of(&KillRound::since_kill_s))},
       {"s, from the start to the last CaughtUp",
        fmt::format("{:.2f}", of(&KillRound::since_start_s))},
       {"statements for their chats", fmt::format("{:.0f}", of(&KillRound::statements))},
       {"attempts during the downtime", fmt::format("{:.0f}", of(&KillRound::refused_attempts))},
       {"missed, duplicate or reset", fmt::format("{:.0f}", missed)}});
  fmt::print("\nClients wait for the time of `retry:`, 1 to 2 s.\n\n");
  print_json("storm_kill", {{"streams", options.streams},
                            {"rounds", options.rounds},
                            {"down_s", rounded(of(&KillRound::down_s))},
                            {"since_kill_s", rounded(of(&KillRound::since_kill_s))},
                            {"since_start_s", rounded(of(&KillRound::since_start_s))},
                            {"statements", of(&KillRound::statements)},
                            {"refused_attempts", of(&KillRound::refused_attempts)},
                            {"missed", missed}});
  return missed == 0;
}

bool report_return(const Options& options, const InTurns<ReturnRound>& figures) {
  const auto row = [&](const std::string& name, double ReturnRound::*figure, int decimals) -> Row {
    return {name, fmt::format("{:.{}f}", figures.our(figure), decimals),
            fmt::format("{:.{}f}", figures.its(figure), decimals)};
  };
  fmt::print("\n");
  print_table({{fmt::format("{} reconnect at once", options.reconnecting), "ours", "bare"},
               row("s, to the last CaughtUp", &ReturnRound::seconds, 2),
               row("attempts that failed", &ReturnRound::failed, 0),
               row("statements for their chats", &ReturnRound::statements, 0)});
  fmt::print("\nMedians of {} rounds. Expected: 2 s, none failed, no statement.\n\n",
             options.rounds);
  print_json("storm_return", {{"streams", options.reconnecting},
                              {"rounds", options.rounds},
                              {"seconds", rounded(figures.our(&ReturnRound::seconds))},
                              {"bare_seconds", rounded(figures.its(&ReturnRound::seconds))},
                              {"failed", figures.our(&ReturnRound::failed)},
                              {"bare_failed", figures.its(&ReturnRound::failed)},
                              {"statements", figures.our(&ReturnRound::statements)}});
  return figures.our(&ReturnRound::failed) == 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: thousands of streams that come back"};
  arguments.add_option("--streams", options.streams, "streams of the killed server")
      ->check(CLI::Range(10, 19'000));
  arguments
      .add_option("--reconnecting", options.reconnecting,
                  "streams that reconnect at once to a running server")
      ->check(CLI::Range(10, 19'000));
  arguments.add_option("--rounds", options.rounds, "rounds of each kind")->check(CLI::Range(1, 20));
  arguments.add_flag("--quick", options.quick, "one round, fewer streams");
  CLI11_PARSE(arguments, argc, argv);
  if (options.quick) {
    options.streams = 500;
    options.reconnecting = 2000;
    options.rounds = 1;
  }
  warn_of_circumstances();
  Storm storm{options};
  const auto kills = storm.kill();
  const auto returns = storm.reconnect();
  const bool all_delivered = report_kill(options, kills);
  return report_return(options, returns) && all_delivered ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
