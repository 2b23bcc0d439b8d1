#include "fechatter_core/http/source_writer.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <stdexcept>

namespace fechatter::http {
namespace {

constexpr std::string_view chunk_end = "\r\n";

}  // namespace

SourceWriter::SourceWriter(TimedSocket& socket, const Response& response,
                           std::chrono::milliseconds timeout)
    : socket_{socket},
      source_{*response.source},
      timeout_{timeout},
      sized_{response.source->size().has_value()},
      offset_{response.range ? response.range->offset : 0},
      remaining_{sized_ ? response.body_size() : 0},
      capacity_{sized_
                    ? static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, piece_bytes_max))
                    : piece_bytes_max},
      piece_{new char[capacity_ + chunk_end.size()]} {}

awaitable<void> SourceWriter::read_first() {
  co_await read_piece();
}

awaitable<void> SourceWriter::read_piece() {
  piece_size_ = 0;
  auto wanted = capacity_;
  if (sized_) wanted = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, capacity_));
  if (wanted == 0) co_return;
  piece_size_ = co_await source_.read(offset_, piece_.get(), wanted);
  offset_ += piece_size_;
  if (!sized_) co_return;
  if (piece_size_ == 0) throw std::runtime_error{"the source of the response is too short"};
  remaining_ -= piece_size_;
}

bool SourceWriter::is_last(BodyFraming framing) const {
  return framing == BodyFraming::sized ? remaining_ == 0 : piece_size_ == 0;
}

awaitable<bool> SourceWriter::send_file() {
  piece_.reset();
  while (remaining_ > 0) {
    co_await socket_.yield();
    const auto loaded = co_await source_.load(offset_, remaining_);
    if (loaded == 0) throw std::runtime_error{"the source of the response is too short"};
    const bool sent = co_await socket_.send_file(source_.descriptor(), offset_, loaded, timeout_);
    if (!sent) co_return false;
    offset_ += loaded;
    remaining_ -= loaded;
  }
  co_return true;
}

awaitable<bool> SourceWriter::write(std::string head, BodyFraming framing) {
  for (;;) {
    std::string_view data{piece_.get(), piece_size_};
    if (framing == BodyFraming::chunked) {
      fmt::format_to(std::back_inserter(head), "{:x}\r\n", piece_size_);
      std::copy(chunk_end.begin(), chunk_end.end(), piece_.get() + piece_size_);
      data = {piece_.get(), piece_size_ + chunk_end.size()};
    }
    const bool sent = co_await socket_.send(head, data, timeout_);
    if (!sent || is_last(framing)) co_return sent;
    if (sized_ && source_.descriptor() >= 0) co_return co_await send_file();
    head.clear();
    // A source and a client that are both fast would hold the thread for the whole body.
    co_await socket_.yield();
    co_await read_piece();
  }
}

}  // namespace fechatter::http
