#pragma once

#include <sys/types.h>

#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/power/file_bytes.hpp"

namespace fechatter::power {

struct Node;
using NodePtr = std::shared_ptr<Node>;
using Entries = std::map<std::string, NodePtr, std::less<>>;

// A file, a folder or a symbolic link. Its mode, its owner and its times are on the disk at once.
struct Node {
  ino_t number = 0;
  mode_t mode = 0;  // with its type
  uid_t owner = 0;
  gid_t group = 0;
  timespec changed{};
  nlink_t names = 0;   // of those that programs see
  FileBytes bytes;     // of a file
  std::string target;  // of a link
  // Of a folder: as programs see it, and as it is on the disk.
  Entries entries;
  Entries on_disk;
};

// A name of a folder that becomes a node's, or free (null).
struct Naming {
  NodePtr folder;
  std::string name;
  NodePtr node;
};

// A change of names that is not on the disk yet.
struct NameChange {
  NodePtr subject;              // the node that gets or loses a name
  std::vector<Naming> namings;  // all or none
};

// The changes of names that wait for the disk, in their order. One thread at a time.
//
// The sync of a folder brings those of the names in it to the disk; the sync of a file or a folder
// those of its own names; each with the earlier changes of the same names, and with what named the
// folders on the way. Nothing else is brought by it: ext4 would bring all that came before. Now and
// then all that waits is brought, as a journal commits by itself. Of what still waits when the
// power is cut, a part from the beginning survives, as a journal keeps order.
class Names {
 public:
  void add(NameChange change, chaos::Dice& dice);
  void sync_own(const Node& node);
  void sync_folder(const Node& folder);
  void sync_all();
  // What `dice` leaves reaches the disk; nothing without it.
  void cut(chaos::Dice* dice);

 private:
  void bring(const std::function<bool(const NameChange&)>& wanted);

  std::vector<NameChange> waiting_;
};

}  // namespace fechatter::power
