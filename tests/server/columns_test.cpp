#include "fechatter_server/columns.hpp"

#include <gmock/gmock.h>

#include "tests/support/services.hpp"

namespace fechatter::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Columns, ReadNumbersOfAJsonArray) {
  test::TestDatabase database;
  const auto rows = database.query(
      "SELECT array_to_json(ARRAY[]::bigint[])::text, NULL::text, array_to_json(ARRAY[7])::text,"
      " array_to_json(ARRAY[-1, 0, 9223372036854775807])::text, to_jsonb(ARRAY[3, 2, 1])::text");
  EXPECT_THAT(to_numbers(rows[0][0]), IsEmpty());
  EXPECT_THAT(to_numbers(rows[0][1]), IsEmpty());
  EXPECT_THAT(to_numbers(rows[0][2]), ElementsAre(7));
  EXPECT_THAT(to_numbers(rows[0][3]), ElementsAre(-1, 0, 9'223'372'036'854'775'807));
  EXPECT_THAT(to_numbers(rows[0][4]), ElementsAre(3, 2, 1));
}

TEST(Columns, RefuseWhatIsNoArrayOfNumbers) {
  test::TestDatabase database;
  const auto rows = database.query(
      "SELECT text FROM unnest(ARRAY['', '[', '7', '[7', '7]', '[x]', '[1;2]', '[1.5]', '[\"7\"]',"
      " '[9223372036854775808]']) AS text");
  for (const auto& row : rows) {
    EXPECT_THROW(to_numbers(row[0]), std::runtime_error) << row[0].c_str();
  }
}

}  // namespace
}  // namespace fechatter::server
