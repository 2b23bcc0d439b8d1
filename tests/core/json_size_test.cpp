#include "fechatter_core/json_size.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fechatter {
namespace {

TEST(JsonSize, IsThatOfTheDumpedText) {
  std::string all_ascii;
  for (char c = 0; c < 0x7f; ++c) all_ascii += c;
  for (const auto& text :
       {std::string{}, std::string{"hello"}, std::string{"äöü 語 👩‍👩‍👧"},
        std::string{"\"quoted\" \\ / \t\r\n\b\f"}, all_ascii + '\x7f'}) {
    EXPECT_EQ(json_size(text), nlohmann::json(text).dump().size()) << text;
  }
}

TEST(JsonSize, OfTextsIsThatOfTheirArray) {
  for (const auto& texts : std::vector<std::vector<std::string>>{{}, {""}, {"a", "\"", "ü"}}) {
    EXPECT_EQ(json_size(texts), nlohmann::json(texts).dump().size());
  }
}

}  // namespace
}  // namespace fechatter
