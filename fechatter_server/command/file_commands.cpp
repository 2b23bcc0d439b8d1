#include "fechatter_server/file/file_commands.hpp"

#include <fmt/format.h>

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
constexpr int verify_ended_early = 130;  // the exit code of shells for SIGINT
constexpr std::chrono::seconds progress_pause{10};

volatile std::sig_atomic_t verify_stopped = 0;

// One comparison. Its coroutine runs on the command's own thread.
class FileVerification {
 public:
  explicit FileVerification(const ServerSettings& settings)
      : database_{{settings.database_url, "-c statement_timeout=60000", 1, 16}},
        store_{make_file_store(settings.files)} {}

  awaitable<> run(FilesCommand command);

  std::size_t differences() const { return missing_ + extra_; }
  void print_result() const {
    fmt::print("{} files, {} in the store: {} missing, {} extra\n", rows_, stored_, missing_,
               extra_);
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
        fmt::print("missing {} {}\n", file.id.value, file::to_url(file.key));
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
    fmt::print("extra {}\n", file::to_url(keys[i]));
  }
}

void FileVerification::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < progress_pause) return;
  shown_ = now;
  fmt::print(stderr, "{} files, {} in the store\n", rows_, stored_);
}

}  // namespace

int verify_files(const ServerSettings& settings, const FilesCommand& command) {
  for (const int number : {SIGINT, SIGTERM}) {
    std::signal(number, [](int) { verify_stopped = 1; });
  }
  asio::io_context io;
  FileVerification verification{settings};
  std::exception_ptr failure;
  const Executor strand{io.get_executor()};
  asio::co_spawn(strand, verification.run(command),
                 [&failure](std::exception_ptr error) { failure = error; });
  io.run();
  if (failure) std::rethrow_exception(failure);
  verification.print_result();
  if (verify_stopped != 0) {
    fmt::print(stderr, "ended early; {} goes on from here\n", verification.resumption());
    return verify_ended_early;
  }
  return verification.differences() == 0 ? 0 : 1;
}

}  // namespace fechatter::server
