#include "fechatter_server/file/thumbnails.hpp"

#include <spdlog/spdlog.h>

#include <bit>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>
#include <utility>

#include "fechatter_core/steady_timer.hpp"
#include "fechatter_server/file/picture_input.hpp"

namespace fechatter::server {

// The callers of make() and what it has begun run on the same strand.
struct Thumbnails::Waiting {
  Waiting(const Executor& executor, std::size_t count) : timer{executor}, left{count} {}

  SteadyTimer<Executor> timer;
  std::size_t left;
};

Thumbnails::Thumbnails(const ThumbnailTimes& times, ThumbnailRepository& uploads,
                       ThumbnailRepository& due, file::FileStore& store, Thumbnailer& thumbnailer)
    : times_{times}, uploads_{uploads}, due_{due}, store_{store}, thumbnailer_{thumbnailer} {}

awaitable<> Thumbnails::make(std::vector<FileId> pictures) {
  if (pictures.empty()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(executor, pictures.size());
  for (const auto picture : pictures) {
    asio::co_spawn(executor, make_one(picture, waiting), asio::detached);
  }
  waiting->timer.expires_after(times_.wait_max);
  boost::system::error_code made;
  const asio::use_awaitable_t<Executor> token;
  co_await waiting->timer.async_wait(asio::redirect_error(token, made));
}

awaitable<> Thumbnails::make_one(FileId picture, std::shared_ptr<Waiting> waiting) {
  try {
    co_await claim_and_make(picture);
  } catch (const std::exception& error) {
    note_failure(error);
  }
  if (--waiting->left == 0) waiting->timer.cancel();
}

awaitable<> Thumbnails::claim_and_make(FileId picture) {
  auto claiming = uploads_.claim(picture);
  auto claimed = co_await std::move(claiming);
  if (!claimed) co_return;
  auto making = make_claimed(std::move(*claimed), uploads_);
  co_await std::move(making);
}

awaitable<> Thumbnails::make_claimed(StoredFile picture, ThumbnailRepository& repository) {
  ThumbnailTry ended;
  ended.file = picture.id;
  try {
    co_await attempt(picture, ended);
    failures_ = 0;
  } catch (const std::exception& error) {
    // Of the store, or of the queue: the picture has no part in it.
    ended.outcome = ThumbnailOutcome::put_off;
    note_failure(error);
  }
  auto finishing = repository.finish(std::move(ended));
  co_await std::move(finishing);
}

awaitable<> Thumbnails::attempt(const StoredFile& picture, ThumbnailTry& ended) {
  ended.outcome = ThumbnailOutcome::crashed;
  auto opening = store_.open(picture.key);
  const auto source = co_await std::move(opening);
  if (!source) {
    spdlog::warn("thumbnails of file {}: the store does not have it", picture.id.value);
    co_return;
  }
  auto copying = picture_input(*source, copied_bytes_max);
  auto input = co_await std::move(copying);
  if (!input) {
    ended.outcome = ThumbnailOutcome::failed;
    spdlog::info("thumbnails of file {}: it is too large", picture.id.value);
    co_return;
  }
  auto looking = thumbnailer_.look_at(std::move(input));
  auto looked = co_await std::move(looking);
  if (!looked.started) {
    throw std::runtime_error{thumbnailer_.program() + " cannot be started: " + looked.reason};
  }
  if (!looked.report) {
    spdlog::warn("thumbnails of file {}: {}", picture.id.value, looked.reason);
    co_return;
  }
  auto& report = *looked.report;
  if (report.width > 0) ended.pixels = PixelSize{report.width, report.height};
  if (report.failure != file::PictureFailure::none) {
    ended.outcome = ThumbnailOutcome::failed;
    spdlog::info("thumbnails of file {}: {}", picture.id.value, to_string(report.failure));
    co_return;
  }
  co_await keep(picture, report);
  ended.outcome = ThumbnailOutcome::ready;
  ended.blurhash = std::move(report.blurhash);
}

awaitable<> Thumbnails::keep(const StoredFile& picture, file::PictureReport& report) {
  for (std::size_t i = 0; i < file::all_thumbnails.size(); ++i) {
    auto keeping = store_.keep_thumbnail(picture.key, file::all_thumbnails[i],
                                         std::move(report.thumbnails[i]));
    co_await std::move(keeping);
  }
}

awaitable<> Thumbnails::run() {
  const auto executor = co_await asio::this_coro::executor;
  SteadyTimer<Executor> timer{executor};
  boost::system::error_code ended;
  while (!ended) {
    std::size_t claimed = 0;
    try {
      claimed = co_await make_due();
    } catch (const std::exception& error) {
      database_failed_ = true;
      note_failure(error);
    }
    timer.expires_after(claimed == due_slice ? std::chrono::milliseconds{0} : times_.interval);
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
  }
}

awaitable<std::size_t> Thumbnails::make_due() {
  auto claiming = due_.claim_due(due_slice);
  auto claimed = co_await std::move(claiming);
  // That the database is back is known without a picture.
  if (std::exchange(database_failed_, false)) failures_ = 0;
  const auto count = claimed.size();
  for (auto& picture : claimed) {
    auto making = make_claimed(std::move(picture), due_);
    co_await std::move(making);
  }
  co_return count;
}

void Thumbnails::note_failure(const std::exception& error) {
  const auto count = static_cast<unsigned>(++failures_);
  if (!std::has_single_bit(count)) return;
  spdlog::warn("thumbnails: failed {} times in a row: {}", count, error.what());
}

}  // namespace fechatter::server
