#include "tests/chaos/run.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/chaos/archive.hpp"
#include "tests/chaos/checker.hpp"
#include "tests/chaos/final_state.hpp"
#include "tests/chaos/nemesis.hpp"
#include "tests/chaos/report.hpp"
#include "tests/chaos/stored_files.hpp"

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// After the last fault; and a second more for each of so many events that were to be published: a
// stream that was lost gets the events of the last hour again.
constexpr seconds drained_within{10};
constexpr std::int64_t published_per_second = 2'000;
constexpr milliseconds round_length{25'000};
constexpr milliseconds quiet_between_rounds{300};
// Each collector works every 5 s, and first marks what it removes later.
constexpr seconds collected_within{60};
// A new system is started after this time: the histories are in memory, access tokens expire, and
// each new epoch republishes all earlier events.
constexpr double minutes_of_a_system = 5;

// One system, from its start to the check of its histories.
class Run {
 public:
  Run(const RunOptions& options, std::string folder, std::function<bool()> stopped)
      : options_{options},
        folder_{std::move(folder)},
        stopped_{std::move(stopped)},
        cluster_{folder_},
        population_{cluster_.server_ports().front()},
        clients_{population_, {cluster_.server_ports(), cluster_.notify_ports()}, options.seed},
        nemesis_{cluster_, clients_} {
    if (!cluster_.disk()) skip("disk");
    if (!cluster_.files_disk()) skip("files");
  }

  Result carry_out() {
    const auto end =
        Clock::now() + milliseconds{static_cast<std::int64_t>(options_.minutes * 60e3)};
    for (std::uint64_t round = 0; Clock::now() < end && !stopped_() && drained_; ++round) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
      if (round > 0 && left < seconds{3}) break;
      carry_out_round(round, std::min(left, round_length));
    }
    auto [histories, statuses] = clients_.end();
    Result result;
    result.seed = options_.seed;
    result.histories = std::move(histories);
    result.histories.faults = nemesis_.faults();
    result.statuses = std::move(statuses);
    result.longest_to_drained = longest_;
    for (const auto& node : cluster_.nodes()) result.unexpected_exits += node.unexpected_exits;
    judge(result);
    result.violations.insert(result.violations.end(), undrained_.begin(), undrained_.end());
    if (result.unexpected_exits > 0) {
      result.violations.push_back({"servers exit only on request",
                                   fmt::format("{} unexpected exits", result.unexpected_exits)});
    }
    return result;
  }

 private:
  void skip(const std::string& kind) {
    if (std::erase(options_.kinds, kind) == 0) return;
    fmt::print(std::cerr, "chaos: SKIPPED: the fault `{}` needs root and the right to mount\n",
               kind);
  }

  void judge(Result& result) {
    try {
      const auto port = cluster_.server_ports().back();
      result.final_state = read_final_state(population_, port, cluster_.owner_url());
      read_files(port, result.final_state);
      result.violations = check(result.histories, result.final_state);
    } catch (const std::exception& error) {
      result.violations = {{"the final history can be read", error.what()}};
    }
  }

  void read_files(std::uint16_t port, FinalState& state) {
    postgres::Connection database{cluster_.owner_url()};
    state.uncollected_files = collect_files(database, collected_within);
    state.files = download_files(population_, port, state.messages);
    state.store_differences = verify_files(cluster_.server_url(), cluster_.files_folder());
  }

  void carry_out_round(std::uint64_t round, milliseconds length) {
    PlanOptions plan;
    plan.seed = options_.seed * 1'000 + round;
    plan.kinds = options_.kinds;
    plan.length = length;
    plan.processes = cluster_.nodes().size();
    clients_.set_active(true);
    nemesis_.run(make_plan(plan), stopped_);
    const auto healed = Clock::now();
    clients_.set_active(false);
    std::string missing;
    backlog_ = 0;
    while (!(missing = find_undrained()).empty() && !stopped_()) {
      const seconds limit = drained_within + seconds{backlog_ / published_per_second};
      if (Clock::now() - healed > limit) {
        drained_ = false;
        undrained_.push_back(
            {fmt::format("drained within {} s after the last fault", limit.count()),
             fmt::format("round {}: {}", round, missing)});
        return;
      }
      cluster_.restart_exited();
      std::this_thread::sleep_for(milliseconds{20});
    }
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - healed);
    longest_ = std::max(longest_, took);
    fmt::print(std::cerr, "round {}: {} faults so far, {} messages, drained after {} ms\n", round,
               nemesis_.faults().size(), clients_.sends(), took.count());
    std::this_thread::sleep_for(quiet_between_rounds);
    // No upload is under way: what nothing names now is removed during the next round.
    postgres::Connection database{cluster_.owner_url()};
    age_unused_files(database);
  }

  // A description of the first undrained thing; empty when everything is drained.
  std::string find_undrained() {
    if (const auto pending = clients_.pending()) return fmt::format("{} pending requests", pending);
    try {
      postgres::Connection database{cluster_.owner_url()};
      const auto waiting =
          database.run_script("SELECT count(*) FROM outbox WHERE stream_seq IS NULL");
      backlog_ = std::max(backlog_, waiting[0][0].as<std::int64_t>());
      if (waiting[0][0].as<int>() > 0) {
        return fmt::format("unpublished events: {}", waiting[0][0].c_str());
      }
      const auto unsent = count_unsent(database);
      if (unsent > 0) return fmt::format("unsent scheduled messages: {}", unsent);
      const auto lagging = find_lagging_subscriber(database);
      return lagging.empty() ? find_missing_own_event(database) : lagging;
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  // Messages that are still to be sent. The claim of a server that has died lasts a minute: here
  // that minute is over at once, perhaps while a living server is sending as well.
  int count_unsent(postgres::Connection& database) {
    database.run_script(
        "UPDATE scheduled_messages SET try_at = send_at"
        " WHERE try_at > now() AND send_at < now() - interval '2 seconds'");
    const auto unsent =
        database.run_script("SELECT count(*) FROM scheduled_messages WHERE try_at IS NOT NULL");
    return unsent[0][0].as<int>();
  }

  // Each member must have received the last event of each of its chats.
  std::string find_lagging_subscriber(postgres::Connection& database) {
    const auto due = database.run_script(
        "SELECT user_id, chat_id, id, unix_micros(created_at) FROM outbox JOIN"
        " (SELECT m.user_id, m.chat_id, max(o.id) AS id FROM chat_members m JOIN outbox o"
        "  ON o.chat_id = m.chat_id AND o.audience::text = '\"chat\"' GROUP BY 1, 2) last"
        " USING (id, chat_id)");
    const auto progress = clients_.progress();
    for (const auto& row : due) {
      for (const auto& subscriber : progress) {
        const auto chat = row[1].as<std::int64_t>();
        const auto event = row[2].as<std::int64_t>();
        const bool concerned = subscriber.person == row[0].as<std::int64_t>();
        if (!concerned || subscriber.has(chat, event, row[3].as<Micros>())) continue;
        return fmt::format("subscriber {} (person {}) has not received event {} of chat {}",
                           subscriber.subscriber, subscriber.person, event, chat);
      }
    }
    return "";
  }

  // Each session of a user must have received the events for the user's own sessions.
  std::string find_missing_own_event(postgres::Connection& database) {
    const auto due = database.run_script(fmt::format(
        "SELECT (audience->'users'->>0)::bigint, id, unix_micros(created_at) FROM outbox"
        " WHERE type IN ('{}', '{}')",
        own_draft, own_failure));
    const auto progress = clients_.progress();
    for (const auto& row : due) {
      for (const auto& subscriber : progress) {
        const auto event = row[1].as<std::int64_t>();
        const bool concerned = subscriber.person == row[0].as<std::int64_t>();
        if (!concerned || subscriber.has_own(event, row[2].as<Micros>())) continue;
        return fmt::format("subscriber {} (person {}) has not received event {}",
                           subscriber.subscriber, subscriber.person, event);
      }
    }
    return "";
  }

  RunOptions options_;
  const std::string folder_;
  const std::function<bool()> stopped_;
  Cluster cluster_;
  Population population_;
  Clients clients_;
  Nemesis nemesis_;
  bool drained_ = true;
  std::int64_t backlog_ = 0;  // the most events that were to be published since the last fault
  milliseconds longest_{0};
  std::vector<Violation> undrained_;
};

// Runs one system; true when no invariant is violated.
bool run_system(const RunOptions& options, const std::function<bool()>& stopped) {
  const auto folder = fmt::format("{}/{}", options.folder, options.seed);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  fmt::print(std::cerr, "chaos: seed {}, {} minutes\n", options.seed, options.minutes);
  const auto result = Run{options, folder, stopped}.carry_out();
  if (stopped()) return false;
  print_report(result);
  if (result.violations.empty()) {
    std::filesystem::remove_all(folder);
    return true;
  }
  archive(result, folder);
  fmt::print("chaos: seed {} failed; histories and logs are in {}\n", options.seed, folder);
  return false;
}

}  // namespace

std::string all_fault_kinds() {
  return fmt::format("{}", fmt::join(fault_kinds(), ","));
}

bool run(const RunOptions& options, const std::function<bool()>& stopped) {
  auto next = options;
  if (next.kinds.empty()) next.kinds = fault_kinds();
  bool good = true;
  for (auto left = options.minutes; left > 0 && good; left -= minutes_of_a_system) {
    next.minutes = std::min(left, minutes_of_a_system);
    good = run_system(next, stopped);
    ++next.seed;
  }
  return good;
}

}  // namespace fechatter::chaos
