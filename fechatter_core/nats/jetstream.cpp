#include "fechatter_core/nats/jetstream.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/nats/stored_message.hpp"
#include "fechatter_core/nats/stream_replicas.hpp"

namespace fechatter::nats {
namespace {

using event::StreamMessage;
using event::StreamState;
using std::chrono::milliseconds;

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t request_timeout_ms = 2000;
// A message that JetStream counts, but cannot deliver, because its bytes are damaged, is waited for
// so long. The relay reads ranges, whose lease must outlive one.
constexpr std::int64_t range_timeout_ms = 400;
constexpr std::uint64_t fetch_max = 1024;
constexpr std::uint64_t singly_max = 64;  // requests of a range
constexpr const char* expected_seq_header = "Nats-Expected-Last-Sequence";
constexpr const char* expected_id_header = "Nats-Expected-Last-Msg-Id";

// A smaller stream could not hold the batches that a relay has under way.
constexpr std::int64_t max_bytes_min = 16 * 1024 * 1024;

using StreamInfo = std::unique_ptr<jsStreamInfo, Destroyer<jsStreamInfo, jsStreamInfo_Destroy>>;

void init(jsSubOptions& options, const event::StartAt& start) {
  check(jsSubOptions_Init(&options), "consumer options");
  options.Stream = event::stream_name;
  options.Config.AckPolicy = js_AckNone;
  options.Config.DeliverPolicy = js_DeliverAll;
  if (start.stream_seq) {
    options.Config.DeliverPolicy = js_DeliverByStartSequence;
    options.Config.OptStartSeq = *start.stream_seq;
  } else if (start.stored_at_ns) {
    options.Config.DeliverPolicy = js_DeliverByStartTime;
    options.Config.OptStartTime = *start.stored_at_ns;
  }
}

using ConsumerInfo =
    std::unique_ptr<jsConsumerInfo, Destroyer<jsConsumerInfo, jsConsumerInfo_Destroy>>;

// How many messages a consumer has not delivered yet.
std::uint64_t count_pending(natsSubscription* consumer) {
  jsConsumerInfo* raw = nullptr;
  check(natsSubscription_GetConsumerInfo(&raw, consumer, nullptr, nullptr), "consumer info");
  const ConsumerInfo info{raw};
  return info->NumPending;
}

// The next request of a read that has `messages` of `bytes`: as many as fill the limits when they
// are as large as those so far. At first their size is unknown.
std::size_t next_request(const event::ReadLimits& limits, std::size_t messages, std::size_t bytes) {
  constexpr std::size_t first_request = 16;
  const auto left = limits.messages - messages;
  if (messages == 0) return std::min(left, first_request);
  return std::min(left, 1 + (limits.bytes - bytes) / (bytes / messages + 1));
}

// Calls write(max_bytes) with half of the bytes for as long as no server has the room, or not
// enough of a cluster's have it; these say the same when they are too few for the replicas.
template <class Write>
natsStatus write_within_room(const std::int64_t max_bytes, Write write) {
  for (auto bytes = max_bytes;; bytes /= 2) {
    jsErrCode error{};
    const auto status = write(bytes, &error);
    const bool lacks_room = error == JSStorageResourcesExceededErr ||
                            error == JSInsufficientResourcesErr || error == JSClusterNoPeersErr;
    if (status == NATS_OK && bytes < max_bytes) {
      spdlog::warn("jetstream: too little room for the stream, it gets {} MiB", bytes >> 20);
    }
    if (status == NATS_OK || !lacks_room || bytes / 2 < max_bytes_min) return status;
  }
}

class Reader final : public event::EventReader {
 public:
  explicit Reader(Subscription subscription) : subscription_{std::move(subscription)} {}

  std::optional<StreamMessage> next(milliseconds timeout) override {
    const auto message = subscription_.next(timeout);
    if (!message) return std::nullopt;
    return read_delivered(*message);
  }

