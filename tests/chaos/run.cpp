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
#include "tests/chaos/publication.hpp"
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
// On average; PostgreSQL needs a second to recover.
constexpr milliseconds between_cuts{5'000};
// Each collector works every 5 s, and first marks what it removes later.
constexpr seconds collected_within{60};
// A new system is started after this time: the histories are in memory, access tokens expire, and
// each new epoch republishes all earlier events.
constexpr double minutes_of_a_system = 5;

bool cuts_power(const RunOptions& options) {
  return std::find(options.kinds.begin(), options.kinds.end(), power_cut) != options.kinds.end();
}

std::optional<PowerOptions> power_of(const RunOptions& options) {
  if (!cuts_power(options)) return {};
  auto power = options.power;
  power.seed = options.seed;
  return power;
}

// One system, from its start to the check of its histories.
class Run {
 public:
  Run(const RunOptions& options, std::string folder, std::function<bool()> stopped)
      : options_{options},
        folder_{std::move(folder)},
        stopped_{std::move(stopped)},
        cluster_{folder_, power_of(options)},
        population_{cluster_.server_ports().front()},
        clients_{population_, {cluster_.server_ports(), cluster_.notify_ports()}, options.seed},
        nemesis_{cluster_, clients_} {
    if (!cluster_.disk()) skip("disk");
    if (!cluster_.files_disk()) skip("files");
    // The users and chats are of the preparation.
    cluster_.sync_disk();
    postgres::Connection database{cluster_.owner_url()};
    postgres_version_ = database.run_script("SHOW server_version")[0][0].c_str();
  }

  Result carry_out() {
    const auto end =
        Clock::now() + milliseconds{static_cast<std::int64_t>(options_.minutes * 60e3)};
    for (std::uint64_t round = 0; Clock::now() < end && !stopped_() && drained_; ++round) {
      if (options_.cuts > 0 && count_cuts() >= options_.cuts) break;
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
    result.cuts = count_cuts();
    for (const auto& node : cluster_.nodes()) result.unexpected_exits += node.unexpected_exits;
    judge(result);
    result.violations.insert(result.violations.end(), undrained_.begin(), undrained_.end());
    if (result.unexpected_exits > 0) {
      result.violations.push_back({"servers exit only on request",
                                   fmt::format("{} unexpected exits", result.unexpected_exits)});
    }
    if (!options_.publish_to.empty()) {
      publish(result, {options_, plans_, postgres_version_}, secrets(),
              fmt::format("{}/{}", options_.publish_to, options_.seed));
    }
    return result;
  }

 private:
  // What a client or a service proves itself with.
  std::vector<std::string> secrets() const {
    std::vector<std::string> all{"postgresql://", "nats://", population_password};
    for (const auto& person : population_.people()) all.push_back(person.token);
    return all;
  }

  int count_cuts() const {
    const auto& faults = nemesis_.faults();
    return static_cast<int>(std::count_if(
        faults.begin(), faults.end(), [](const Fault& fault) { return fault.kind == power_cut; }));
  }

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
    if (cuts_power(options_)) plan.every = between_cuts;
    clients_.set_active(true);
    try {
      auto& planned = plans_.emplace_back(make_plan(plan));
      const auto cuts_left = static_cast<std::size_t>(options_.cuts - count_cuts());
      if (options_.cuts > 0 && planned.size() > cuts_left) planned.resize(cuts_left);
      nemesis_.run(planned, stopped_);
    } catch (const std::exception& error) {
      clients_.set_active(false);
      drained_ = false;
      undrained_.push_back({"everything starts again after a fault", error.what()});
      return;
    }
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
  std::vector<std::vector<Planned>> plans_;  // of each round
  std::string postgres_version_;
};

// What of the options is left after a system.
struct Outcomes {
  bool good = false;  // no invariant is violated
  int cuts = 0;
};

Outcomes run_system(const RunOptions& options, const std::function<bool()>& stopped) {
  const auto folder = fmt::format("{}/{}", options.folder, options.seed);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  fmt::print(std::cerr, "chaos: seed {}, {} minutes\n", options.seed, options.minutes);
  const auto result = Run{options, folder, stopped}.carry_out();
  if (stopped()) return {};
  print_report(result);
  if (result.violations.empty()) {
    std::filesystem::remove_all(folder);
    return {true, result.cuts};
  }
  archive(result, folder);
  fmt::print("chaos: seed {} failed; histories and logs are in {}\n", options.seed, folder);
  return {false, result.cuts};
}

}  // namespace

std::string all_fault_kinds() {
  return fmt::format("{}", fmt::join(fault_kinds(), ","));
}

bool run(const RunOptions& options, const std::function<bool()>& stopped) {
  auto next = options;
  if (next.kinds.empty()) next.kinds = fault_kinds();
  if (cuts_power(next) && !power::MountedVolume::make(next.seed)) {
    fmt::print(std::cerr, "chaos: SKIPPED: power cuts need root, /dev/fuse, libfuse3 and mounts\n");
    return true;
  }
  while (next.cuts > 0 || next.minutes > 0) {
    auto system = next;
    if (next.cuts > 0 || next.minutes > minutes_of_a_system) system.minutes = minutes_of_a_system;
    const auto [good, cuts] = run_system(system, stopped);
    if (!good) return false;
    if (next.cuts > 0 && cuts >= next.cuts) return true;
    if (next.cuts > 0) next.cuts -= cuts;
    next.minutes -= minutes_of_a_system;
    ++next.seed;
  }
  return true;
}

}  // namespace fechatter::chaos
