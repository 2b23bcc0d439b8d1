#include "fechatter_core/nats/work_queue.hpp"

#include <algorithm>

#include "fechatter_core/nats/stored_message.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t request_timeout_ms = 2000;
constexpr std::int64_t unacknowledged_max = 10'000;
// How long a fetch of messages that are there already stays open. Not `no_wait`: together with an
// expiry JetStream holds such a fetch until it expires, and nats.c needs an expiry to wait for the
// answer. Messages that arrive later are returned by the next fetch.
constexpr milliseconds ready_wait{5};
constexpr const char* dead_stream = "FECHATTER_DEAD";
constexpr const char* dead_subjects = "fechatter.v1.dead.>";
constexpr seconds dead_kept{30 * 24 * 3600};
constexpr const char* reason_header = "Fechatter-Reason";

void make_dead_stream(jsCtx* context) {
  jsStreamConfig config;
  check(jsStreamConfig_Init(&config), "stream config");
  const char* subjects[] = {dead_subjects};
  config.Name = dead_stream;
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.MaxAge = nanoseconds{dead_kept}.count();
  check(js_AddStream(nullptr, context, &config, nullptr, nullptr), "stream of the dead");
}

}  // namespace

WorkQueue::WorkQueue(Connection& connection, const std::string& name, seconds patience)
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
  consumer.Config.AckWait = nanoseconds{patience}.count();
  consumer.Config.MaxAckPending = unacknowledged_max;
  natsSubscription* subscription = nullptr;
  check(js_PullSubscribe(&subscription, context_.get(), event::stream_subjects, name.c_str(),
                         nullptr, &consumer, nullptr),
        "durable consumer");
  subscription_.emplace(connection.own(subscription, Subscription::Ending::keep_consumer));
}

std::vector<WorkQueue::Item> WorkQueue::take(const Appetite& appetite) {
  std::vector<Item> items;
  fetch(items, 1, appetite.patience);
  if (items.empty()) return items;
  const auto until = Clock::now() + appetite.gather;
  while (items.size() < appetite.enough) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left <= milliseconds{0}) break;
    fetch(items, appetite.enough - items.size(), left);
  }
  if (items.size() < appetite.count_max) {
    fetch(items, appetite.count_max - items.size(), ready_wait);
  }
  return items;
}

void WorkQueue::fetch(std::vector<Item>& items, std::size_t count, milliseconds wait) {
  jsFetchRequest request;
  check(jsFetchRequest_Init(&request), "fetch request");
  request.Batch = static_cast<int>(count);
  request.Expires = nanoseconds{wait}.count();
  Fetched fetched;
  const auto status = natsSubscription_FetchRequest(&fetched.list, subscription_->raw(), &request);
  if (status == NATS_TIMEOUT || status == NATS_NOT_FOUND) return;
  check(status, "fetch");
  for (int i = 0; i < fetched.list.Count; ++i) {
    auto raw = fetched.take(i);
    auto message = read_delivered(raw);
    items.push_back({std::move(message), std::move(raw)});
  }
}

void WorkQueue::done(const Item& item) {
  check(natsMsg_Ack(item.raw.raw(), nullptr), "acknowledge");
}

void WorkQueue::again_after(const Item& item, milliseconds delay) {
  check(natsMsg_NakWithDelay(item.raw.raw(), delay.count(), nullptr), "give back");
}

void WorkQueue::bury(const Item& item, const std::string& reason) {
  make_dead_stream(context_.get());
  const auto subject = "fechatter.v1.dead." + name_;
  natsMsg* raw = nullptr;
  const auto data = item.raw.data();
  check(natsMsg_Create(&raw, subject.c_str(), nullptr, data.data(), static_cast<int>(data.size())),
        "message");
  const Message message{raw};
  // A header is one line.
  auto line = reason.substr(0, 1000);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  check(natsMsgHeader_Set(raw, reason_header, line.c_str()), "header");
  // nats.c reads no header behind an empty one.
  if (const auto& id = item.message.message_id; !id.empty()) {
    check(natsMsgHeader_Set(raw, message_id_header, id.c_str()), "header");
  }
  jsPubAck* ack = nullptr;
  check(js_PublishMsg(&ack, context_.get(), raw, nullptr, nullptr), "publish the dead");
  jsPubAck_Destroy(ack);
  done(item);
}

}  // namespace fechatter::nats
