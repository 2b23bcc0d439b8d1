#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/search/searching.hpp"

namespace {

// One system serves all tests of a program.
class SearchedSystem : public testing::Environment {
 public:
  void SetUp() override { fechatter::test::make_searched_system(); }
  void TearDown() override { fechatter::test::end_searched_system(); }
};

constexpr int exit_skipped = 77;  // SKIP_RETURN_CODE in CMakeLists.txt

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const auto lacks = fechatter::test::missing_for_search();
  if (!lacks.empty()) {
    fmt::print("skipped: {}\n", lacks);
    return exit_skipped;
  }
  fmt::print("search provider: {}\n", fechatter::test::search_provider());
  testing::AddGlobalTestEnvironment(new SearchedSystem);
  return RUN_ALL_TESTS();
}
