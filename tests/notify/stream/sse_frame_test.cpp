#include "notify_server/stream/sse_frame.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/notify/events.hpp"

namespace fechatter::notify {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

json data_of(const std::string& frame) {
  const auto begin = frame.find("data: ") + 6;
  return json::parse(frame.substr(begin, frame.find('\n', begin) - begin));
}

TEST(SseFrame, AnEventBeginsWithItsPositionItsIdAndItsType) {
  const auto frame = event_frame(test::in_chat(test::lunch, 7), {3, 42});
  EXPECT_THAT(frame, StartsWith("id: 3-42-7\nevent: NewMessage\ndata: {"));
  EXPECT_THAT(frame, EndsWith("}\n\n"));
}

TEST(SseFrame, TheJsonOfAnEventIsFlat) {
  auto envelope = test::in_chat(test::lunch, 7);
  envelope.seq = 5;
  const json expected{
      {"content", "hello"}, {"event", "NewMessage"}, {"event_id", 7}, {"chat_id", 101}, {"seq", 5}};
  EXPECT_EQ(data_of(event_frame(envelope, {1, 1})), expected);
}

TEST(SseFrame, AbsentFieldsAreLeftOut) {
  const auto data = data_of(event_frame(test::to_users({test::alice}, 7), {1, 1}));
  EXPECT_FALSE(data.contains("chat_id"));
  EXPECT_FALSE(data.contains("seq"));
}

TEST(SseFrame, FieldsOfTheEnvelopeReplaceThoseOfTheData) {
  auto envelope = test::in_chat(test::lunch, 7);
  envelope.data = R"({"event":"x","event_id":"y","chat_id":[1,{"a":"}"}],"seq":5,"s":"\"}"})";
  const auto frame = event_frame(envelope, {1, 1});
  EXPECT_THAT(frame, testing::EndsWith("data: {\"event\":\"NewMessage\",\"event_id\":7,"
                                       "\"chat_id\":101,\"seq\":5,\"s\":\"\\\"}\"}\n\n"));
}

TEST(SseFrame, TextWithLineBreaksStaysOnOneLine) {
  auto envelope = test::in_chat(test::lunch, 7);
  envelope.data = R"({"content":"one\ntwo\r\nthree"})";
  const auto frame = event_frame(envelope, {1, 1});
  EXPECT_EQ(std::count(frame.begin(), frame.end(), '\n'), 4);
  EXPECT_EQ(data_of(frame)["content"], "one\ntwo\r\nthree");
}

TEST(SseFrame, LineBreaksThatOnlySomeLanguagesKnowAreEscaped) {
  const std::string text = "a\u0085b\u2028c\u2029\u2029d\u00e9\u2027\u0084\u202a\\";
  auto envelope = test::in_chat(test::lunch, 7);
  envelope.data = json{{"content", text}, {"x\u2028y", json::array({text})}}.dump();
  const auto frame = event_frame(envelope, {1, 1});
  for (const auto* bytes : {"\u0085", "\u2028", "\u2029"}) {
    EXPECT_THAT(frame, Not(HasSubstr(bytes)));
  }
  EXPECT_THAT(frame, HasSubstr("\u2027\u0084\u202a"));
  EXPECT_EQ(data_of(frame)["content"], text);
  EXPECT_EQ(data_of(frame)["x\u2028y"][0], text);
}

TEST(SseFrame, CaughtUpHasTheCursorInItsIdAndItsData) {
  EXPECT_EQ(caught_up_frame({{2, 9}, EventId{7}}),
            "id: 2-9-7\nevent: CaughtUp\ndata: {\"cursor\":\"2-9-7\",\"event\":\"CaughtUp\"}\n\n");
}

TEST(SseFrame, AResetHasAPositionAndAReason) {
  EXPECT_EQ(reset_frame({{2, 9}, {}}, "no_longer_held"),
            "id: 2-9\nevent: Reset\n"
            "data: {\"event\":\"Reset\",\"reason\":\"no_longer_held\"}\n\n");
}

