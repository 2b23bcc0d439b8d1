#include "fechatter_core/nats/pull_consumer.hpp"

#include <algorithm>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/nats/stored_message.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t request_timeout_ms = 2000;
constexpr std::int64_t unacked_max = 10'000;
// How long a fetch of messages that are there already stays open. Not `no_wait`: together with an
// expiry JetStream holds such a fetch until it expires, and nats.c needs an expiry to wait for the
// answer. Messages that arrive later are returned by the next fetch.
constexpr milliseconds ready_wait{5};
// A stop is noticed between two fetches.
constexpr milliseconds fetch_wait_max{500};
// So far a batch can exceed its bytes.
constexpr std::size_t request_events_max = 32;
constexpr seconds dead_letter_max_age{30 * 24 * 3600};
constexpr std::size_t reason_length_max = 1000;
constexpr const char* reason_header = "Fechatter-Reason";

void make_dead_letter_stream(jsCtx* context) {
  const auto all = std::string{dead_letter_subject} + '>';
  jsStreamConfig config;
  check(jsStreamConfig_Init(&config), "stream config");
  const char* subjects[] = {all.c_str()};
  config.Name = dead_letter_stream;
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.MaxAge = nanoseconds{dead_letter_max_age}.count();
  check(js_AddStream(nullptr, context, &config, nullptr, nullptr), "dead-letter stream");
}

// A header is one line.
std::string header_line(const std::string& text) {
  auto line = text.substr(0, reason_length_max);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

PullConsumer::PullConsumer(Connection& connection, const std::string& name, seconds ack_wait)
    : name_{name} {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = request_timeout_ms;
  jsCtx* raw = nullptr;
  check(natsConnection_JetStream(&raw, connection.raw(), &options), "jetstream");
  context_.reset(raw);

  jsSubOptions consumer;
  check(jsSubOptions_Init(&consumer), "consumer options");
  consumer.Stream = event::stream_name;
  consumer.Config.DeliverPolicy = js_DeliverAll;
  consumer.Config.AckPolicy = js_AckExplicit;
  consumer.Config.AckWait = nanoseconds{ack_wait}.count();
  consumer.Config.MaxAckPending = unacked_max;
  natsSubscription* subscription = nullptr;
  check(js_PullSubscribe(&subscription, context_.get(), event::stream_subjects, name.c_str(),
                         nullptr, &consumer, nullptr),
        "durable consumer");
  subscription_.emplace(connection.own(subscription, Subscription::Ending::keep_consumer));
}

Batch PullConsumer::fetch(const BatchLimits& limits, StopSignal& stop) {
  Batch batch;
  const auto fetch_until = [&](Clock::time_point deadline, std::size_t count) {
    while (batch.size() < count && batch.bytes < limits.bytes_max && !stop.stopped()) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      if (left <= milliseconds{0}) break;
      fetch_into(batch, count - batch.size(), std::min(left, fetch_wait_max));
    }
  };
  fetch_until(Clock::now() + limits.wait, 1);
  if (batch.empty()) return batch;
  fetch_until(Clock::now() + limits.linger, limits.min);
  std::size_t missing = 0;
  while (missing == 0 && batch.size() < limits.max && batch.bytes < limits.bytes_max) {
    missing = fetch_into(batch, limits.max - batch.size(), ready_wait);
  }
  return batch;
}

std::size_t PullConsumer::fetch_into(Batch& batch, std::size_t count, milliseconds wait) {
  count = std::min(count, request_events_max);
  jsFetchRequest request;
  check(jsFetchRequest_Init(&request), "fetch request");
  request.Batch = static_cast<int>(count);
  request.Expires = nanoseconds{wait}.count();
  Fetched fetched;
  const auto status = natsSubscription_FetchRequest(&fetched.list, subscription_->raw(), &request);
  if (status == NATS_TIMEOUT || status == NATS_NOT_FOUND) return count;
  check(status, "fetch");
  for (int i = 0; i < fetched.list.Count; ++i) {
    auto message = fetched.take(i);
    batch.events.push_back(read_delivered(message));
    batch.bytes += batch.events.back().data.size();
    batch.messages.push_back(std::move(message));
  }
  return count - static_cast<std::size_t>(fetched.list.Count);
}

void PullConsumer::ack(const Message& message) {
  check(natsMsg_Ack(message.raw(), nullptr), "ack");
}

void PullConsumer::nak(const Message& message, milliseconds delay) {
  check(natsMsg_NakWithDelay(message.raw(), delay.count(), nullptr), "nak");
}

void PullConsumer::extend_ack_wait(const Message& message) {
  check(natsMsg_InProgress(message.raw(), nullptr), "extend ack wait");
}

void PullConsumer::dead_letter(const Message& message, const std::string& reason) {
  make_dead_letter_stream(context_.get());
  const auto subject = dead_letter_subject + name_;
  natsMsg* raw = nullptr;
  const auto data = message.data();
  check(natsMsg_Create(&raw, subject.c_str(), nullptr, data.data(), static_cast<int>(data.size())),
        "message");
  const Message letter{raw};
  check(natsMsgHeader_Set(raw, reason_header, header_line(reason).c_str()), "header");
  // nats.c reads no header behind an empty one.
  if (const std::string id{message.header(message_id_header)}; !id.empty()) {
    check(natsMsgHeader_Set(raw, message_id_header, id.c_str()), "header");
  }
  jsPubAck* stored = nullptr;
  check(js_PublishMsg(&stored, context_.get(), raw, nullptr, nullptr), "publish dead letter");
  jsPubAck_Destroy(stored);
  ack(message);
}

std::uint64_t PullConsumer::lag() {
  jsConsumerInfo* raw = nullptr;
  check(
      js_GetConsumerInfo(&raw, context_.get(), event::stream_name, name_.c_str(), nullptr, nullptr),
      "consumer info");
  const std::unique_ptr<jsConsumerInfo, Destroyer<jsConsumerInfo, jsConsumerInfo_Destroy>> info{
      raw};
  return info->NumPending + static_cast<std::uint64_t>(info->NumAckPending);
}

bool stream_exists(Connection& connection) {
  return JetStream{connection}.find_state().has_value();
}

}  // namespace fechatter::nats
