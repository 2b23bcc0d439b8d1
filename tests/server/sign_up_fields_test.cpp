#include "fechatter_server/auth/sign_up_fields.hpp"

#include <gtest/gtest.h>

namespace fechatter::server {
namespace {

std::string named_after(const std::string& fullname, int number) {
  return workspace_named_after(read_name(fullname, 50).name, number).text;
}

TEST(WorkspaceNamedAfterAPerson, HasTheirNameAndANumberFromTwoOn) {
  EXPECT_EQ(named_after("Alice Adams", 1), "Alice Adams");
  EXPECT_EQ(named_after("Alice Adams", 2), "Alice Adams 2");
  EXPECT_EQ(workspace_named_after(read_name("Zo\u00eb", 50).name, 2).key, name_key("ZO\u00cb 2"));
}

TEST(WorkspaceNamedAfterAPerson, IsCutToItsLengthBetweenWhatUsersSeeAsCharacters) {
  EXPECT_EQ(named_after(std::string(50, 'x'), 1), std::string(32, 'x'));
  EXPECT_EQ(named_after(std::string(50, 'x'), 9'999'999), std::string(24, 'x') + " 9999999");
  EXPECT_EQ(named_after(std::string(31, 'x') + " yz", 1), std::string(31, 'x'));
  const std::string family = "\U0001f468\u200d\U0001f469\u200d\U0001f467";  // five code points
  EXPECT_EQ(named_after(std::string(30, 'x') + family, 1), std::string(30, 'x'));
}

TEST(WorkspaceNamedAfterAPerson, IsCalledWorkspaceWhenNothingOfTheNameFits) {
  std::string tall = "x";  // one grapheme cluster
  for (int i = 0; i < 40; ++i) tall += "\u0301";
  EXPECT_EQ(named_after(tall, 1), "Workspace");
  EXPECT_EQ(named_after(tall, 2), "Workspace 2");
}

}  // namespace
}  // namespace fechatter::server
