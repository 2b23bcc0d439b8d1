#include "fechatter_server/file/file_collector.hpp"

#include <spdlog/spdlog.h>

#include <bit>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::milliseconds next_slice_pause{50};  // uploads get the disk in between

}  // namespace

FileCollector::FileCollector(const FileCollectorSettings& settings, FileRepository& files,
                             file::FileStore& store, ResumableCleanup& resumables)
    : settings_{settings},
      files_{files},
      store_{store},
      resumables_{resumables},
      mark_size_{settings.mark_slice},
      next_sweep_{Clock::now() + settings.sweep_interval} {}

awaitable<> FileCollector::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  boost::system::error_code ended;
  while (!ended) {
    const auto pause = co_await collect();
    timer.expires_after(pause);
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
  }
}

awaitable<std::chrono::milliseconds> FileCollector::collect() {
  auto pause = settings_.interval;
  try {
    co_await mark();
    const auto removed = co_await remove_taken();
    co_await resumables_.remove_expired(settings_.take_slice);
    if (removed >= static_cast<std::size_t>(settings_.take_slice)) pause = next_slice_pause;
    co_await sweep();
    if (failures_ > 0) spdlog::info("collection of files: working again");
    failures_ = 0;
  } catch (const pqxx::sql_error& error) {
    if (postgres::is_statement_timeout(error)) mark_size_.timed_out();
    note_failure(error);
  } catch (const std::exception& error) {
    note_failure(error);
  }
  co_return pause;
}

awaitable<> FileCollector::mark() {
  const auto begun = Clock::now();
  co_await files_.mark_unused(settings_.grace, mark_size_.value());
  mark_size_.done(Clock::now() - begun, settings_.statement_timeout);
}

// What the store has lost is forgotten, whatever happens to the rest, which is taken again later.
awaitable<std::size_t> FileCollector::remove_taken() {
  auto taking = files_.take_unused(settings_.grace, settings_.hold, settings_.take_slice);
  auto taken = co_await std::move(taking);
  const auto count = taken.size();
  if (count == 0) co_return count;
  std::vector<FileId> lost;
  std::exception_ptr failure;
  try {
    auto losing = lose(std::move(taken), lost);
    co_await std::move(losing);
  } catch (...) {
    failure = std::current_exception();
  }
  spdlog::info("collection of files: {} of {} unused files removed", lost.size(), count);
  if (!lost.empty()) {
    auto forgetting = files_.forget(std::move(lost));
    co_await std::move(forgetting);
  }
  if (failure) std::rethrow_exception(failure);
  co_return count;
}

awaitable<> FileCollector::lose(std::vector<StoredFile> taken, std::vector<FileId>& lost) {
  const auto deadline = Clock::now() + settings_.removal_max;
  for (auto& file : taken) {
    if (Clock::now() > deadline) co_return;
    auto removing = store_.remove(std::move(file.key));
    co_await std::move(removing);
    lost.push_back(file.id);
  }
}

awaitable<> FileCollector::sweep() {
  if (Clock::now() < next_sweep_) co_return;
  next_sweep_ = Clock::now() + settings_.sweep_interval;
  const auto swept = co_await store_.sweep();
  if (swept > 0) spdlog::info("collection of files: {} ended uploads swept", swept);
  co_await resumables_.remove_orphans();
}

void FileCollector::note_failure(const std::exception& error) {
  const auto count = static_cast<unsigned>(++failures_);
  if (!std::has_single_bit(count)) return;
  spdlog::warn("collection of files failed {} times in a row: {}", count, error.what());
}

}  // namespace fechatter::server
