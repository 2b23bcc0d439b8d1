#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "notify_server/stream/sse_frame.hpp"
#include "tests/fuzz/fuzz.hpp"

// Input of notify_server: the cursors of clients and the events of the stream; and the SSE frame
// that an event becomes.
namespace fechatter::fuzz {
namespace {

using nlohmann::json;
using notify::Cursor;
using notify::Position;

void check_cursor(std::string_view text) {
  const auto cursor = notify::parse_cursor(text);
  require((cursor.kind == Cursor::Kind::none) == text.empty(), "only nothing is no cursor");
  if (cursor.kind != Cursor::Kind::position) return;
  require(notify::to_string(cursor.id()) == text, "a cursor prints to itself");
  require(cursor.position.epoch >= 0, "an epoch is not negative");
}

Position any_position(std::string_view text) {
  Choices choices{text};
  return {static_cast<std::int64_t>(choices.up_to(INT64_MAX)), choices.up_to(SIZE_MAX - 1)};
}

void check_id(notify::FrameId id) {
  const auto cursor = notify::parse_cursor(notify::to_string(id));
  require(cursor.kind == Cursor::Kind::position, "every id of a frame is a cursor");
  require(cursor.id() == id, "an id comes back from its text");
}

std::string_view line_of(std::string_view& frame) {
  require(frame.find('\n') != frame.npos, "every line of a frame ends");
  return http::take_until(frame, '\n');
}

bool is_beyond_nlohmann(std::string_view data) {
  return data.find("\\u") != data.npos || data.find_first_of("eE") != data.npos;
}

// Parses the frame like a browser (WHATWG HTML, 9.2), but more strictly.
void check_frame(const event::Envelope& envelope, Position position) {
  const auto frame = notify::event_frame(envelope, position);
  require(frame.find('\r') == frame.npos, "a frame knows one line ending");
  std::string_view rest = frame;
  require(line_of(rest) == "id: " + notify::to_string({position, envelope.event_id}),
          "the id first");
  require(line_of(rest) == "event: " + envelope.type, "then the event's name");
  const auto data = line_of(rest);
  require(rest == "\n", "one line of data, then the end");
  require(data.starts_with("data: "), "data is called so");
  const auto parsed = json::parse(data.substr(6), nullptr, false);
  // nlohmann does not read half of a surrogate pair or a number beyond a double.
  if (parsed.is_discarded()) return require(is_beyond_nlohmann(data), "a frame's data is JSON");
  require(parsed.at("event") == envelope.type, "the name is in the data too");
  require(parsed.at("event_id") == envelope.event_id.value, "and the id");
  const auto said = json::parse(envelope.data, nullptr, false);
  for (const auto& [key, value] : said.items()) {
    const bool ours = key == "event" || key == "event_id" || key == "chat_id" || key == "seq";
    require(ours || parsed.at(key) == value, "the frame contains the data of the event");
  }
}

void check_envelope(std::string_view text, Position position) {
  event::Envelope envelope;
  try {
    envelope = event::parse_envelope(text);
  } catch (const std::invalid_argument&) {
    return;
  }
  require(envelope.event_id.value > 0, "events count from one");
  require(envelope.chat_id.value >= 0 && envelope.workspace_id.value >= 0, "ids are not negative");
  require(envelope.data.starts_with('{'), "data is an object");
  const auto subject = event::subject_of(envelope.workspace_id, envelope.chat_id, envelope.type);
  require(subject.find_first_of(" *>\r\n") == subject.npos, "the type can be part of a subject");
  check_frame(envelope, position);
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fechatter::fuzz::text_of(data, size);
  const auto position = fechatter::fuzz::any_position(text);
  fechatter::fuzz::check_cursor(text);
  fechatter::fuzz::check_id({position, {}});
  fechatter::fuzz::check_id({position, fechatter::EventId{position.epoch}});
  fechatter::fuzz::check_envelope(text, position);
  return 0;
}
