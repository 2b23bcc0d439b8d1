#include "tests/e2e/resumable_fixture.hpp"
#include "tests/support/places.hpp"

// Uploads by the client of the tus project, from npm (tests/tus), run by node. Needs both programs
// and npm's registry or cache.
namespace fechatter::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class TusClient : public ResumableUploads {
 protected:
  void SetUp() override {
    const auto from = std::filesystem::path{source_path("tests/tus")};
    fs::create_directories(folder);
    for (const auto* name : {"package.json", "package-lock.json", ".npmrc", "upload.mjs"}) {
      fs::copy_file(from / name, folder + "/" + name);
    }
    try {
      run({"npm", "--prefix", folder, "ci", "--ignore-scripts", "--prefer-offline",
           "--loglevel=error"});
      run({"node", "--version"});
    } catch (const std::exception& error) {
      GTEST_SKIP() << "SKIPPED: tus-js-client was not used, since node, npm or its registry is "
                      "missing: "
                   << error.what();
    }
  }
  // What the client prints at its end.
  json upload(const std::string& content, std::size_t chunk_size, int breaks) {
    const auto path = folder + "/content";
    std::ofstream{path, std::ios::binary} << content;
    const auto endpoint =
        fmt::format("http://127.0.0.1:{}/api/files/resumable", system.server.port());
    return json::parse(run({"node", folder + "/upload.mjs", endpoint, alice.token(), path,
                            std::to_string(chunk_size), std::to_string(breaks)}));
  }

  const std::string folder = system.folder.path("tus");
};

TEST_F(TusClient, UploadsAFileInChunksOverConnectionsThatBreak) {
  const auto content = numbers(12'000'000);
  const auto told = upload(content, 5'000'000, 0);
  EXPECT_EQ(told.at("requests"), 4) << told;
  EXPECT_EQ(told.at("last").at("status"), 204) << told;
  const std::string file = told.at("last").at("location");
  EXPECT_TRUE(alice.get(file).body == content);
  EXPECT_THAT(alice.get(file).header("content-disposition"),
              testing::HasSubstr("from tus-js-client.bin"));

  const auto other = "another " + content;
  const auto broken = upload(other, other.size(), 2);
  EXPECT_EQ(broken.at("broken"), 2) << broken;
  EXPECT_GE(broken.at("requests"), 4) << broken;
  const auto url = std::string{broken.at("url")};
  const auto state = head(url.substr(url.find("/api/")));
  EXPECT_TRUE(alice.get(state.header("location")).body == other);
}

}  // namespace
}  // namespace fechatter::test
