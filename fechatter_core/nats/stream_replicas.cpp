#include "fechatter_core/nats/stream_replicas.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/nats/nats_connection.hpp"

namespace fechatter::nats {

std::int64_t event_replicas(jsCtx* context) {
  jsStreamInfo* raw = nullptr;
  check(js_GetStreamInfo(&raw, context, event::stream_name, nullptr, nullptr), "stream info");
  const std::unique_ptr<jsStreamInfo, Destroyer<jsStreamInfo, jsStreamInfo_Destroy>> info{raw};
  return info->Config->Replicas;
}

void apply_replicas(jsCtx* context, jsStreamConfig& config, std::int64_t replicas) {
  const auto former = std::exchange(config.Replicas, replicas);
  if (former == replicas) return;
  const auto status = js_UpdateStream(nullptr, context, &config, nullptr, nullptr);
  if (status == NATS_OK) {
    spdlog::info("jetstream: the stream gets {} replicas, had {}", replicas, former);
    return;
  }
  spdlog::warn("jetstream: the stream keeps {} replicas; {}", former,
               Failure{fmt::format("{} replicas", replicas), status}.what());
  config.Replicas = former;
}

void check_leader(const jsStreamInfo& info) {
  const auto* cluster = info.Cluster;
  if (cluster == nullptr || (cluster->Leader != nullptr && *cluster->Leader != '\0')) return;
  throw Failure{"stream info without a leader", NATS_NO_RESPONDERS};
}

}  // namespace fechatter::nats
