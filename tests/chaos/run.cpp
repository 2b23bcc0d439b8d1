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

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds drained_within{10};
constexpr milliseconds round_length{25'000};
constexpr milliseconds quiet_between_rounds{300};
// What clients saw is kept in memory, their tokens end, and each epoch tells again all that there
// was: after so long a new system is started.
constexpr double minutes_of_a_system = 5;

// One system, from its start to the judgement.
class Run {
 public:
  Run(const RunOptions& options, std::string folder, std::function<bool()> stopped)
      : options_{options},
        folder_{std::move(folder)},
        stopped_{std::move(stopped)},
        cluster_{folder_},
        world_{cluster_.server_ports().front()},
        crowd_{world_, {cluster_.server_ports(), cluster_.notify_ports()}, options.seed},
        nemesis_{cluster_, crowd_} {
    if (std::erase(options_.kinds, "disk") > 0) {
      if (cluster_.disk()) {
        options_.kinds.emplace_back("disk");
      } else {
        fmt::print(std::cerr, "chaos: SKIPPED: no full disk without root and the right to mount\n");
      }
    }
  }

  Result carry_out() {
    const auto end =
        Clock::now() + milliseconds{static_cast<std::int64_t>(options_.minutes * 60e3)};
    for (std::uint64_t round = 0; Clock::now() < end && !stopped_() && drained_; ++round) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
      if (round > 0 && left < seconds{3}) break;
      carry_out_round(round, std::min(left, round_length));
    }
    auto [histories, statuses] = crowd_.end();
    Result result;
    result.seed = options_.seed;
    result.histories = std::move(histories);
    result.histories.faults = nemesis_.faults();
    result.statuses = std::move(statuses);
    result.longest_to_drained = longest_;
    for (const auto& node : cluster_.nodes()) result.accidents += node.accidents;
    judge(result);
    result.violations.insert(result.violations.end(), undrained_.begin(), undrained_.end());
    if (result.accidents > 0) {
      result.violations.push_back({"our processes end only when they are told to",
                                   fmt::format("{} ended by themselves", result.accidents)});
    }
    return result;
  }

 private:
  void judge(Result& result) {
    try {
      result.final_state =
          read_final_state(world_, cluster_.server_ports().back(), cluster_.owner_url());
      result.violations = check(result.histories, result.final_state);
    } catch (const std::exception& error) {
      result.violations = {{"the final history can be read", error.what()}};
    }
  }

  void carry_out_round(std::uint64_t round, milliseconds length) {
    PlanOptions plan;
    plan.seed = options_.seed * 1'000 + round;
    plan.kinds = options_.kinds;
    plan.length = length;
    plan.processes = cluster_.nodes().size();
    crowd_.set_lively(true);
    nemesis_.run(make_plan(plan), stopped_);
    const auto healed = Clock::now();
    crowd_.set_lively(false);
    std::string missing;
    while (!(missing = what_is_not_drained()).empty() && !stopped_()) {
      if (Clock::now() - healed > drained_within) {
        drained_ = false;
        undrained_.push_back({"drained within 10 s after the last fault",
                              fmt::format("round {}: {}", round, missing)});
        return;
      }
      cluster_.tend();
      std::this_thread::sleep_for(milliseconds{20});
    }
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - healed);
    longest_ = std::max(longest_, took);
    fmt::print(std::cerr, "round {}: {} faults so far, {} messages, drained after {} ms\n", round,
               nemesis_.faults().size(), crowd_.sends(), took.count());
    std::this_thread::sleep_for(quiet_between_rounds);
  }

  // Empty when all is.
  std::string what_is_not_drained() {
    if (const auto pending = crowd_.pending()) return fmt::format("{} requests open", pending);
    try {
      postgres::Connection database{cluster_.owner_url()};
      const auto waiting =
          database.run_script("SELECT count(*) FROM outbox WHERE stream_seq IS NULL");
      if (waiting[0][0].as<int>() > 0) return fmt::format("outbox: {}", waiting[0][0].c_str());
      return who_is_behind(database);
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  // Each member must have come to the last event of each of its chats.
  std::string who_is_behind(postgres::Connection& database) {
    const auto due = database.run_script(
        "SELECT user_id, chat_id, id, unix_micros(created_at) FROM outbox JOIN"
        " (SELECT m.user_id, m.chat_id, max(o.id) AS id FROM chat_members m JOIN outbox o"
        "  ON o.chat_id = m.chat_id AND o.audience::text = '\"chat\"' GROUP BY 1, 2) last"
        " USING (id, chat_id)");
    const auto progress = crowd_.progress();
    for (const auto& row : due) {
      for (const auto& listener : progress) {
        const auto chat = row[1].as<std::int64_t>();
        const auto event = row[2].as<std::int64_t>();
        const bool concerned = listener.person == row[0].as<std::int64_t>();
        if (!concerned || listener.has(chat, event, row[3].as<Micros>())) continue;
        return fmt::format("listener {} (person {}) has not come to event {} of chat {}",
                           listener.listener, listener.person, event, chat);
      }
    }
    return "";
  }

  RunOptions options_;
  const std::string folder_;
  const std::function<bool()> stopped_;
  Cluster cluster_;
  World world_;
  Crowd crowd_;
  Nemesis nemesis_;
  bool drained_ = true;
  milliseconds longest_{0};
  std::vector<Violation> undrained_;
};

// From its start to the judgement; true when nothing is wrong.
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
