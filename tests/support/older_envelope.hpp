#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fechatter::test {

// Older clients find the answer's fields under `data`, beside `success`; the others find them bare.
inline void expect_older_envelope(const nlohmann::json& answer) {
  EXPECT_EQ(answer.at("success"), true);
  auto bare = answer;
  bare.erase("success");
  bare.erase("data");
  EXPECT_EQ(answer.at("data"), bare);
}

}  // namespace fechatter::test
