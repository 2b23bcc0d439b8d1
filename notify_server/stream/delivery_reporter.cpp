#include "notify_server/stream/delivery_reporter.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "fechatter_core/event/envelope.hpp"

namespace fechatter::notify {
namespace {

constexpr std::chrono::milliseconds interval{2'000};

}  // namespace

DeliveryReporter::DeliveryReporter(nats::Settings nats, DeliveryLog& log)
    : nats_{std::move(nats)}, log_{log}, thread_{[this] { run(); }} {}

DeliveryReporter::~DeliveryReporter() {
  stop_.stop();
  thread_.join();
}

void DeliveryReporter::run() {
  while (!stop_.stopped()) {
    stop_.pause(interval);
    try {
      report();
    } catch (const nats::Failure& failure) {
      spdlog::debug("deliveries not reported: {}", failure.what());
      connection_.reset();
    }
  }
}

void DeliveryReporter::report() {
  const auto deliveries = log_.take_all();
  if (deliveries.empty()) return;
  if (!connection_ || !connection_->alive()) {
    connection_ = std::make_unique<nats::Connection>(nats_);
  }
  for (std::size_t first = 0; first < deliveries.size(); first += event::deliveries_max) {
    const auto count = std::min(event::deliveries_max, deliveries.size() - first);
    const auto text = event::to_text(std::span{deliveries}.subspan(first, count));
    connection_->publish(event::delivered_subject, text);
  }
}

}  // namespace fechatter::notify
