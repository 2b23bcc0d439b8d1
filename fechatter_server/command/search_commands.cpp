#include "fechatter_server/command/search_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "fechatter_server/command/audit.hpp"
#include "fechatter_server/search/index_rebuild.hpp"
#include "fechatter_server/search/search_lock.hpp"
#include "fechatter_server/search/search_provider.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

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
struct IndexRun {
  explicit IndexRun(const ServerSettings& settings) : index{make_index_maintenance(settings)} {
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopped = 1; });
    rebuild.emplace(
        settings.database_url, *index,
        [this](const IndexProgress& progress) { bar.show(progress); }, [] { return stopped != 0; });
  }

  void print_how_to_resume() const {
    fmt::print(stderr, "ended early; --after {} goes on from here\n", bar.at().value);
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

struct SearchArguments {
  std::int64_t workspace = 0;
  std::int64_t after = 0;
  bool repairs = false;  // of verify

  IndexScope scope() const {
    IndexScope found;
    if (workspace > 0) found.workspace = WorkspaceId{workspace};
    found.after.value = after;
    return found;
  }
  // Nothing: the whole installation.
  std::optional<std::int64_t> audited() const {
    return workspace > 0 ? std::optional{workspace} : std::nullopt;
  }
};

nlohmann::ordered_json end_of_search(const IndexRun& run) {
  const bool early = stopped != 0;
  nlohmann::ordered_json object{{"ended_early", early}, {"resume_after", nullptr}};
  if (early) object["resume_after"] = run.bar.at().value;
  return object;
}

// In place: the messages of a workspace, or those after one.
int rewrite_index(const CommandInput& input, const ServerSettings& settings,
                  const SearchArguments& arguments) {
  IndexRun run{settings};
  run.rebuild->rewrite(arguments.scope());
  run.bar.finish();
  if (stopped != 0) run.print_how_to_resume();
  print_report(input, end_of_search(run), {});
  return stopped != 0 ? exit_code::ended_early : exit_code::done;
}

int reindex(const CommandInput& input, const SearchArguments& arguments) {
  const auto settings = input.settings();
  add_audit(settings, input, "search.reindex", arguments.audited());
  const auto scope = arguments.scope();
  if (scope.workspace || scope.after.value > 0) return rewrite_index(input, settings, arguments);
  IndexRun run{settings};
  postgres::Connection lock{settings.database_url};
  const bool done = wait_for_lock(lock) && run.rebuild->build();
  run.bar.finish();
  if (!done) fmt::print(stderr, "ended early; the same command goes on from here\n");
  print_report(input, {{"ended_early", !done}, {"resume_after", nullptr}}, {});
  return done ? exit_code::done : exit_code::ended_early;
}

int verify_index(const CommandInput& input, const SearchArguments& arguments) {
  const auto settings = input.settings();
  if (arguments.repairs) add_audit(settings, input, "search.repair", arguments.audited());
  IndexRun run{settings};
  const auto found = run.rebuild->verify(arguments.scope(), arguments.repairs);
  run.bar.finish();
  const auto* advice =
      found.none() ? "" : (arguments.repairs ? ", repaired" : "; --repair puts that right");
  nlohmann::ordered_json object{{"messages", found.checked},
                                {"missing", found.missing},
                                {"stale", found.stale},
                                {"extra", found.extra},
                                {"repaired", arguments.repairs && !found.none()}};
  object.update(end_of_search(run));
  print_report(input, object,
               fmt::format("{} messages: {} missing, {} stale, {} extra{}\n", found.checked,
                           found.missing, found.stale, found.extra, advice));
  if (stopped != 0) {
    run.print_how_to_resume();
    return exit_code::ended_early;
  }
  return found.none() || arguments.repairs ? exit_code::done : exit_code::failed;
}

}  // namespace

void add_search_commands(CommandTable& table) {
  auto& group = table.add_group("search", "Rebuild or verify the search index");
  const auto arguments = std::make_shared<SearchArguments>();
  auto& building = table.add(
      group, "reindex", "Rebuild the index beside the served one; resumes an interrupted rebuild",
      [arguments](const CommandInput& input) { return reindex(input, *arguments); });
  auto& verifying =
      table.add(group, "verify", "Compare the index with the messages",
                [arguments](const CommandInput& input) { return verify_index(input, *arguments); });
  verifying.add_flag("--repair", arguments->repairs, "Correct the differences");
  for (auto* command : {&building, &verifying}) {
    command
        ->add_option("--workspace", arguments->workspace,
                     "Only the messages of this workspace, in place")
        ->check(CLI::PositiveNumber);
    command->add_option("--after", arguments->after, "Only the messages after this one")
        ->check(CLI::PositiveNumber);
  }
}

}  // namespace fechatter::server
