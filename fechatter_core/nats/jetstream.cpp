#include "fechatter_core/nats/jetstream.hpp"

namespace fechatter::nats {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

using StreamInfo = std::unique_ptr<jsStreamInfo, Destroyer<jsStreamInfo, jsStreamInfo_Destroy>>;

StreamState state_of(const jsStreamInfo& info) {
  return {info.Created, info.State.FirstSeq, info.State.LastSeq, info.State.Msgs};
}

}  // namespace

JetStream::JetStream(Connection& connection) {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = 2000;
  jsCtx* raw = nullptr;
  check(natsConnection_JetStream(&raw, connection.raw(), &options), "jetstream");
  raw_.reset(raw);
}

std::optional<StreamState> JetStream::find_stream(const std::string& name) {
  jsStreamInfo* raw = nullptr;
  const auto status = js_GetStreamInfo(&raw, raw_.get(), name.c_str(), nullptr, nullptr);
  if (status == NATS_NOT_FOUND) return std::nullopt;
  check(status, "stream info");
  const StreamInfo info{raw};
  return state_of(*info);
}

StreamState JetStream::create_stream(const StreamSettings& settings) {
  jsStreamConfig config;
  check(jsStreamConfig_Init(&config), "stream config");
  const char* subjects[] = {settings.subjects.c_str()};
  config.Name = settings.name.c_str();
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.MaxAge = std::chrono::nanoseconds{settings.max_age}.count();
  config.Replicas = settings.replicas;
  jsStreamInfo* raw = nullptr;
  check(js_AddStream(&raw, raw_.get(), &config, nullptr, nullptr), "create stream");
  const StreamInfo info{raw};
  return state_of(*info);
}

void JetStream::purge(const std::string& name) {
  check(js_PurgeStream(raw_.get(), name.c_str(), nullptr, nullptr), "purge");
}

std::optional<Message> JetStream::find_message(const std::string& stream,
                                               std::uint64_t stream_seq) {
  natsMsg* raw = nullptr;
  const auto status = js_GetMsg(&raw, raw_.get(), stream.c_str(), stream_seq, nullptr, nullptr);
  if (status == NATS_NOT_FOUND) return std::nullopt;
  check(status, "get message");
  return Message{raw};
}

Subscription JetStream::consume(const std::string& stream, const std::string& subjects,
                                const StartAt& start) {
  jsSubOptions options;
  check(jsSubOptions_Init(&options), "consumer options");
  options.Stream = stream.c_str();
  options.Config.AckPolicy = js_AckNone;
  options.Config.MaxDeliver = 1;
  options.Config.Heartbeat = nanoseconds_per_second;
  options.Config.FlowControl = true;
  options.Config.DeliverPolicy = js_DeliverAll;
  if (start.stream_seq) {
    options.Config.DeliverPolicy = js_DeliverByStartSequence;
    options.Config.OptStartSeq = *start.stream_seq;
  } else if (start.ago) {
    const auto begin = std::chrono::system_clock::now() - *start.ago;
    options.Config.DeliverPolicy = js_DeliverByStartTime;
    options.Config.OptStartTime =
        std::chrono::duration_cast<std::chrono::nanoseconds>(begin.time_since_epoch()).count();
  }
  natsSubscription* raw = nullptr;
  check(js_SubscribeSync(&raw, raw_.get(), subjects.c_str(), nullptr, &options, nullptr),
        "consumer");
  return Subscription{raw};
}

StoredMessage with_position(Message message) {
  jsMsgMetaData* raw = nullptr;
  check(natsMsg_GetMetaData(&raw, message.raw()), "metadata");
  const std::unique_ptr<jsMsgMetaData, Destroyer<jsMsgMetaData, jsMsgMetaData_Destroy>> data{raw};
  return {data->Sequence.Stream, data->NumPending, std::move(message)};
}

}  // namespace fechatter::nats
