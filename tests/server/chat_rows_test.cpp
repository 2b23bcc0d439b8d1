#include "fechatter_server/chat/chat_rows.hpp"

#include <gmock/gmock.h>

namespace fechatter::server {
namespace {

TEST(ChatRows, ReadEachTypeByTheNameThatIsWritten) {
  for (const auto type :
       {ChatType::single, ChatType::group, ChatType::private_channel, ChatType::public_channel}) {
    EXPECT_EQ(to_chat_type(sql_name(type)), type);
  }
}

TEST(ChatRows, ThrowForAnUnknownTypeOrOutcome) {
  EXPECT_THROW(to_chat_type("Single"), std::runtime_error);
  EXPECT_THROW(to_chat_outcome("perhaps"), std::runtime_error);
  EXPECT_THROW(to_chat_outcome(""), std::runtime_error);
}

}  // namespace
}  // namespace fechatter::server
