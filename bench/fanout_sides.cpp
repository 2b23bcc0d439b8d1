#include "bench/fanout_sides.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "fechatter_core/event/envelope.hpp"
#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::bench {
namespace {

constexpr std::int64_t first_event_id = 1'000'000;  // above the events of earlier runs
constexpr std::size_t batch_max = 512;              // as the relay's

std::vector<std::string> requests_of(std::size_t count, const People& people) {
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < count; ++i) requests.push_back(stream_request(people.token(i)));
  return requests;
}

std::vector<std::string> bare_requests(std::size_t count) {
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < count; ++i) requests.push_back(bare_stream_request(i));
  return requests;
}

}  // namespace

Publisher::Publisher(const std::string& nats_url, const People& people)
    : people_{people}, connection_{{nats_url, "bench"}} {
  const auto state = stream_.find_state();
  if (!state) throw std::runtime_error{"there is no stream"};
  last_stream_seq_ = state->last_seq;
  chain_.emplace(stream_, event::Epoch{epoch_, 1, 0, {}}, last_stream_seq_);
}

server::OutboxRow Publisher::event_of(std::int64_t chat, std::int64_t stamp_ns) {
  ++told_;
  const auto moment = to_rfc3339(now());
  const auto sender = people_.id(0);
  // Not by way of a tree: what makes the load shall cost little of the machine.
  auto envelope = fmt::format(
      R"({{"event_id":{0},"type":"NewMessage","workspace_id":{1},"chat_id":{2},"seq":{3},)"
      R"("occurred_at":"{4}","audience":"chat","members":null,"trace":null,"data":)"
      R"({{"type":"new_message","id":{0},"chat_id":{2},"sender_id":{5},"sender":)"
      R"({{"id":{5},"fullname":"Person 1","avatar_url":null}},"seq":{3},"content":)"
      R"("A message as long as most of them, I think. {6}","files":[],"mentions":[],)"
      R"("reply_to":null,"idempotency_key":"00000000-0000-4000-8000-000000000001",)"
      R"("created_at":"{4}","edited_at":null,"deleted_at":null,"chat_type":"PublicChannel",)"
      R"("sender_name":"Person 1"}}}})",
      first_event_id + told_, people_.workspace(), chat, told_, moment, sender, stamp_of(stamp_ns));
  return {EventId{first_event_id + told_},
          0,
          WorkspaceId{people_.workspace()},
          ChatId{chat},
          "NewMessage",
          std::move(envelope),
          {},
          {}};
}

void Publisher::publish(const std::vector<server::OutboxRow>& events) {
  for (std::size_t first = 0; first < events.size(); first += batch_max) {
    const auto begin = events.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min(batch_max, events.size() - first);
    const auto result =
        chain_->publish({begin, begin + static_cast<std::ptrdiff_t>(count)}, [] { return true; });
    if (!result.unbroken) throw std::runtime_error{"an event was not stored"};
    last_stream_seq_ += count;
  }
}

OurSide::OurSide(const Stage& stage, Publisher& publisher, const People& people, Chats chats)
    : publisher_{publisher},
      chats_{std::move(chats)},
      process_{stage.notify_process()},
      crowd_{{stage.notify_port(), requests_of(chats_.listeners(), people), 100, true, false}} {}

void OurSide::deliver(const std::vector<Delivery>& deliveries) {
  std::vector<server::OutboxRow> events;
  events.reserve(deliveries.size());
  for (const auto& delivery : deliveries) {
    events.push_back(publisher_.event_of(chats_.ids[delivery.chat], delivery.stamp_ns));
  }
  publisher_.publish(events);
}

BareSide::BareSide(const Chats& chats, std::string frame)
    : port_{test::free_port()}, loop_{[this, &chats, &frame] {
        run(chats.size, std::move(frame));
      }} {
  crowd_.emplace(CrowdOptions{port_, bare_requests(chats.listeners()), 100, true, false});
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
  read_end = ends[0];
  write_end = ends[1];
}

Pipe::~Pipe() {
  close(read_end);
  close(write_end);
}

void BareSide::run(std::size_t group, std::string frame) const {
  BareStreams streams{port_, group};
  const auto stamp_at = frame.find(stamp_mark);
  std::array<Delivery, 1> delivery{};
  while (true) {
    if (!streams.serve(pipe_.read_end, 1000)) continue;
    if (read(pipe_.read_end, delivery.data(), sizeof delivery) != sizeof delivery) return;
    const auto stamp = stamp_of(delivery[0].stamp_ns);
    frame.replace(stamp_at, stamp.size(), stamp);
    streams.deliver(delivery[0].chat, frame);
  }
}

void BareSide::deliver(const std::vector<Delivery>& deliveries) {
  for (const auto& delivery : deliveries) {
    if (write(pipe_.write_end, &delivery, sizeof delivery) != sizeof delivery) {
      throw std::runtime_error{"the plain loop has ended"};
    }
  }
}

BareStreamSide::BareStreamSide(pid_t loop, std::uint16_t port, const std::string& nats_url,
                               Publisher& publisher, Chats chats)
    : publisher_{publisher},
      chats_{std::move(chats)},
      loop_{loop},
      connection_{{nats_url, "bench"}},
      crowd_{{port, bare_requests(chats_.listeners()), 100, true, false}} {}

void BareStreamSide::deliver(const std::vector<Delivery>& deliveries) {
  for (const auto& delivery : deliveries) {
    const auto event = publisher_.event_of(chats_.ids[delivery.chat], delivery.stamp_ns);
    connection_.publish("bare.message", event.envelope);
  }
}

std::string frame_of(const server::OutboxRow& event, const Publisher& publisher) {
  return notify::event_frame(event::parse_envelope(event.envelope),
                             {publisher.epoch(), publisher.last_stream_seq() + 1000});
}

}  // namespace fechatter::bench