 private:
  Subscription subscription_;
};

// The sequence of an acknowledged message; 0 when JetStream refused it or had it already.
std::uint64_t sequence_of(std::string_view ack) {
  const auto body = nlohmann::json::parse(ack, nullptr, false);
  if (!body.is_object() || body.contains("error") || body.value("duplicate", false)) {
    spdlog::warn("jetstream: publish refused: {}", ack);
    return 0;
  }
  return body.value("seq", std::uint64_t{0});
}

}  // namespace

JetStream::JetStream(Connection& connection, StreamSettings settings)
    : connection_{connection}, settings_{settings} {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = request_timeout_ms;
  jsCtx* raw = nullptr;
  check(natsConnection_JetStream(&raw, connection.raw(), &options), "jetstream");
  raw_.reset(raw);
}

StreamState JetStream::read_state(const jsStreamInfo& info) {
  replicated_ = info.Config->Replicas > 1;
  return {info.Created, info.State.FirstSeq, info.State.LastSeq, info.State.Msgs,
          std::chrono::nanoseconds{info.Config->MaxAge}};
}

std::optional<StreamState> JetStream::find_state() {
  jsStreamInfo* raw = nullptr;
  const auto status = js_GetStreamInfo(&raw, raw_.get(), event::stream_name, nullptr, nullptr);
  if (status == NATS_NOT_FOUND) return std::nullopt;
  check(status, "stream info");
  const StreamInfo info{raw};
  check_leader(*info);
  return read_state(*info);
}

// The oldest messages are discarded, never new ones: PostgreSQL has them all, and a relay that is
// refused delivers nothing any more.
StreamState JetStream::create() {
  jsStreamConfig config;
  check(jsStreamConfig_Init(&config), "stream config");
  const char* subjects[] = {event::stream_subjects};
  config.Name = event::stream_name;
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.Discard = js_DiscardOld;
  config.MaxAge = std::chrono::nanoseconds{settings_.max_age}.count();
  config.Replicas = settings_.replicas;
  jsStreamInfo* raw = nullptr;
  const auto add = [&](std::int64_t max_bytes, jsErrCode* error) {
    config.MaxBytes = max_bytes;
    return js_AddStream(&raw, raw_.get(), &config, nullptr, error);
  };
  check(write_within_room(settings_.max_bytes, add), "create stream");
  const StreamInfo info{raw};
  return read_state(*info);
}

void JetStream::apply_limits() {
  jsStreamInfo* raw = nullptr;
  const auto status = js_GetStreamInfo(&raw, raw_.get(), event::stream_name, nullptr, nullptr);
  if (status == NATS_NOT_FOUND) return;
  check(status, "stream info");
  const StreamInfo info{raw};
  auto& config = *info->Config;
  apply_replicas(raw_.get(), config, settings_.replicas);
  const auto max_age = std::chrono::nanoseconds{settings_.max_age}.count();
  if (config.MaxAge == max_age && config.MaxBytes == settings_.max_bytes) return;
  config.MaxAge = max_age;
  config.Discard = js_DiscardOld;
  const auto update = [&](std::int64_t max_bytes, jsErrCode* error) {
    config.MaxBytes = max_bytes;
    return js_UpdateStream(nullptr, raw_.get(), &config, nullptr, error);
  };
  check(write_within_room(settings_.max_bytes, update), "stream limits");
}

void JetStream::purge(std::uint64_t last_seq) {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = request_timeout_ms;
  options.Stream.Purge.Sequence = last_seq + 1;
  check(js_PurgeStream(raw_.get(), event::stream_name, &options, nullptr), "purge");
}

std::optional<StreamMessage> JetStream::find_message(std::uint64_t stream_seq) {
  natsMsg* raw = nullptr;
  const auto status = js_GetMsg(&raw, raw_.get(), event::stream_name, stream_seq, nullptr, nullptr);
  if (status == NATS_NOT_FOUND) return std::nullopt;
  check(status, "get message");
  return read_stored(Message{raw}, stream_seq);
}

std::vector<std::uint64_t> JetStream::find_missing() {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = request_timeout_ms;
  options.Stream.Info.DeletedDetails = true;
  jsStreamInfo* raw = nullptr;
  check(js_GetStreamInfo(&raw, raw_.get(), event::stream_name, &options, nullptr), "stream info");
  const StreamInfo info{raw};
  check_leader(*info);
  return {info->State.Deleted, info->State.Deleted + info->State.DeletedLen};
}

void JetStream::erase(std::uint64_t stream_seq) {
  const auto status = js_EraseMsg(raw_.get(), event::stream_name, stream_seq, nullptr, nullptr);
  // A message that is gone already is an error, too, and not always the same one.
  if (status != NATS_OK && find_message(stream_seq)) check(status, "erase message");
}

// By a pull consumer, which receives what it requests and nothing beyond. A fetch that was short is
// the last one, here and below: where its messages arrive late, the next fetch of nats.c 3.4 writes
// more of them into its list than there is room for. Messages that did not come are requested one
// by one.
std::vector<StreamMessage> JetStream::read_range(std::uint64_t first, std::uint64_t last) {
  jsSubOptions options;
  init(options, {first, {}});
  natsSubscription* raw = nullptr;
  check(js_PullSubscribe(&raw, raw_.get(), event::stream_subjects, nullptr, nullptr, &options,
                         nullptr),
        "consumer of a range");
  // Deletes the consumer with the subscription: the server would keep it for seconds, and there may
  // be hundreds in a second.
  const auto subscription = connection_.own(raw);
  std::vector<StreamMessage> range;
  // No more is requested than there is: a fetch waits for the messages of holes, too.
  auto left = count_pending(raw);
  auto next = first;
  while (next <= last && left > 0) {
    Fetched fetched;
    const auto batch = static_cast<int>(std::min({fetch_max, last - next + 1, left}));
    const auto status =
        natsSubscription_Fetch(&fetched.list, raw, batch, range_timeout_ms, nullptr);
    if (status != NATS_TIMEOUT) check(status, "fetch");
    left -= std::min(left, static_cast<std::uint64_t>(fetched.list.Count));
    for (int i = 0; i < fetched.list.Count; ++i) {
      auto message = read_delivered(fetched.take(i));
      next = message.stream_seq + 1;
      if (message.stream_seq <= last) range.push_back(std::move(message));
    }
    if (fetched.list.Count < batch) {
      read_singly(next, last, range);
      break;
    }
  }
  return range;
}

// JetStream has no such answer for a message that it counts, but cannot deliver, because its bytes
// are damaged: it is not found.
void JetStream::read_singly(std::uint64_t first, std::uint64_t last,
                            std::vector<StreamMessage>& range) {
  if (last >= first + singly_max) {
    throw event::TookTooLong{"a range of the stream was not read in time"};
  }
  for (auto stream_seq = first; stream_seq <= last; ++stream_seq) {
    if (auto message = find_message(stream_seq)) range.push_back(std::move(*message));
  }
}

// The number of messages is known before they are requested: a fetch that brings fewer was slow,
// and the end of the range is not guessed from silence.
event::WorkspaceRange JetStream::read_workspace(WorkspaceId workspace, std::uint64_t first,
                                                const event::ReadLimits& limits) {
  jsSubOptions options;
  init(options, {first, {}});
  natsSubscription* raw = nullptr;
  check(js_PullSubscribe(&raw, raw_.get(), event::subjects_of(workspace).c_str(), nullptr, nullptr,
                         &options, nullptr),
        "consumer of a workspace");
  const auto subscription = connection_.own(raw);
  event::WorkspaceRange range;
  std::size_t bytes = 0;
  auto pending = count_pending(raw);
  while (pending > 0 && bytes < limits.bytes && range.messages.size() < limits.messages) {
    const auto wanted =
        std::min<std::uint64_t>(pending, next_request(limits, range.messages.size(), bytes));
    Fetched fetched;
    check(natsSubscription_Fetch(&fetched.list, raw, static_cast<int>(wanted), request_timeout_ms,
                                 nullptr),
          "fetch");
    pending -= static_cast<std::uint64_t>(fetched.list.Count);
    for (int i = 0; i < fetched.list.Count; ++i) {
      auto message = read_delivered(fetched.take(i));
      bytes += message.data.size();
      // The server moves a start beyond its head back.
      if (message.stream_seq >= first) range.messages.push_back(std::move(message));
    }
    if (static_cast<std::uint64_t>(fetched.list.Count) < wanted) break;
  }
  range.complete = pending == 0;
  return range;
}

std::unique_ptr<event::EventReader> JetStream::follow(const event::StartAt& start) {
  jsSubOptions options;
  init(options, start);
  options.Config.MaxDeliver = 1;
  options.Config.Heartbeat = nanoseconds_per_second;
  options.Config.FlowControl = true;
  natsSubscription* raw = nullptr;
  check(js_SubscribeSync(&raw, raw_.get(), event::stream_subjects, nullptr, &options, nullptr),
        "consumer");
  return std::make_unique<Reader>(connection_.own(raw));
}

std::uint64_t JetStream::publish(const event::Publication& publication) {
  if (!acks_) {
    inbox_ = connection_.new_inbox();
    acks_ = connection_.subscribe(inbox_ + ".>");
  }
  const auto ticket = ++tickets_;
  const auto& epoch = publication.epoch;
  std::vector<std::pair<const char*, std::string>> headers{
      {message_id_header, publication.message_id},
      {expected_seq_header, std::to_string(publication.expected_last_seq)},
      {event::epoch_header, std::to_string(epoch.number)},
      {event::epoch_first_header, std::to_string(epoch.first_seq)},
      {event::epoch_covers_header, std::to_string(epoch.covers_seconds)},
      {event::workspace_previous_header, std::to_string(publication.workspace_previous)}};
  if (!replicated_ && !publication.expected_last_id.empty()) {
    headers.emplace_back(expected_id_header, publication.expected_last_id);
  }
  if (epoch.republish_through.value > 0) {
    headers.emplace_back(event::epoch_republish_through_header,
                         std::to_string(epoch.republish_through.value));
  }
  if (const auto first_position = publication.first_position; first_position.epoch > 0) {
    headers.emplace_back(event::first_position_header,
                         fmt::format("{}-{}", first_position.epoch, first_position.stream_seq));
  }
  if (!publication.trace.empty()) headers.emplace_back(event::trace_header, publication.trace);
  connection_.publish(publication.subject, fmt::format("{}.{}", inbox_, ticket), headers,
                      publication.data);
  return ticket;
}

std::optional<event::PublishAck> JetStream::next_ack(milliseconds timeout) {
  const auto ack = acks_ ? acks_->next(timeout) : std::nullopt;
  if (!ack) return std::nullopt;
  const auto ticket = ack->subject().substr(std::min(inbox_.size() + 1, ack->subject().size()));
  return event::PublishAck{number_of<std::uint64_t>(ticket), sequence_of(ack->data())};
}

void JetStream::request_verification(const event::StreamObservation& observation) {
  connection_.publish(event::verify_subject, to_string(observation));
}

}  // namespace fechatter::nats
