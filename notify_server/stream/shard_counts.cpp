#include "notify_server/stream/shard_counts.hpp"

namespace fechatter::notify {

std::string_view name_of(CloseCause cause) {
  switch (cause) {
    case CloseCause::client_left: return "client_left";
    case CloseCause::slow_consumer: return "slow_consumer";
    case CloseCause::token_expired: return "token_expired";
    case CloseCause::session_ended: return "session_ended";
    case CloseCause::connection_limit: return "connection_limit";
    case CloseCause::catch_up_failed: return "catch_up_failed";
    case CloseCause::warmed_up: return "warmed_up";
    case CloseCause::drained: return "drained";
    case CloseCause::count: break;
  }
  return {};
}

std::string_view name_of(StreamStart start) {
  switch (start) {
    case StreamStart::fresh: return "fresh";
    case StreamStart::resumed: return "resumed";
    case StreamStart::reset: return "reset";
    case StreamStart::count: break;
  }
  return {};
}

}  // namespace fechatter::notify
