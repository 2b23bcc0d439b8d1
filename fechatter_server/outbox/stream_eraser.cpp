#include "fechatter_server/outbox/stream_eraser.hpp"

#include <spdlog/spdlog.h>

#include <bit>
#include <optional>

#include "fechatter_core/nats/jetstream.hpp"

namespace fechatter::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds round_interval{2'000};
constexpr milliseconds slice_interval{20};  // the relay gets JetStream in between
constexpr milliseconds erase_again_interval{5'000};

}  // namespace

StreamEraser::StreamEraser(StreamEraserSettings settings) : settings_{std::move(settings)} {
  thread_ = std::thread{[this] { run(); }};
}

StreamEraser::~StreamEraser() {
  stop_.stop();
  thread_.join();
}

void StreamEraser::run() {
  while (!stop_.stopped()) {
    try {
      serve();
    } catch (const std::exception& error) {
      const auto count = static_cast<unsigned>(++failures_);
      if (std::has_single_bit(count)) {
        spdlog::warn("erasure from the stream failed {} times in a row: {}", count, error.what());
      }
      stop_.pause(erase_again_interval);
    }
  }
}

void StreamEraser::serve() {
  PostgresErasureStore store{settings_.database_url};
  Eraser eraser{store};
  std::optional<nats::Connection> connection;
  while (!stop_.stopped()) {
    std::size_t settled = 0;
    // Without an open erasure it does not matter whether NATS can be reached.
    if (!store.open(1).empty()) {
      if (!connection || !connection->alive()) connection.emplace(settings_.nats);
      nats::JetStream stream{*connection};
      if (stream.find_state()) settled = eraser.step(stream);
    }
    const auto forgotten = store.forget(settings_.stream_days);
    if (failures_.exchange(0) > 0) spdlog::info("erasure from the stream: working again");
    stop_.pause(settled == Eraser::slice_max || forgotten > 0 ? slice_interval : round_interval);
  }
}

}  // namespace fechatter::server
