#include "fechatter_server/search/search_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "fechatter_server/search/search_lock.hpp"
#include "fechatter_server/search/search_provider.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int ended_early = 130;  // the exit code of shells for SIGINT
constexpr int bar_width = 30;
constexpr std::chrono::milliseconds pause_for_lock{200};

volatile std::sig_atomic_t stopped = 0;

// On a terminal one line that grows, else a line every ten seconds.
class ProgressBar {
 public:
  void show(const IndexProgress& progress) {
    last_ = progress;
    const auto now = Clock::now();
    const auto pause = on_terminal_ ? std::chrono::milliseconds{100} : std::chrono::seconds{10};
    if (now - shown_ < pause) return;
    shown_ = now;
    print(on_terminal_ ? "\r" : "", on_terminal_ ? "" : "\n");
  }

  // The final line.
  void finish() { print(on_terminal_ ? "\r" : "", "\n"); }
  MessageId at() const { return last_.at; }

 private:
  void print(const char* before, const char* after) const {
    const double share = last_.last.value == 0
                             ? 1.0
                             : std::min(1.0, static_cast<double>(last_.at.value) /
                                                 static_cast<double>(last_.last.value));
    const std::chrono::duration<double> took = Clock::now() - began_;
    const auto rate = static_cast<double>(last_.messages) / std::max(0.001, took.count());
    const auto full = static_cast<int>(share * bar_width);
    fmt::print(stderr, "{}[{:#<{}}{:<{}}] {:3.0f} %  {} messages, {:.0f}/s {}", before, "", full,
               "", bar_width - full, share * 100, last_.messages, rate, after);
    std::fflush(stderr);
  }

  const bool on_terminal_ = isatty(STDERR_FILENO) == 1;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point shown_ = began_;
  IndexProgress last_;
};

// The objects of one command.
struct CommandRun {
  explicit CommandRun(const ServerSettings& settings) : index{make_index_maintenance(settings)} {
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopped = 1; });
    rebuild.emplace(
        settings.database_url, *index,
        [this](const IndexProgress& progress) { bar.show(progress); }, [] { return stopped != 0; });
  }

  static int print_how_to_resume(MessageId at) {
    fmt::print(stderr, "ended early; --after {} goes on from here\n", at.value);
    return ended_early;
  }

  const std::unique_ptr<SearchIndexMaintenance> index;
  ProgressBar bar;
  std::optional<IndexRebuild> rebuild;
};

// Two builds at a time would serve an unfinished index. Polls, so that a signal ends the wait.
// False when stopped.
bool wait_for_lock(postgres::Connection& connection) {
  if (try_lock_search(connection)) return true;
  fmt::print(stderr, "a server or another command is building the index; waiting for it\n");
  do {
    std::this_thread::sleep_for(pause_for_lock);
    if (stopped != 0) return false;
  } while (!try_lock_search(connection));
  return true;
}

}  // namespace

int reindex(const ServerSettings& settings, const SearchCommand& command) {
  CommandRun run{settings};
  const bool whole = !command.scope.workspace && command.scope.after.value == 0;
  if (!whole) {
    run.rebuild->rewrite(command.scope);
    run.bar.finish();
    return stopped != 0 ? CommandRun::print_how_to_resume(run.bar.at()) : 0;
  }
  postgres::Connection lock{settings.database_url};
  const bool done = wait_for_lock(lock) && run.rebuild->build();
  run.bar.finish();
  if (done) return 0;
  fmt::print(stderr, "ended early; the same command goes on from here\n");
  return ended_early;
}

int verify(const ServerSettings& settings, const SearchCommand& command) {
  CommandRun run{settings};
  const auto found = run.rebuild->verify(command.scope, command.repairs);
  run.bar.finish();
  fmt::print("{} messages: {} missing, {} stale, {} extra{}\n", found.checked, found.missing,
             found.stale, found.extra,
             found.none() ? "" : (command.repairs ? ", repaired" : "; --repair puts that right"));
  if (stopped != 0) return CommandRun::print_how_to_resume(run.bar.at());
  return found.none() || command.repairs ? 0 : 1;
}

}  // namespace fechatter::server
