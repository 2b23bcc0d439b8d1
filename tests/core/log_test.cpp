#include "fechatter_core/log.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "fechatter_core/log_fields.hpp"

namespace fechatter {
namespace {

using nlohmann::json;

class Log : public testing::Test {
 protected:
  void SetUp() override { former_ = spdlog::default_logger(); }
  void TearDown() override { spdlog::set_default_logger(former_); }

  // What is written to standard error meanwhile.
  template <class Write>
  static std::string written(const std::string& format, Write write) {
    testing::internal::CaptureStderr();
    set_up_log({"info", format}, "a_process");
    write();
    spdlog::default_logger()->flush();
    return testing::internal::GetCapturedStderr();
  }

 private:
  std::shared_ptr<spdlog::logger> former_;
};

TEST_F(Log, ALineOfJsonHasItsFieldsBesideItsMessage) {
  const auto text = written("json", [] {
    LogFields fields;
    fields.add("request_id", "r-1")
        .add("status", std::int64_t{201})
        .add_number("milliseconds", 1.5);
    spdlog::info("r-1 POST /api/chat 201");
  });
  const auto line = json::parse(text);
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("process"), "a_process");
  EXPECT_EQ(line.at("message"), "r-1 POST /api/chat 201");
  EXPECT_EQ(line.at("request_id"), "r-1");
  EXPECT_EQ(line.at("status"), 201);
  EXPECT_EQ(line.at("milliseconds"), 1.5);
}

TEST_F(Log, FieldsEndWithTheirScopeAndAnInnerOneHidesThem) {
  const auto text = written("json",
                            [] {
                              LogFields outer;
                              outer.add("a", std::int64_t{1});
                              {
                                LogFields inner;
                                inner.add("b", std::int64_t{2});
                                spdlog::info("inner");
                              }
                              spdlog::info("outer");
                            }) +
                    written("json", [] { spdlog::info("none"); });
  std::istringstream lines{text};
  std::string line;
  std::getline(lines, line);
  EXPECT_FALSE(json::parse(line).contains("a"));
  EXPECT_EQ(json::parse(line).at("b"), 2);
  std::getline(lines, line);
  EXPECT_EQ(json::parse(line).at("a"), 1);
  std::getline(lines, line);
  EXPECT_FALSE(json::parse(line).contains("a"));
}

// Foreign text can neither end a line nor a string.
TEST_F(Log, ForeignTextStaysWithinItsLine) {
  const std::string foreign = "a\"b\nc\\ \xff {\"level\":\"x\"}";
  const auto text = written("json", [&] {
    LogFields fields;
    fields.add("route", foreign);
    spdlog::info("{}", foreign);
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto line = json::parse(text);
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("route"), line.at("message"));
}

TEST_F(Log, TextForPeopleHasNoFields) {
  const auto text = written("text", [] {
    LogFields fields;
    fields.add("request_id", "r-1");
    spdlog::info("a message");
  });
  EXPECT_NE(text.find("a_process: a message\n"), std::string::npos);
  EXPECT_EQ(text.find("r-1"), std::string::npos);
}

}  // namespace
}  // namespace fechatter
