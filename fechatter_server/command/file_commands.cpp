#include "fechatter_server/command/file_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <thread>

#include "fechatter_server/file/file_store_choice.hpp"
#include "fechatter_server/file/postgres_file_repository.hpp"

namespace fechatter::server {
namespace {

constexpr int verify_slice = 500;
constexpr std::chrono::seconds progress_pause{10};

volatile std::sig_atomic_t verify_stopped = 0;

struct FilesCommand {
  std::int64_t after = 0;  // the files with later ids only …
  std::string after_file;  // … or those in the store behind this URL; then no ids
};

// One comparison. Its coroutine runs on the command's own thread.
class FileVerification {
 public:
  // `json`: the differences are kept for the object instead of being printed, 10,000 at most.
  FileVerification(const ServerSettings& settings, bool json)
      : json_{json},
        database_{{settings.database_url, "-c statement_timeout=60000", 1, 16}},
        store_{make_file_store(settings.files)} {}

  awaitable<> run(FilesCommand command);

  std::size_t differences() const { return missing_ + extra_; }
  nlohmann::ordered_json object() const {
    return {{"files", rows_},
            {"stored", stored_},
            {"missing", missing_},
            {"extra", extra_},
            {"differences", differences_}};
  }
  std::string text() const {
    return fmt::format("{} files, {} in the store: {} missing, {} extra\n", rows_, stored_,
                       missing_, extra_);
  }
  // What resumes it.
  std::string resumption() const {
    return at_file_.empty() ? fmt::format("--after {}", at_.value)
                            : fmt::format("--after-file {}", at_file_);
  }

 private:
  awaitable<> find_missing(FileId after);
  awaitable<> find_extra(std::optional<file::FileKey> after);
  awaitable<> compare(std::vector<file::FileKey> keys);
  void show_progress();
  void note(const char* kind, const std::string& file);

  const bool json_;
  nlohmann::ordered_json differences_ = nlohmann::ordered_json::array();
  postgres::Database database_;
  PostgresFileRepository files_{database_};
  const std::unique_ptr<file::FileStore> store_;
  FileId at_;
  std::string at_file_;
  std::size_t rows_ = 0;
  std::size_t stored_ = 0;
  std::size_t missing_ = 0;
  std::size_t extra_ = 0;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

awaitable<> FileVerification::run(FilesCommand command) {
  std::optional<file::FileKey> after;
  if (command.after_file.empty()) {
    const FileId first{command.after};
    co_await find_missing(first);
  } else {
    after = file::parse_file_url(command.after_file);
    if (!after) throw std::runtime_error{command.after_file + ": is no URL of a file"};
  }
  if (verify_stopped == 0) co_await find_extra(std::move(after));
}

awaitable<> FileVerification::find_missing(FileId after) {
  at_ = after;
  while (verify_stopped == 0) {
    auto listing = files_.list(at_, verify_slice);
    const auto slice = co_await std::move(listing);
    for (const auto& file : slice) {
      auto opening = store_->open(file.key);
      const auto source = co_await std::move(opening);
      if (!source) {
        ++missing_;
        note("missing", fmt::format("{} {}", file.id.value, file::to_url(file.key)));
      }
      at_ = file.id;
    }
    rows_ += slice.size();
    show_progress();
    if (slice.size() < verify_slice) co_return;
  }
}

awaitable<> FileVerification::find_extra(std::optional<file::FileKey> after) {
  while (verify_stopped == 0) {
    auto listing = store_->list(after, verify_slice);
    const auto slice = co_await std::move(listing);
    std::vector<file::FileKey> keys;
    for (const auto& file : slice) keys.push_back(file.key);
    if (!keys.empty()) {
      after = keys.back();
      at_file_ = file::to_url(keys.back());
    }
    co_await compare(std::move(keys));
    stored_ += slice.size();
    show_progress();
    if (slice.size() < verify_slice) co_return;
  }
}

awaitable<> FileVerification::compare(std::vector<file::FileKey> keys) {
  auto asking = files_.are_known(keys);
  const auto known = co_await std::move(asking);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (known.at(i)) continue;
    ++extra_;
    note("extra", file::to_url(keys[i]));
  }
}

void FileVerification::note(const char* kind, const std::string& file) {
  constexpr std::size_t noted_max = 10'000;
  if (!json_) {
    fmt::print("{} {}\n", kind, file);
  } else if (differences_.size() < noted_max) {
    differences_.push_back({{"kind", kind}, {"file", file}});
  }
}

void FileVerification::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < progress_pause) return;
  shown_ = now;
  fmt::print(stderr, "{} files, {} in the store\n", rows_, stored_);
}

int verify_files(const CommandInput& input, const FilesCommand& command) {
  const auto settings = input.settings();
  for (const int number : {SIGINT, SIGTERM}) {
    std::signal(number, [](int) { verify_stopped = 1; });
  }
  asio::io_context io;
  FileVerification verification{settings, input.json};
  std::exception_ptr failure;
  const Executor strand{io.get_executor()};
  asio::co_spawn(strand, verification.run(command),
                 [&failure](std::exception_ptr error) { failure = error; });
  io.run();
  if (failure) std::rethrow_exception(failure);
  const bool early = verify_stopped != 0;
  auto object = verification.object();
  object["ended_early"] = early;
  object["resume"] = early ? verification.resumption() : std::string{};
  print_report(input, object, verification.text());
  if (early) {
    fmt::print(stderr, "ended early; {} goes on from here\n", verification.resumption());
    return exit_code::ended_early;
  }
  return verification.differences() == 0 ? exit_code::done : exit_code::failed;
}

}  // namespace

void add_file_commands(CommandTable& table) {
  auto& group = table.add_group("files", "The store of files");
  const auto arguments = std::make_shared<FilesCommand>();
  auto& command =
      table.add(group, "verify", "Compare the store with the database",
                [arguments](const CommandInput& input) { return verify_files(input, *arguments); });
  command.add_option("--after", arguments->after, "Only the files with later ids")
      ->check(CLI::PositiveNumber);
  command.add_option("--after-file", arguments->after_file,
                     "Only what the store has behind this file, by its URL");
}

}  // namespace fechatter::server
