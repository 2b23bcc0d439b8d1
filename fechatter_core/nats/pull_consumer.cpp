#include "fechatter_core/nats/pull_consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/nats/stored_message.hpp"
#include "fechatter_core/nats/stream_replicas.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t pull_timeout_ms = 2000;
constexpr std::int64_t unacked_max = 10'000;
// The answer to a request is awaited so long after the request's end. nats-server 2.9 ends some
// without a status; messages that arrive later are read with the next request.
constexpr milliseconds answer_wait{20};
// A stop is noticed between two fetches.
constexpr auto fetch_wait_max = milliseconds{500} - answer_wait;
// So far a batch can exceed its bytes.
constexpr std::size_t request_events_max = 32;
constexpr seconds dead_letter_max_age{30 * 24 * 3600};
constexpr std::size_t reason_length_max = 1000;
constexpr const char* reason_header = "Fechatter-Reason";

// With as many replicas as the stream of events. One that is there is left as it is: dead letters
// came before the stream of events had so many.
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
  config.Replicas = event_replicas(context);
  jsErrCode error{};
  const auto status = js_AddStream(nullptr, context, &config, nullptr, &error);
  if (error != JSStreamNameExistErr) check(status, "dead-letter stream");
}

// What names the event, and nothing that a member has written. Empty for bytes that are no object.
std::string without_data(std::string_view event) {
  auto envelope = nlohmann::ordered_json::parse(event, nullptr, false);
  if (!envelope.is_object()) return {};
  envelope.erase("data");
  return envelope.dump();
}

// A header is one line.
std::string header_line(const std::string& text) {
  auto line = text.substr(0, reason_length_max);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

// The end of a request instead of a message: there are no more (404), or none came in time (408).
// Any other status means that the consumer cannot be read.
bool is_status(const Message& message) {
  const auto status = message.header("Status");
  if (!message.data().empty() || status.empty()) return false;
  if (status == "404" || status == "408") return true;
  throw Failure{fmt::format("fetch: {} {}", status, message.header("Description")), NATS_ERR};
}

}  // namespace

PullConsumer::PullConsumer(Connection& connection, const std::string& name, seconds ack_wait)
    : connection_{connection},
      name_{name},
      request_subject_{fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", event::stream_name, name)},
      inbox_{connection.new_inbox()},
      replies_{connection.subscribe(inbox_ + ".*")} {
  jsOptions options;
  check(jsOptions_Init(&options), "jetstream options");
  options.Wait = pull_timeout_ms;
  jsCtx* raw = nullptr;
  check(natsConnection_JetStream(&raw, connection.raw(), &options), "jetstream");
  context_.reset(raw);

  jsConsumerConfig consumer;
  check(jsConsumerConfig_Init(&consumer), "consumer config");
  consumer.Durable = name.c_str();
  consumer.FilterSubject = event::every_subject;
  consumer.DeliverPolicy = js_DeliverAll;
  consumer.AckPolicy = js_AckExplicit;
  consumer.AckWait = nanoseconds{ack_wait}.count();
  consumer.MaxAckPending = unacked_max;
  check(js_AddConsumer(nullptr, context_.get(), event::stream_name, &consumer, nullptr, nullptr),
        "durable consumer");
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
  fetch_until(last_batch_ + limits.linger, limits.min);
  // With each message the server says how many there are behind it.
  while (batch.size() < limits.max && batch.bytes < limits.bytes_max && !stop.stopped()) {
    const auto ready =
        std::min<std::uint64_t>(batch.events.back().pending, limits.max - batch.size());
    // Another instance may have taken them.
    if (ready == 0 || fetch_into(batch, ready, milliseconds{0}) == 0) break;
  }
  last_batch_ = Clock::now();
  return batch;
}

// Not with nats.c's fetch: where messages of an earlier request arrive late, version 3.4 writes
// more of them into its list than there is room for.
std::size_t PullConsumer::fetch_into(Batch& batch, std::size_t count, milliseconds wait) {
  count = std::min(count, request_events_max);
  const auto rule = wait > milliseconds{0}
                        ? fmt::format("\"expires\":{}", nanoseconds{wait}.count())
                        : std::string{"\"no_wait\":true"};
  const auto reply = fmt::format("{}.{}", inbox_, ++requests_);
  connection_.publish(request_subject_, reply, {}, fmt::format("{{\"batch\":{},{}}}", count, rule));
  const auto deadline = Clock::now() + wait + answer_wait;
  std::size_t taken = 0;
  while (taken < count) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    auto message = replies_.next(std::max(left, milliseconds{1}));
    if (!message) break;
    if (is_status(*message)) {
      if (message->subject() == reply) break;
      continue;
    }
    batch.events.push_back(read_delivered(*message));
    batch.bytes += batch.events.back().data.size();
    batch.messages.push_back(std::move(*message));
    ++taken;
  }
  return taken;
}

void PullConsumer::answer(const Message& message, std::string_view verdict) {
  connection_.publish(natsMsg_GetReply(message.raw()), verdict);
}

void PullConsumer::ack(const Message& message) {
  answer(message, "+ACK");
}

void PullConsumer::nak(const Message& message, milliseconds delay) {
  answer(message, fmt::format("-NAK {{\"delay\":{}}}", nanoseconds{delay}.count()));
}

void PullConsumer::extend_ack_wait(const Message& message) {
  answer(message, "+WPI");
}

void PullConsumer::dead_letter(const Message& message, const std::string& reason) {
  make_dead_letter_stream(context_.get());
  const auto subject = dead_letter_subject + name_;
  natsMsg* raw = nullptr;
  const auto data = without_data(message.data());
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
