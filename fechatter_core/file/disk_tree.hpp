#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/file/descriptor.hpp"
#include "fechatter_core/file/file_url.hpp"
#include "fechatter_core/file/temporary_file.hpp"
#include "fechatter_core/file/thumbnail.hpp"

namespace fechatter::file {

// The folder of a store on a local disk: uploads under way in tmp/, files as place_of says. Several
// processes may share it. Calls block; any thread. They throw as throw_disk_error does.
class DiskTree {
 public:
  // Makes the folder when it is missing, and holds it from then on: what is mounted over it later
  // does not take its place. Throws std::runtime_error that names it when it cannot be used.
  explicit DiskTree(const std::string& path);
  DiskTree(const DiskTree&) = delete;
  DiskTree& operator=(const DiskTree&) = delete;

  // REQUIRES: the tree outlives it.
  TemporaryFile create() const { return TemporaryFile{temporary_}; }
  // Gives a file, whose content is on the disk, its place, durably, and removes its temporary name.
  // A file of the same size that is there already is left alone, and so is its content: only its
  // time is set. Anything else of that name is replaced.
  void place(TemporaryFile& file, const FileKey& key) const;
  // Opens a file to read. Nullopt when there is none; symbolic links and devices are none.
  std::optional<Descriptor> open(const FileKey& key) const;
  // With its thumbnails, durably: what was erased is not back after a loss of power. Whether there
  // was a file. Its folders stay, for others may be about to put files in them.
  bool remove(const FileKey& key) const;
  // Beside the file, durably, in place of what is there; nothing when there is no such file.
  void place_thumbnail(const FileKey& key, Thumbnail thumbnail, std::string_view bytes) const;
  // As open.
  std::optional<Descriptor> open_thumbnail(const FileKey& key, Thumbnail thumbnail) const;
  // Removes temporary files that were last written to so long ago; how many.
  std::size_t sweep(std::chrono::seconds age) const;

  const Descriptor& root() const { return root_; }

 private:
  std::optional<Descriptor> find_folder(const FileKey& key) const;
  std::optional<Descriptor> open_named(const FileKey& key, const std::string& name) const;
  void require_root() const;

  Descriptor root_;
  Descriptor temporary_;
};

}  // namespace fechatter::file
