#include "fechatter_server/docs/openapi_bundle.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/process.hpp"

namespace fechatter::docs {
namespace {

using testing::HasSubstr;

class OpenapiBundle : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder.path(name)} << text;
  }
  // Why the folder is refused; empty when it is not.
  std::string refusal() const {
    try {
      bundle_openapi(folder.path());
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  test::ScratchFolder folder;
};

TEST_F(OpenapiBundle, MergesThePathsAndComponentsOfAllFiles) {
  write("info.yaml", "openapi: 3.1.0\n");
  write("chats.yaml", R"(
paths: { /chat: { $ref: '#/components/schemas/User' } }
components: { schemas: { Chat: { type: object } } }
)");
  write("users.yaml", R"(
paths: { /user: {} }
components: { schemas: { User: { type: object } }, headers: { ETag: {} } }
)");
  write("notes.txt", "not: [yaml\n");
  EXPECT_EQ(bundle_openapi(folder.path()).dump(),
            R"({"openapi":"3.1.0",)"
            R"("paths":{"/chat":{"$ref":"#/components/schemas/User"},"/user":{}},)"
            R"("components":{"schemas":{"Chat":{"type":"object"},"User":{"type":"object"}},)"
            R"("headers":{"ETag":{}}}})");
}

TEST_F(OpenapiBundle, RefusesAPathComponentOrKeyOfTwoFilesAndNamesTheSecond) {
  write("a.yaml", "info: {}\npaths: { /chat: {} }\ncomponents: { schemas: { Chat: {} } }\n");
  write("b.yaml", "paths: { /chat: {} }\n");
  EXPECT_THAT(refusal(), HasSubstr("b.yaml: another file defines /chat too"));
  write("b.yaml", "components: { schemas: { Chat: {} } }\n");
  EXPECT_THAT(refusal(), HasSubstr("b.yaml: another file defines Chat too"));
  write("b.yaml", "info: {}\n");
  EXPECT_THAT(refusal(), HasSubstr("b.yaml: another file defines info too"));
}

TEST_F(OpenapiBundle, RefusesADanglingReferenceAndNamesItsFile) {
  write("a.yaml", "components: { schemas: { User: {} } }\n");
  write("b.yaml", "paths: { /user: [{ $ref: '#/components/schemas/Person' }] }\n");
  EXPECT_THAT(refusal(), HasSubstr("b.yaml: nothing defines the $ref #/components/schemas/Person"));
  write("b.yaml", "paths: { /user: { $ref: 'a.yaml#/components/schemas/User' } }\n");
  EXPECT_THAT(refusal(), HasSubstr("b.yaml: the $ref a.yaml#/components/schemas/User leaves"));
  write("b.yaml", "paths: { /user: { $ref: '#/components/schemas/User' } }\n");
  EXPECT_EQ(refusal(), "");
}

TEST_F(OpenapiBundle, FollowsReferencesToPathsWithSlashes) {
  write("a.yaml", "paths: { /a/b: {}, /c: { $ref: '#/paths/~1a~1b' } }\n");
  EXPECT_EQ(refusal(), "");
}

TEST_F(OpenapiBundle, RefusesAFileThatIsNoMapAndAFolderWithoutFiles) {
  EXPECT_THAT(refusal(), HasSubstr("no *.yaml file"));
  write("a.yaml", "- paths\n");
  EXPECT_THAT(refusal(), HasSubstr("a.yaml: not a YAML map"));
  write("a.yaml", "paths: []\n");
  EXPECT_THAT(refusal(), HasSubstr("a.yaml: paths and components must be maps"));
  write("a.yaml", "paths: {}\npaths: {}\n");
  EXPECT_THAT(refusal(), HasSubstr("a.yaml: line 2: this key comes twice"));
}

}  // namespace
}  // namespace fechatter::docs
