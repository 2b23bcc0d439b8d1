#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/power/names.hpp"

namespace fechatter::power {

// A file system in memory that forgets what was not synced; FileBytes and Names say what that is.
// What they promise is at most what ext4 promises (data=ordered, noauto_da_alloc), and in one place
// less: a sync brings no other file's data and names. Errors are thrown as
// std::errc in a std::system_error. One thread at a time.
class Volume {
 public:
  explicit Volume(std::uint64_t seed);

  struct Caller {
    uid_t user;
    gid_t group;
  };
  // A name in a folder, given or not.
  struct Place {
    NodePtr folder;
    std::string name;
  };

  const NodePtr& root() const { return root_; }
  static NodePtr find(const Place& place);
  // `mode` has the type.
  NodePtr make(const Place& place, mode_t mode, Caller caller);
  void add_name(const NodePtr& node, const Place& place);
  void remove(const Place& place);
  // RENAME_NOREPLACE: `replaces` is false.
  void rename(const Place& from, const Place& to, bool replaces);
  void write(Node& file, std::size_t offset, std::string_view bytes);
  void resize(Node& file, std::size_t size);
  // Of a file or a folder.
  void sync(Node& node);
  // All of it, as umount(2) would.
  void sync_all();
  // Forgets what was not synced. Of that, a part by `seed` has reached the disk after all, or
  // nothing without a seed.
  void cut(std::optional<std::uint64_t> seed);

 private:
  void put(const NodePtr& node, const Place& place);
  // Each node that the disk has, once; counts their names.
  void visit_disk(const std::function<void(Node&)>& take);

  NodePtr root_;
  Names names_;
  chaos::Dice dice_;
  ino_t last_number_ = 1;
};

}  // namespace fechatter::power