TEST(SseFrame, AHeartbeatHasAPositionAndNoType) {
  const auto frame = heartbeat_frame({{2, 9}, {}}, from_unix_micros(0));
  EXPECT_THAT(frame, StartsWith("id: 2-9\ndata: "));
  EXPECT_THAT(frame, Not(HasSubstr("event:")));
  const json expected{{"type", "heartbeat"}, {"server_time", "1970-01-01T00:00:00.000000Z"}};
  EXPECT_EQ(data_of(frame), expected);
}

TEST(SseFrame, APresenceEventHasNoPosition) {
  const auto frame = presence_frame(UserId{7}, PresenceStatus::away, from_unix_micros(0), "web");
  EXPECT_THAT(frame, StartsWith("event: UserPresence\ndata: "));
  const json expected{{"event", "UserPresence"},
                      {"user_id", 7},
                      {"status", "away"},
                      {"last_seen", "1970-01-01T00:00:00.000000Z"},
                      {"platform", "web"}};
  EXPECT_EQ(data_of(frame), expected);
}

TEST(SseFrame, APresenceEventSaysWhatIsNotKnown) {
  const auto data = data_of(presence_frame(UserId{7}, PresenceStatus::offline, std::nullopt, ""));
  EXPECT_TRUE(data.at("last_seen").is_null());
  EXPECT_TRUE(data.at("platform").is_null());
}

TEST(SseFrame, ATypingEventHasNoPositionAndOneLine) {
  const auto frame =
      typing_frame(ChatId{3}, UserId{7}, "B\xe2\x80\xa8ob", true, from_unix_micros(0));
  EXPECT_THAT(frame, StartsWith("event: TypingStatus\ndata: "));
  EXPECT_THAT(frame, HasSubstr("B\\u2028ob"));
  const json expected{{"event", "TypingStatus"},
                      {"chat_id", 3},
                      {"user_id", 7},
                      {"user_name", "B\xe2\x80\xa8ob"},
                      {"is_typing", true},
                      {"expires_at", "1970-01-01T00:00:00.000000Z"}};
  EXPECT_EQ(data_of(frame), expected);
}

TEST(SseFrame, TheRetryTimeIsSpreadOverAsMuchAgain) {
  int longest = 0;
  for (int i = 0; i < 100; ++i) {
    const auto line = retry_line(std::chrono::milliseconds{1000});
    EXPECT_THAT(line, StartsWith("retry: "));
    const auto retry = std::stoi(line.substr(7));
    EXPECT_GE(retry, 1000);
    EXPECT_LE(retry, 2000);
    longest = std::max(longest, retry);
  }
  EXPECT_GT(longest, 1500);
}

TEST(Cursor, APositionIsReadAsItWasWritten) {
  for (const Position position : {Position{0, 0}, Position{1, 1}, Position{12, 345'678}}) {
    for (const EventId event : {EventId{0}, EventId{1}, EventId{987'654}}) {
      const auto cursor = parse_cursor(to_string(FrameId{position, event}));
      EXPECT_EQ(cursor.kind, Cursor::Kind::position);
      EXPECT_EQ(cursor.id(), (FrameId{position, event}));
    }
    EXPECT_EQ(parse_cursor(to_string(position)).id(), (FrameId{position, {}}));
  }
}

TEST(Cursor, AnEmptyTextIsNoCursor) {
  EXPECT_EQ(parse_cursor("").kind, Cursor::Kind::none);
}

TEST(Cursor, AnyOtherTextIsMalformed) {
  for (const auto* text : {"1",
                           "-",
                           "1-",
                           "-1",
                           "a-1",
                           "1-a",
                           "1-1 ",
                           " 1-1",
                           "+1-1",
                           "1-+1",
                           "-1-1",
                           "1--1",
                           "01-1",
                           "1-01",
                           "1-1-",
                           "1-1-0",
                           "1-1-01",
                           "1-1-a",
                           "1-1-1-1",
                           "1--1-1",
                           "99999999999999999999-1",
                           "1-99999999999999999999",
                           "1-1\n2"}) {
    EXPECT_EQ(parse_cursor(text).kind, Cursor::Kind::malformed) << text;
  }
}

}  // namespace
}  // namespace fechatter::notify
