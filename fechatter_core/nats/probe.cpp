#include "fechatter_core/nats/probe.hpp"

namespace fechatter::nats {
namespace {

constexpr std::chrono::milliseconds ping_timeout{900};

}  // namespace

Probe::Probe(Settings settings)
    : settings_{std::move(settings)}, pool_{{1, 16, "Too many health checks wait."}, [] {
                                              return std::optional<Connection>{};
                                            }} {}

awaitable<> Probe::check() {
  const auto ping = [this](std::optional<Connection>& connection) {
    try {
      if (!connection || !connection->alive()) connection.emplace(settings_);
      return connection->ping(ping_timeout);
    } catch (const Failure&) {
      connection.reset();
      throw Error{ErrorCode::nats_unavailable, "NATS cannot be reached"};
    }
  };
  co_await pool_.run(ping);
}

}  // namespace fechatter::nats
