#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

struct magic_set;

namespace fechatter::file {

// What a file is taken for. Views of static texts.
struct MediaType {
  std::string_view media_type;  // "image/png"
  std::string_view extension;   // of FileKey: "png"; each type has its own
  bool is_picture = false;      // thumbnails may be made of it
  // Whether a browser may show it in place. Not so: whatever can hold a script or a form, and
  // whatever is not known; that is an attachment.
  bool is_shown_inline = false;
};

// All of them, application/octet-stream ("bin") first. Any thread.
std::span<const MediaType> media_types();

// The type with that extension; application/octet-stream when there is none. Any thread.
const MediaType& media_type_of_extension(std::string_view extension);

// Tells the type of a file by its content, never by its name. Any thread; one caller at a time is
// served, and the others wait: mostly below 1 ms, for texts made to be slow up to some 20 ms.
class MediaTypes {
 public:
  static constexpr std::size_t head_bytes_max = 8192;  // more is not looked at

  // Loads the database of libmagic, once. Throws std::runtime_error when it cannot be read.
  MediaTypes();

  // The type of a file that begins so; always one of media_types(). A file that is of two types at
  // once (GIF and HTML) is of the one that its first bytes belong to.
  const MediaType& of(std::string_view head);

 private:
  struct Close {
    void operator()(magic_set* cookie) const;
  };

  std::mutex mutex_;
  std::unique_ptr<magic_set, Close> cookie_;
};

}  // namespace fechatter::file
