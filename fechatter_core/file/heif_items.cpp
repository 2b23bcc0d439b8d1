#include "fechatter_core/file/heif_items.hpp"

#include <limits>
#include <set>

#include "fechatter_core/file/exif_orientation.hpp"
#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file::heif {
namespace {

constexpr std::size_t full_box_head_size = 4;  // version, flags
constexpr char heif_zero_block[4096] = {};

// Numbers and boxes from the front of a text; beyond its end everything is 0, and it is broken.
class BoxReader {
 public:
  explicit BoxReader(std::string_view bytes) : rest_{bytes} {}

  bool is_broken() const { return is_broken_; }
  bool is_empty() const { return rest_.empty(); }

  std::string_view cut(std::uint64_t count) {
    if (count > rest_.size()) is_broken_ = true;
    return cut_front(rest_, count);
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t number = 0;
    for (const char c : cut(size)) number = number << 8 | static_cast<unsigned char>(c);
    return number;
  }
  // Reads a box, and returns its content.
  std::string_view box(std::string_view& type) {
    const auto size = number(4);
    type = cut(4);
    if (size < 8) is_broken_ = true;  // in meta, none is that large, and none has an open end
    return is_broken_ ? std::string_view{} : cut(size - 8);
  }

 private:
  std::string_view rest_;
  bool is_broken_ = false;
};

struct MetadataItems {
  std::set<std::uint64_t> exif;
  std::set<std::uint64_t> other;
};

// The content of a box in meta; nullopt when it is broken, empty when there is none.
std::optional<std::string_view> find_box(std::string_view meta, std::string_view wanted) {
  BoxReader boxes{meta};
  boxes.cut(full_box_head_size);
  std::string_view found;
  while (!boxes.is_empty() && !boxes.is_broken()) {
    std::string_view type;
    const auto content = boxes.box(type);
    if (type == wanted && found.empty()) found = content;
  }
  if (boxes.is_broken()) return std::nullopt;
  return found;
}

void read_item(std::string_view entry, MetadataItems& items) {
  BoxReader reader{entry};
  const auto version = reader.number(1);
  reader.cut(3);
  const auto id = reader.number(version < 3 ? 2 : 4);
  reader.cut(2);
  const auto type = reader.cut(4);
  if (version < 2 || reader.is_broken()) return;
  if (type == "Exif") items.exif.insert(id);
  if (type == "mime" || type == "uri ") items.other.insert(id);
}

bool read_items(std::string_view content, MetadataItems& items) {
  BoxReader reader{content};
  const auto version = reader.number(1);
  reader.cut(3);
  reader.number(version == 0 ? 2 : 4);
  while (!reader.is_empty() && !reader.is_broken()) {
    std::string_view type;
    const auto entry = reader.box(type);
    if (type == "infe") read_item(entry, items);
  }
  return !reader.is_broken();
}

// The box iloc.
class Places {
 public:
  Places(std::string_view content, const MetadataItems& items) : reader_{content}, items_{items} {}

  std::optional<std::vector<MetadataRange>> read() {
    if (reader_.is_empty()) return ranges_;
    version_ = reader_.number(1);
    reader_.cut(3);
    const auto sizes = reader_.number(2);
    offset_size_ = sizes >> 12;
    length_size_ = sizes >> 8 & 15;
    base_size_ = sizes >> 4 & 15;
    index_size_ = version_ == 0 ? 0 : sizes & 15;
    // Without a length, an item has all of the file; and each extent has bytes, so that their
    // number is bounded by those of the box.
    is_unknown_ = length_size_ == 0 || std::max({offset_size_, length_size_, base_size_}) > 8;
    const auto count = reader_.number(version_ < 2 ? 2 : 4);
    for (std::uint64_t i = 0; i < count && is_good(); ++i) read_place();
    if (!is_good()) return std::nullopt;
    std::sort(ranges_.begin(), ranges_.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return ranges_;
  }

 private:
  bool is_good() const { return !is_unknown_ && !reader_.is_broken(); }

  void read_place() {
    const auto id = reader_.number(version_ < 2 ? 2 : 4);
    const auto method = version_ == 0 ? 0 : reader_.number(2) & 15;
    const auto reference = reader_.number(2);  // 0: this file
    const auto base = reader_.number(base_size_);
    const auto count = reader_.number(2);
    const bool is_metadata = items_.exif.contains(id) || items_.other.contains(id);
    for (std::uint64_t i = 0; i < count && is_good(); ++i) {
      reader_.cut(index_size_);
      const auto offset = reader_.number(offset_size_);
      const auto length = reader_.number(length_size_);
      if (!is_metadata || reference != 0) continue;
      const auto room = std::numeric_limits<std::uint64_t>::max() - base;
      is_unknown_ = method > 1 || length == 0 || offset > room || length > room - offset ||
                    ranges_.size() == metadata_ranges_max;
      ranges_.push_back(
          {base + offset, base + offset + length, i == 0 && items_.exif.contains(id), method == 1});
    }
  }

  BoxReader reader_;
  const MetadataItems& items_;
  std::uint64_t version_ = 0;
  std::size_t offset_size_ = 0, length_size_ = 0, base_size_ = 0, index_size_ = 0;
  bool is_unknown_ = false;
  std::vector<MetadataRange> ranges_;
};

// How far the TIFF block is away, and one that says nothing: programs that read EXIF expect one.
const std::string& empty_exif() {
  static const std::string exif = std::string(4, '\0') + exif_of_orientation(upright);
  return exif;
}

}  // namespace

std::string_view MetadataRange::replacement(std::uint64_t at, std::uint64_t count) const {
  const auto done = at - begin;
  count = std::min(count, end - at);
  if (is_exif && end - begin >= empty_exif().size() && done < empty_exif().size()) {
    return std::string_view{empty_exif()}.substr(done, count);
  }
  return {heif_zero_block, std::min<std::size_t>(count, sizeof heif_zero_block)};
}

std::optional<std::vector<MetadataRange>> find_metadata(std::string_view meta) {
  const auto information = find_box(meta, "iinf");
  const auto places = find_box(meta, "iloc");
  MetadataItems items;
  if (!information || !places) return std::nullopt;
  if (!information->empty() && !read_items(*information, items)) return std::nullopt;
  return Places{*places, items}.read();
}

std::string_view find_idat(std::string_view meta) {
  return find_box(meta, "idat").value_or(std::string_view{});
}

}  // namespace fechatter::file::heif
