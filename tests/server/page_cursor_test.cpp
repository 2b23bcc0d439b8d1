#include "fechatter_server/page_cursor.hpp"

#include <gtest/gtest.h>

namespace fechatter::server {
namespace {

TEST(PageCursor, IsReadFromItsText) {
  const auto cursor = parse_page_cursor(to_text({1772354467004512, 12}));
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->first, 1772354467004512);
  EXPECT_EQ(cursor->second, 12);
}

TEST(PageCursor, IsNoOtherText) {
  for (const auto* text : {"",     "-",     "1",     "1-",   "-1",
                           "1--1", "-1-1",  "+1-1",  "1-+1", " 1-1",
                           "1-1 ", "1-1-1", "1.0-1", "x-1",  "9223372036854775808-1",
                           "-0-1", "01-1",  "1-01",  "00-1", "1--0"}) {
    EXPECT_FALSE(parse_page_cursor(text)) << text;
  }
}

}  // namespace
}  // namespace fechatter::server
