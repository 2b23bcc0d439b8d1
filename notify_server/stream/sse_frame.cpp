#include "notify_server/stream/sse_frame.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <random>

#include "fechatter_core/compact_json.hpp"

namespace fechatter::notify {
namespace {

using nlohmann::json;

// A whole number without sign or leading zeros: each position has one spelling.
template <class Number>
bool parse_digits(std::string_view text, Number& number) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return false;
  if (text.size() > 1 && text.front() == '0') return false;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && rest == text.data() + text.size();
}

// Without an event the text ends before it.
bool parse_event(std::string_view text, EventId& event) {
  return parse_digits(text, event.value) && event.value > 0;
}

std::string named_frame(FrameId id, std::string_view name, const json& data) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", to_string(id), name, data.dump());
}

struct LineBreak {
  std::string_view bytes;
  std::string_view escape;
};

// Not ends of lines in the format, but in the functions of some languages that split a text into
// lines. In JSON they stand within strings only.
constexpr LineBreak line_breaks[] = {
    {"\xc2\x85", "\\u0085"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}};

const LineBreak* find_line_break(std::string_view text) {
  const auto* found = std::find_if(std::begin(line_breaks), std::end(line_breaks),
                                   [&](const auto& one) { return text.starts_with(one.bytes); });
  return found == std::end(line_breaks) ? nullptr : found;
}

bool has_line_break(std::string_view data) {
  return std::any_of(std::begin(line_breaks), std::end(line_breaks), [&](const auto& one) {
    return data.find(one.bytes) != std::string_view::npos;
  });
}

std::string with_escaped_line_breaks(std::string_view data) {
  std::string escaped;
  while (!data.empty()) {
    const auto* found = find_line_break(data);
    escaped += found ? found->escape : data.substr(0, 1);
    data.remove_prefix(found ? found->bytes.size() : 1);
  }
  return escaped;
}

std::int64_t with_jitter(std::chrono::milliseconds retry) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  std::uniform_int_distribution<std::int64_t> more{0, retry.count()};
  return retry.count() + more(generator);
}

}  // namespace

std::string to_string(Position position) {
  return fmt::format("{}-{}", position.epoch, position.stream_seq);
}

std::string to_string(FrameId id) {
  if (id.event.value <= 0) return to_string(id.position);
  return fmt::format("{}-{}", to_string(id.position), id.event.value);
}

Cursor parse_cursor(std::string_view text) {
  Cursor cursor;
  if (text.empty()) return cursor;
  const auto epoch = text.substr(0, text.find('-'));
  const auto rest = text.substr(std::min(epoch.size() + 1, text.size()));
  const auto sequence = rest.substr(0, rest.find('-'));
  const bool has_event = sequence.size() < rest.size();
  const bool valid = parse_digits(epoch, cursor.position.epoch) &&
                     parse_digits(sequence, cursor.position.stream_seq) &&
                     (!has_event || parse_event(rest.substr(sequence.size() + 1), cursor.event));
  cursor.kind = valid ? Cursor::Kind::position : Cursor::Kind::malformed;
  return cursor;
}

std::string retry_line(std::chrono::milliseconds retry) {
  return fmt::format("retry: {}\n\n", with_jitter(retry));
}

// The envelope's own fields win over fields of the same name in the data.
std::string event_frame(const event::Envelope& envelope, Position position) {
  const bool has_chat = envelope.chat_id.value != 0;
  auto frame = fmt::format("id: {}\nevent: {}\ndata: {{\"event\":\"{}\",\"event_id\":{}",
                           to_string(FrameId{position, envelope.event_id}), envelope.type,
                           envelope.type, envelope.event_id.value);
  if (has_chat) frame += fmt::format(",\"chat_id\":{}", envelope.chat_id.value);
  if (envelope.seq) frame += fmt::format(",\"seq\":{}", *envelope.seq);
  std::string_view object = envelope.data;
  std::string escaped;
  if (has_line_break(object)) object = escaped = with_escaped_line_breaks(object);
  frame.reserve(frame.size() + object.size() + 8);
  for (const auto& [name, value] : members_of(object)) {
    const bool ours = name == "event" || name == "event_id" || (has_chat && name == "chat_id") ||
                      (envelope.seq && name == "seq");
    if (!ours) frame.append(",\"").append(name).append("\":").append(value);
  }
  return frame.append("}\n\n");
}

std::string with_id(std::string_view frame, FrameId id) {
  return fmt::format("id: {}{}", to_string(id), frame.substr(frame.find('\n')));
}

std::string without_id(std::string_view frame) {
  return std::string{frame.substr(frame.find('\n') + 1)};
}

std::string presence_frame(UserId user, PresenceStatus status, std::optional<Timestamp> last_seen,
                           std::string_view platform) {
  json data{{"event", "UserPresence"},
            {"user_id", user.value},
            {"status", to_text(status)},
            {"last_seen", nullptr},
            {"platform", nullptr}};
  if (last_seen) data["last_seen"] = to_rfc3339(*last_seen);
  if (!platform.empty()) data["platform"] = platform;
  return fmt::format("event: UserPresence\ndata: {}\n\n", data.dump());
}

std::string typing_frame(ChatId chat, UserId user, std::string_view user_name, bool is_typing,
                         Timestamp expires_at) {
  const json data{{"event", "TypingStatus"}, {"chat_id", chat.value},
                  {"user_id", user.value},   {"user_name", user_name},
                  {"is_typing", is_typing},  {"expires_at", to_rfc3339(expires_at)}};
  return fmt::format("event: TypingStatus\ndata: {}\n\n", with_escaped_line_breaks(data.dump()));
}

std::string caught_up_frame(FrameId id) {
  const json data{{"event", "CaughtUp"}, {"cursor", to_string(id)}};
  return named_frame(id, "CaughtUp", data);
}

std::string reset_frame(FrameId id, std::string_view reason) {
  const json data{{"event", "Reset"}, {"reason", reason}};
  return named_frame(id, "Reset", data);
}

std::string heartbeat_frame(FrameId id, Timestamp server_time) {
  const json data{{"type", "heartbeat"}, {"server_time", to_rfc3339(server_time)}};
  return fmt::format("id: {}\ndata: {}\n\n", to_string(id), data.dump());
}

}  // namespace fechatter::notify
