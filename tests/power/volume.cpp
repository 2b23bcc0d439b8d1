#include "tests/power/volume.hpp"

#include <sys/stat.h>

#include <system_error>
#include <unordered_map>

namespace fechatter::power {
namespace {

// Of the writes, so that a page waits for some of them.
constexpr double written_back = 0.05;

[[noreturn]] void fail(std::errc error) {
  throw std::system_error{std::make_error_code(error)};
}

timespec moment() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

bool is_folder(const Node& node) {
  return S_ISDIR(node.mode);
}

}  // namespace

Volume::Volume(std::uint64_t seed) : root_{std::make_shared<Node>()}, dice_{seed} {
  root_->number = last_number_;
  root_->mode = S_IFDIR | 0755;
  root_->names = 1;
  root_->changed = moment();
}

NodePtr Volume::find(const Place& place) {
  if (!is_folder(*place.folder)) fail(std::errc::not_a_directory);
  const auto found = place.folder->entries.find(place.name);
  if (found == place.folder->entries.end()) fail(std::errc::no_such_file_or_directory);
  return found->second;
}

void Volume::put(const NodePtr& node, const Place& place) {
  if (!is_folder(*place.folder)) fail(std::errc::not_a_directory);
  if (place.folder->entries.contains(place.name)) fail(std::errc::file_exists);
  ++node->names;
  node->changed = place.folder->changed = moment();
  place.folder->entries[place.name] = node;
  names_.add({node, {{place.folder, place.name, node}}}, dice_);
}

NodePtr Volume::make(const Place& place, mode_t mode, Caller caller) {
  auto node = std::make_shared<Node>();
  node->number = ++last_number_;
  node->mode = mode;
  node->owner = caller.user;
  node->group = caller.group;
  put(node, place);
  return node;
}

void Volume::add_name(const NodePtr& node, const Place& place) {
  if (is_folder(*node)) fail(std::errc::operation_not_permitted);
  put(node, place);
}

void Volume::remove(const Place& place) {
  const auto node = find(place);
  if (!node->entries.empty()) fail(std::errc::directory_not_empty);
  --node->names;
  place.folder->entries.erase(place.name);
  place.folder->changed = moment();
  names_.add({node, {{place.folder, place.name, nullptr}}}, dice_);
}

void Volume::rename(const Place& from, const Place& to, bool replaces) {
  const auto node = find(from);
  const auto old = to.folder->entries.find(to.name);
  if (old != to.folder->entries.end()) {
    if (!replaces) fail(std::errc::file_exists);
    if (old->second == node) return;
    if (is_folder(*old->second) && !is_folder(*node)) fail(std::errc::is_a_directory);
    if (!is_folder(*old->second) && is_folder(*node)) fail(std::errc::not_a_directory);
    if (!old->second->entries.empty()) fail(std::errc::directory_not_empty);
    --old->second->names;
  }
  from.folder->entries.erase(from.name);
  to.folder->entries[to.name] = node;
  from.folder->changed = to.folder->changed = moment();
  names_.add({node, {{from.folder, from.name, nullptr}, {to.folder, to.name, node}}}, dice_);
}

void Volume::write(Node& file, std::size_t offset, std::string_view bytes) {
  file.bytes.write(offset, bytes);
  file.changed = moment();
  if (dice_.chance(written_back)) file.bytes.write_back(dice_);
}

void Volume::resize(Node& file, std::size_t size) {
  file.bytes.resize(size);
  file.changed = moment();
}

void Volume::sync(Node& node) {
  if (is_folder(node)) return names_.sync_folder(node);
  node.bytes.sync();
  names_.sync_own(node);
}

void Volume::sync_all() {
  names_.sync_all();
  visit_disk([](Node& node) { node.bytes.sync(); });
}

void Volume::cut(std::optional<std::uint64_t> seed) {
  std::optional<chaos::Dice> kept;
  if (seed) kept.emplace(*seed);
  auto* dice = kept ? &*kept : nullptr;
  names_.cut(dice);
  visit_disk([dice](Node& node) {
    node.bytes.cut(dice);
    node.entries = node.on_disk;
  });
}

void Volume::visit_disk(const std::function<void(Node&)>& take) {
  std::unordered_map<Node*, nlink_t> names;
  const std::function<void(Node&)> visit = [&](Node& node) {
    if (++names[&node] > 1) return;
    take(node);
    for (const auto& [name, child] : node.on_disk) visit(*child);
  };
  visit(*root_);
  for (const auto& [node, count] : names) node->names = count;
}

}  // namespace fechatter::power
