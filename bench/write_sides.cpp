#include "bench/write_sides.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "bench/crowd.hpp"
#include "bench/group_commit.hpp"
#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "tests/support/process.hpp"

namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double warm_up = 0.5;
std::atomic<std::int64_t> messages_made{0};  // over all rounds, so that idempotency keys are unique

std::string content_of(std::int64_t number) {
  return "A message as long as most of them, I think. " + stamp_of(number);
}

// The sends that wait for the queue. Callbacks run on the writers' threads.
class Appender {
 public:
  explicit Appender(const Load& load)
      : load_{load}, queue_{settings_of(load), server::RelayWaker{}} {}

  WriteRound run(double seconds) {
    for (std::size_t i = 0; i < load_.waiting; ++i) push(i);
    pause(warm_up);
    begin();
    const auto began = Clock::now();
    pause(seconds);
    auto round = end(Seconds{Clock::now() - began}.count());
    wait_for_the_last();
    return round;
  }

 private:
  static server::AppendSettings settings_of(const Load& load) {
    server::AppendSettings settings;
    settings.writers = load.writers;
    settings.database_url = load.database_url;
    settings.options = "-c synchronous_commit=on";
    return settings;
  }

  static void pause(double seconds) { std::this_thread::sleep_for(Seconds{seconds}); }

  AppendRequest request_of(std::size_t slot) const {
    const auto number = ++messages_made;
    AppendRequest request;
    request.chat_id = ChatId{load_.chats[slot % load_.chats.size()]};
    request.sender = {WorkspaceId{load_.workspace},
                      UserId{load_.first_member + number % load_.members}};
    request.draft.content = content_of(number);
    request.draft.idempotency_key = fmt::format("00000000-0000-4000-8000-{:012x}", number);
    request.request_hash = auth::to_bytea(auth::sha256(request.draft.content));
    return request;
  }

  void push(std::size_t slot) {
    const auto began = now_ns();
    {
      const std::lock_guard lock{mutex_};
      ++under_way_;
    }
    queue_.push(request_of(slot),
                [this, slot, began](std::exception_ptr error, const AppendOutcome& outcome) {
                  const bool stored = !error && outcome.kind == AppendOutcome::Kind::created;
                  if (note(now_ns() - began, stored)) push(slot);
                });
  }

  // True when another send follows.
  bool note(std::int64_t took, bool stored) {
    const std::lock_guard lock{mutex_};
    --under_way_;
    if (!stored) ++refused_;
    latency_.add(took);
    if (finishing_) idle_.notify_one();
    return !finishing_;
  }

  void begin() {
    const std::lock_guard lock{mutex_};
    latency_.clear();
  }

  WriteRound end(double took) {
    const std::lock_guard lock{mutex_};
    finishing_ = true;
    return {static_cast<double>(latency_.samples()) / took, latency_.milliseconds_at(0.5),
            latency_.milliseconds_at(0.99)};
  }

  void wait_for_the_last() {
    std::unique_lock lock{mutex_};
    const auto is_done = [this] { return under_way_ == 0; };
    if (!idle_.wait_for(lock, std::chrono::seconds{30}, is_done) || refused_ > 0) {
      throw std::runtime_error{"messages were not stored"};
    }
  }

  const Load& load_;
  std::mutex mutex_;
  std::condition_variable idle_;
  Histogram latency_;
  std::size_t under_way_ = 0;
  std::size_t refused_ = 0;
  bool finishing_ = false;
  server::AppendQueue queue_;  // last member: its threads end first
};

// One connection of the baseline.
struct Writer {
  std::vector<std::int64_t> chats;
  Histogram latency;
};

void commit_groups(const Load& load, Writer& writer, std::size_t size, double seconds) {
  GroupCommit database{load.database_url, load.workspace};
  const auto begin = Clock::now();
  while (Seconds{Clock::now() - begin}.count() < warm_up + seconds) {
    const bool counts = Seconds{Clock::now() - begin}.count() >= warm_up;
    std::vector<BareMessage> batch;
    for (std::size_t i = 0; i < size; ++i) {
      const auto number = ++messages_made;
      batch.push_back({writer.chats[i % writer.chats.size()],
                       load.first_member + number % load.members, content_of(number)});
    }
    const auto began = now_ns();
    database.store(batch);
    const auto took = now_ns() - began;
    for (std::size_t i = 0; counts && i < size; ++i) writer.latency.add(took);
  }
}

}  // namespace

WriteRound append_for(const Load& load, double seconds) {
  return Appender{load}.run(seconds);
}

WriteRound group_commit_for(const Load& load, double seconds) {
  std::vector<Writer> writers(std::min(load.writers, load.chats.size()));
  for (std::size_t i = 0; i < load.chats.size(); ++i) {
    writers[i % writers.size()].chats.push_back(load.chats[i]);
  }
  std::vector<std::thread> threads;
  const auto size = load.waiting / writers.size();
  for (auto& writer : writers) {
    threads.emplace_back(
        [&load, &writer, size, seconds] { commit_groups(load, writer, size, seconds); });
  }
  for (auto& thread : threads) thread.join();
  WriteRound round;
  for (const auto& writer : writers) {
    round.rows_per_second += static_cast<double>(writer.latency.samples()) / seconds;
    round.p50_ms = std::max(round.p50_ms, writer.latency.milliseconds_at(0.5));
    round.p99_ms = std::max(round.p99_ms, writer.latency.milliseconds_at(0.99));
  }
  return round;
}

double pgbench_for(const Load& load, std::size_t clients, double seconds) {
  const test::ScratchFolder folder;
  const auto script = folder.path("insert.sql");
  std::ofstream{script} << pgbench_script(load.workspace, load.chats, load.first_member);
  const auto output = test::run(
      {"pgbench", "-n", "-M", "prepared", "-f", script, "-c", std::to_string(clients), "-j", "2",
       "-T", std::to_string(std::max(1, static_cast<int>(seconds))), load.database_url});
  constexpr std::string_view before = "tps = ";
  const auto at = output.find(before);
  if (at == std::string::npos) throw std::runtime_error{"pgbench: " + output};
  return std::stod(output.substr(at + before.size()));
}

}  // namespace fechatter::bench
