#include "tests/power/volume.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <system_error>

namespace fechatter::power {
namespace {

using testing::UnorderedElementsAre;

constexpr Volume::Caller root{0, 0};
constexpr std::uint64_t seeds = 200;

Volume::Place place_of(const Volume& volume, std::string_view path) {
  auto folder = volume.root();
  path.remove_prefix(1);
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    folder = Volume::find({folder, std::string{path.substr(0, slash)}});
    path.remove_prefix(slash + 1);
  }
  return {folder, std::string{path}};
}

void make_folder(Volume& volume, std::string_view path) {
  volume.make(place_of(volume, path), S_IFDIR | 0700, root);
}

void rename(Volume& volume, std::string_view from, std::string_view to) {
  volume.rename(place_of(volume, from), place_of(volume, to), true);
}

void remove(Volume& volume, std::string_view path) {
  volume.remove(place_of(volume, path));
}

void make_file(Volume& volume, const std::string& path, const std::string& bytes, bool sync) {
  const auto node = volume.make(place_of(volume, path), S_IFREG | 0600, root);
  volume.write(*node, 0, bytes);
  if (sync) volume.sync(*node);
}

// The files below a folder with their bytes, as a text.
std::string describe(const Node& folder, const std::string& path) {
  std::string text;
  for (const auto& [name, node] : folder.entries) {
    text += path + name + "=" + node->bytes.now() + " ";
    text += describe(*node, path + name + "/");
  }
  return text;
}

// What cuts leave after the steps, with many seeds for the volume and the cut.
std::set<std::string> left_by_cuts(const std::function<void(Volume&)>& steps) {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Volume volume{seed};
    steps(volume);
    volume.cut(seed);
    left.insert(describe(*volume.root(), "/"));
  }
  return left;
}

// Without a seed, and without what the volume writes back by itself.
std::string left_at_least(const std::function<void(Volume&)>& steps) {
  std::string least;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Volume volume{seed};
    steps(volume);
    volume.cut({});
    const auto left = describe(*volume.root(), "/");
    if (seed == 0 || left.size() < least.size()) least = left;
  }
  return least;
}

TEST(Volume, ANewFileIsForgotten) {
  const auto steps = [](Volume& volume) { make_file(volume, "/a", "1", false); };
  EXPECT_EQ(left_at_least(steps), "");
  EXPECT_THAT(left_by_cuts(steps), UnorderedElementsAre("", "/a= ", "/a=1 "));
}

TEST(Volume, TheSyncOfAFileBringsItsBytesAndItsName) {
  EXPECT_EQ(left_at_least([](Volume& volume) { make_file(volume, "/a", "1", true); }), "/a=1 ");
}

TEST(Volume, TheSyncOfAFileBringsItsFolders) {
  EXPECT_EQ(left_at_least([](Volume& volume) {
              make_folder(volume, "/f");
              make_folder(volume, "/f/g");
              make_file(volume, "/f/g/a", "1", true);
            }),
            "/f= /f/g= /f/g/a=1 ");
}

TEST(Volume, TheSyncOfAFileBringsNoOther) {
  EXPECT_EQ(left_at_least([](Volume& volume) {
              make_file(volume, "/a", "1", false);
              make_file(volume, "/b", "2", true);
            }),
            "/b=2 ");
}

TEST(Volume, TheSyncOfAFolderBringsNamesWithoutTheirBytes) {
  EXPECT_EQ(left_at_least([](Volume& volume) {
              make_file(volume, "/a", "1", false);
              volume.sync(*volume.root());
            }),
            "/a= ");
}

TEST(Volume, ARenameIsForgottenOrWhole) {
  const auto steps = [](Volume& volume) {
    make_file(volume, "/a", "old", true);
    make_file(volume, "/b", "new", true);
    rename(volume, "/b", "/a");
  };
  EXPECT_EQ(left_at_least(steps), "/a=old /b=new ");
  EXPECT_THAT(left_by_cuts(steps), UnorderedElementsAre("/a=old /b=new ", "/a=new "));
}

TEST(Volume, ARenameWithoutASyncOfItsBytesMayLeaveNone) {
  const auto left = left_by_cuts([](Volume& volume) {
    make_file(volume, "/a", "old", true);
    make_file(volume, "/b", "new", false);
    rename(volume, "/b", "/a");
    volume.sync(*volume.root());
  });
  EXPECT_THAT(left, UnorderedElementsAre("/a= ", "/a=new "));
}

TEST(Volume, ARenameIsKeptByASyncOfTheFolder) {
  EXPECT_EQ(left_at_least([](Volume& volume) {
              make_file(volume, "/b", "new", true);
              rename(volume, "/b", "/a");
              volume.sync(*volume.root());
            }),
            "/a=new ");
}

TEST(Volume, ARenameIsKeptByALaterSyncOfTheFile) {
  EXPECT_EQ(left_at_least([](Volume& volume) {
              make_file(volume, "/b", "new", true);
              rename(volume, "/b", "/a");
              volume.sync(*Volume::find(place_of(volume, "/a")));
            }),
            "/a=new ");
}

TEST(Volume, ARemovalIsForgottenUntilTheFolderIsSynced) {
  const auto steps = [](Volume& volume) {
    make_file(volume, "/a", "1", true);
    remove(volume, "/a");
  };
  EXPECT_THAT(left_by_cuts(steps), UnorderedElementsAre("", "/a=1 "));
  EXPECT_THAT(left_by_cuts([&](Volume& volume) {
                steps(volume);
                volume.sync(*volume.root());
              }),
              UnorderedElementsAre(""));
}

TEST(Volume, ChangesOfNamesSurviveInTheirOrder) {
  EXPECT_THAT(left_by_cuts([](Volume& volume) {
                for (const auto* path : {"/a", "/b", "/c"}) {
                  volume.make(place_of(volume, path), S_IFREG | 0600, root);
                }
              }),
              UnorderedElementsAre("", "/a= ", "/a= /b= ", "/a= /b= /c= "));
}

// The name was another file's before, which must not come back.
TEST(Volume, ASyncBringsTheEarlierChangesOfTheSameName) {
  EXPECT_THAT(left_by_cuts([](Volume& volume) {
                make_file(volume, "/a", "old", false);
                remove(volume, "/a");
                make_file(volume, "/a", "new", true);
              }),
              UnorderedElementsAre("/a=new "));
}

TEST(Volume, AFileThatLeavesAFolderBeforeItsRemovalIsNotLostWithIt) {
  EXPECT_THAT(left_by_cuts([](Volume& volume) {
                make_folder(volume, "/f");
                make_folder(volume, "/g");
                make_file(volume, "/f/a", "1", true);
                volume.sync(*volume.root());
                rename(volume, "/f/a", "/g/a");
                remove(volume, "/f");
                volume.sync(*volume.root());
              }),
              UnorderedElementsAre("/g= /g/a=1 "));
}

TEST(Volume, AllIsKeptAfterASyncOfAll) {
  EXPECT_EQ(left_at_least([](Volume& volume) {
              make_folder(volume, "/f");
              make_file(volume, "/f/a", "1", false);
              volume.add_name(Volume::find(place_of(volume, "/f/a")), place_of(volume, "/b"));
              volume.sync_all();
            }),
            "/b=1 /f= /f/a=1 ");
}

TEST(Volume, AFullFolderIsNotRemoved) {
  Volume volume{1};
  make_folder(volume, "/f");
  make_file(volume, "/f/a", "1", true);
  EXPECT_THROW(remove(volume, "/f"), std::system_error);
}

}  // namespace
}  // namespace fechatter::power
