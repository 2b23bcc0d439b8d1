#include "fechatter_core/nats/probe.hpp"

#include "fechatter_core/event/event_stream.hpp"

namespace fechatter::nats {
namespace {

constexpr std::int64_t answer_timeout_ms = 900;

// A server of a cluster without a quorum answers pings, and stores nothing. A stream that nothing
// has been published to yet is not there, and that is well.
void ask_for_stream(Connection& connection) {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = answer_timeout_ms;
  jsCtx* raw_context = nullptr;
  check(natsConnection_JetStream(&raw_context, connection.raw(), &options), "jetstream");
  const std::unique_ptr<jsCtx, Destroyer<jsCtx, jsCtx_Destroy>> context{raw_context};
  jsStreamInfo* raw = nullptr;
  const auto status = js_GetStreamInfo(&raw, context.get(), event::stream_name, &options, nullptr);
  const std::unique_ptr<jsStreamInfo, Destroyer<jsStreamInfo, jsStreamInfo_Destroy>> info{raw};
  if (status != NATS_NOT_FOUND) check(status, "stream info");
}

}  // namespace

Probe::Probe(Settings settings)
    : settings_{std::move(settings)}, pool_{{1, 16, "Too many health checks wait."}, [] {
                                              return std::optional<Connection>{};
                                            }} {}

awaitable<> Probe::check() {
  const auto ask = [this](std::optional<Connection>& connection) {
    const char* problem = "NATS cannot be reached";
    try {
      if (!connection || !connection->alive()) connection.emplace(settings_);
      problem = "NATS does not answer for the stream: without a quorum?";
      ask_for_stream(*connection);
    } catch (const Failure&) {
      connection.reset();
      throw Error{ErrorCode::nats_unavailable, problem};
    }
    return true;
  };
  co_await pool_.run(ask);
}

}  // namespace fechatter::nats
