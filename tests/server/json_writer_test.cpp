#include "fechatter_server/json_writer.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "fechatter_core/json_size.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

struct Point {
  int x = 0;
  std::optional<std::string> label;
};

void write_fields(JsonWriter& out, const Point& point) {
  out.field("x", point.x).field("label", point.label);
}

}  // namespace

static void write_json(JsonWriter& out, const Point& point) {
  const auto object = out.object();
  write_fields(out, point);
}

namespace {

TEST(JsonWriter, WritesEachKindOfValue) {
  constexpr auto number_max = std::numeric_limits<std::int64_t>::max();
  JsonWriter out;
  {
    const auto object = out.object();
    out.field("text", "a").field("string", std::string{"b"}).field("no", nullptr);
    out.field("yes", true).field("number", -7).field("largest", number_max);
    out.field("share", 0.25).field("id", ChatId{3}).field("ids", std::vector{UserId{1}, UserId{2}});
    out.field("none", std::optional<std::int64_t>{}).field("some", std::optional{5});
    out.field("moment", from_unix_micros(0)).field("texts", std::vector<std::string>{});
  }
  EXPECT_EQ(out.take(),
            R"({"text":"a","string":"b","no":null,"yes":true,"number":-7,)"
            R"("largest":9223372036854775807,"share":0.25,"id":3,"ids":[1,2],"none":null,"some":5,)"
            R"("moment":"1970-01-01T00:00:00.000000Z","texts":[]})");
}

TEST(JsonWriter, SeparatesTheMembersOfNestedObjectsAndArrays) {
  JsonWriter out;
  {
    const auto outer = out.array();
    out.value(Point{1, "p"});
    { const auto inner = out.array(); }
    { const auto object = out.object(); }
    {
      const auto object = out.object();
      write_fields(out, Point{2, {}});
      out.field("points", std::vector{Point{3, {}}, Point{4, {}}});
    }
    out.value(8);
  }
  EXPECT_EQ(out.take(), R"([{"x":1,"label":"p"},[],{},{"x":2,"label":null,)"
                        R"("points":[{"x":3,"label":null},{"x":4,"label":null}]},8])");
}

// A text may end with what begins an object, and be empty.
TEST(JsonWriter, TakesNoTextForPunctuation) {
  EXPECT_EQ(json_text(std::vector<std::string>{"[", "{", ":", "", ",", "\"\\"}),
            R"(["[","{",":","",",","\"\\"])");
}

// The parser of another library reads what was written, and the size is what json_size says.
TEST(JsonWriter, WritesTextsThatAnyParserReads) {
  std::mt19937 random{1};
  const std::string pieces[] = {"a", "\"", "\\", "/", "\n", "\x7f", "ü", "😀", "\u2028", ""};
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (int i = 0; i < 8; ++i) text += pieces[random() % std::size(pieces)];
    text += static_cast<char>(random() % 0x20);
    const auto written = json_text(text);
    EXPECT_EQ(json::parse(written), json(text));
    EXPECT_EQ(written, json(text).dump());
    EXPECT_EQ(written.size(), fechatter::json_size(text));
  }
}

}  // namespace
}  // namespace fechatter::server
