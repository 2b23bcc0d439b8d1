#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/file/descriptor.hpp"

// What a store on a disk does with a folder and one name in it. A name is one step down: a symbolic
// link is not followed, so no path leaves the store. Calls block; any thread. They throw as
// throw_disk_error does. REQUIRES: a name has no '/' and is neither "." nor "..".
namespace fechatter::file {

// Whether the errno of openat or fstatat says that there is nothing: no such name, or not the kind
// of thing that was asked for.
bool means_absent(int error);

std::optional<Descriptor> find_subfolder(const Descriptor& parent, const std::string& name);
// The folder of that name, durably: a folder that is new is synced into `parent`.
Descriptor make_subfolder(const Descriptor& parent, const std::string& name);
// Of everything in the folder, sorted; empty when there is no folder any more.
std::vector<std::string> names_in(const Descriptor& folder);
// What the folder's names, or the file's content, were when it was called survives a loss of power.
void sync_to_disk(const Descriptor& folder_or_file);

}  // namespace fechatter::file
