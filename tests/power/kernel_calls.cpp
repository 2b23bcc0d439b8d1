#include "tests/power/kernel_calls.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

namespace fechatter::power {
namespace {

// What statfs() says: nats-server takes a part of it as its limit.
constexpr std::size_t blocks = 8UL << 18;  // of 4 KiB: 8 GiB

// A file or a folder that a program has open.
struct Handle {
  int flags;
  std::string listing;  // of a folder, as it was when its reading began
};

Mounted& state_of(fuse_req_t request) {
  return *static_cast<Mounted*>(fuse_req_userdata(request));
}

Known& known(fuse_req_t request, fuse_ino_t number) {
  if (number == FUSE_ROOT_ID) return state_of(request).root;
  return *reinterpret_cast<Known*>(number);
}

const NodePtr& node(fuse_req_t request, fuse_ino_t number) {
  return known(request, number).node;
}

Volume::Place place(fuse_req_t request, fuse_ino_t folder, const char* name) {
  return {node(request, folder), name};
}

Volume::Caller caller(fuse_req_t request) {
  return {fuse_req_ctx(request)->uid, fuse_req_ctx(request)->gid};
}

Handle& handle(const fuse_file_info* info) {
  return *reinterpret_cast<Handle*>(info->fh);
}

// Carries out a call of the kernel, which answers it unless it throws.
template <class F>
void answer(fuse_req_t request, F call) {
  auto& state = state_of(request);
  const std::lock_guard lock{state.mutex};
  if (!state.powered) return void(fuse_reply_err(request, EIO));
  try {
    call(state.volume);
  } catch (const std::system_error& error) {
    fuse_reply_err(request, error.code().value());
  }
}

struct stat attributes_of(const Node& node) {
  struct stat out {};
  out.st_ino = node.number;
  out.st_mode = node.mode;
  out.st_nlink = S_ISDIR(node.mode) ? 2 : node.names;
  out.st_uid = node.owner;
  out.st_gid = node.group;
  const auto size = S_ISLNK(node.mode) ? node.target.size() : node.bytes.now().size();
  out.st_size = static_cast<off_t>(size);
  out.st_blksize = FileBytes::page;
  out.st_blocks = static_cast<blkcnt_t>((size + FileBytes::sector - 1) / FileBytes::sector);
  out.st_atim = out.st_mtim = out.st_ctim = node.changed;
  return out;
}

// The kernel may keep nothing: after a cut, names and sizes are others.
fuse_entry_param entry_of(fuse_req_t request, const NodePtr& node) {
  auto& known = state_of(request).known[node.get()];
  known.node = node;
  ++known.lookups;
  fuse_entry_param entry{};
  entry.ino = reinterpret_cast<fuse_ino_t>(&known);
  entry.attr = attributes_of(*node);
  return entry;
}

void reply_entry(fuse_req_t request, const NodePtr& node) {
  const auto entry = entry_of(request, node);
  fuse_reply_entry(request, &entry);
}

void reply_attributes(fuse_req_t request, const Node& node) {
  const auto attributes = attributes_of(node);
  fuse_reply_attr(request, &attributes, 0);
}

void open_handle(fuse_file_info* info) {
  info->fh = reinterpret_cast<std::uint64_t>(new Handle{info->flags, {}});
  info->direct_io = 1;
}

void on_lookup(fuse_req_t request, fuse_ino_t folder, const char* name) {
  answer(request,
         [&](Volume&) { reply_entry(request, Volume::find(place(request, folder, name))); });
}

void on_forget(fuse_req_t request, fuse_ino_t number, std::uint64_t lookups) {
  auto& state = state_of(request);
  const std::lock_guard lock{state.mutex};
  if (number != FUSE_ROOT_ID) {
    auto& known_node = known(request, number);
    known_node.lookups -= lookups;
    if (known_node.lookups == 0) state.known.erase(known_node.node.get());
  }
  fuse_reply_none(request);
}

void on_getattr(fuse_req_t request, fuse_ino_t number, fuse_file_info* /*info*/) {
  answer(request, [&](Volume&) { reply_attributes(request, *node(request, number)); });
}

void set_time(const struct stat& wanted, int set, Node& node) {
  if ((set & FUSE_SET_ATTR_MTIME_NOW) != 0) {
    clock_gettime(CLOCK_REALTIME, &node.changed);
  } else if ((set & FUSE_SET_ATTR_MTIME) != 0) {
    node.changed = wanted.st_mtim;
  }
}

void on_setattr(fuse_req_t request, fuse_ino_t number, struct stat* wanted, int set,
                fuse_file_info* /*info*/) {
  answer(request, [&](Volume& volume) {
    auto& changed = *node(request, number);
    if ((set & FUSE_SET_ATTR_MODE) != 0) {
      changed.mode = (changed.mode & S_IFMT) | (wanted->st_mode & ~static_cast<mode_t>(S_IFMT));
    }
    if ((set & FUSE_SET_ATTR_UID) != 0) changed.owner = wanted->st_uid;
    if ((set & FUSE_SET_ATTR_GID) != 0) changed.group = wanted->st_gid;
    if ((set & FUSE_SET_ATTR_SIZE) != 0) {
      volume.resize(changed, static_cast<std::size_t>(wanted->st_size));
    }
    set_time(*wanted, set, changed);
    reply_attributes(request, changed);
  });
}

void on_readlink(fuse_req_t request, fuse_ino_t number) {
  answer(request,
         [&](Volume&) { fuse_reply_readlink(request, node(request, number)->target.c_str()); });
}

void on_mkdir(fuse_req_t request, fuse_ino_t folder, const char* name, mode_t mode) {
  answer(request, [&](Volume& volume) {
    const auto made = volume.make(place(request, folder, name), S_IFDIR | mode, caller(request));
    reply_entry(request, made);
  });
}

void on_symlink(fuse_req_t request, const char* target, fuse_ino_t folder, const char* name) {
  answer(request, [&](Volume& volume) {
    const auto made = volume.make(place(request, folder, name), S_IFLNK | 0777, caller(request));
    made->target = target;
    reply_entry(request, made);
  });
}

void on_remove(fuse_req_t request, fuse_ino_t folder, const char* name) {
  answer(request, [&](Volume& volume) {
    volume.remove(place(request, folder, name));
    fuse_reply_err(request, 0);
  });
}

void on_rename(fuse_req_t request, fuse_ino_t folder, const char* name, fuse_ino_t new_folder,
               const char* new_name, unsigned flags) {
  answer(request, [&](Volume& volume) {
    if ((flags & ~static_cast<unsigned>(RENAME_NOREPLACE)) != 0) {
      throw std::system_error{std::make_error_code(std::errc::invalid_argument)};
    }
    volume.rename(place(request, folder, name), place(request, new_folder, new_name), flags == 0);
    fuse_reply_err(request, 0);
  });
}

void on_link(fuse_req_t request, fuse_ino_t number, fuse_ino_t folder, const char* name) {
  answer(request, [&](Volume& volume) {
    volume.add_name(node(request, number), place(request, folder, name));
    reply_entry(request, node(request, number));
  });
}

void on_create(fuse_req_t request, fuse_ino_t folder, const char* name, mode_t mode,
               fuse_file_info* info) {
  answer(request, [&](Volume& volume) {
    const auto made = volume.make(place(request, folder, name), mode, caller(request));
    open_handle(info);
    const auto entry = entry_of(request, made);
    fuse_reply_create(request, &entry, info);
  });
}

void on_open(fuse_req_t request, fuse_ino_t number, fuse_file_info* info) {
  answer(request, [&](Volume& volume) {
    if ((info->flags & O_TRUNC) != 0) volume.resize(*node(request, number), 0);
    open_handle(info);
    fuse_reply_open(request, info);
  });
}

void on_release(fuse_req_t request, fuse_ino_t /*number*/, fuse_file_info* info) {
  const std::lock_guard lock{state_of(request).mutex};
  delete &handle(info);
  fuse_reply_err(request, 0);
}

// A part of a text from an offset on.
void reply_part(fuse_req_t request, const std::string& text, off_t offset, std::size_t size) {
  const auto from = std::min(static_cast<std::size_t>(offset), text.size());
  fuse_reply_buf(request, text.data() + from, std::min(size, text.size() - from));
}

void on_read(fuse_req_t request, fuse_ino_t number, std::size_t size, off_t offset,
             fuse_file_info* /*info*/) {
  answer(request,
         [&](Volume&) { reply_part(request, node(request, number)->bytes.now(), offset, size); });
}

void on_write(fuse_req_t request, fuse_ino_t number, const char* bytes, std::size_t size,
              off_t offset, fuse_file_info* info) {
  answer(request, [&](Volume& volume) {
    auto& file = *node(request, number);
    const bool appends = (handle(info).flags & O_APPEND) != 0;
    const auto at = appends ? file.bytes.now().size() : static_cast<std::size_t>(offset);
    volume.write(file, at, {bytes, size});
    if ((handle(info).flags & O_DSYNC) != 0) volume.sync(file);  // a bit of O_SYNC, too
    fuse_reply_write(request, size);
  });
}

void on_fallocate(fuse_req_t request, fuse_ino_t number, int mode, off_t offset, off_t length,
                  fuse_file_info* /*info*/) {
  answer(request, [&](Volume& volume) {
    if (mode != 0) {
      throw std::system_error{std::make_error_code(std::errc::operation_not_supported)};
    }
    auto& file = *node(request, number);
    const auto end = static_cast<std::size_t>(offset + length);
    if (end > file.bytes.now().size()) volume.resize(file, end);
    fuse_reply_err(request, 0);
  });
}

void on_fsync(fuse_req_t request, fuse_ino_t number, int /*data_only*/, fuse_file_info* /*info*/) {
  answer(request, [&](Volume& volume) {
    volume.sync(*node(request, number));
    fuse_reply_err(request, 0);
  });
}

void list(fuse_req_t request, const std::string& name, const struct stat& attributes,
          std::string& listing) {
  const auto before = listing.size();
  const auto size = fuse_add_direntry(request, nullptr, 0, name.c_str(), nullptr, 0);
  listing.resize(before + size);
  fuse_add_direntry(request, listing.data() + before, size, name.c_str(), &attributes,
                    static_cast<off_t>(listing.size()));
}

// The offset of an entry is that of the next one in the listing, which stays as it was when the
// reading began.
void on_readdir(fuse_req_t request, fuse_ino_t number, std::size_t size, off_t offset,
                fuse_file_info* info) {
  answer(request, [&](Volume&) {
    const auto& folder = *node(request, number);
    auto& listing = handle(info).listing;
    if (offset == 0) {
      listing.clear();
      for (const auto* own : {".", ".."}) list(request, own, attributes_of(folder), listing);
      for (const auto& [name, child] : folder.entries) {
        list(request, name, attributes_of(*child), listing);
      }
    }
    reply_part(request, listing, offset, size);
  });
}

void on_statfs(fuse_req_t request, fuse_ino_t /*number*/) {
  struct statvfs out {};
  out.f_bsize = out.f_frsize = FileBytes::page;
  out.f_blocks = out.f_bfree = out.f_bavail = blocks;
  out.f_files = out.f_ffree = out.f_favail = blocks;
  out.f_namemax = 255;
  fuse_reply_statfs(request, &out);
}

fuse_lowlevel_ops make_calls() {
  fuse_lowlevel_ops calls{};
  calls.lookup = on_lookup;
  calls.forget = on_forget;
  calls.getattr = on_getattr;
  calls.setattr = on_setattr;
  calls.readlink = on_readlink;
  calls.mkdir = on_mkdir;
  calls.unlink = on_remove;
  calls.rmdir = on_remove;
  calls.symlink = on_symlink;
  calls.rename = on_rename;
  calls.link = on_link;
  calls.create = on_create;
  calls.open = on_open;
  calls.opendir = on_open;
  calls.release = on_release;
  calls.releasedir = on_release;
  calls.read = on_read;
  calls.write = on_write;
  calls.fallocate = on_fallocate;
  calls.fsync = on_fsync;
  calls.fsyncdir = on_fsync;
  calls.readdir = on_readdir;
  calls.statfs = on_statfs;
  return calls;
}

}  // namespace

const fuse_lowlevel_ops& kernel_calls() {
  static const auto calls = make_calls();
  return calls;
}

}  // namespace fechatter::power
