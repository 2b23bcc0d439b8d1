#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fechatter::server {

// A representation of a file: its bytes in one coding.
struct WebBytes {
  std::string_view bytes;
  std::string etag;  // with its quotes; differs from that of any other bytes, of another coding too
};

// A file of the web client. `br` and `gzip` are empty where that coding saves nothing.
struct WebFile {
  std::string path;  // begins with '/'
  std::string content_type;
  WebBytes identity;
  WebBytes br;
  WebBytes gzip;
  bool is_previous = false;  // of the release before, for pages that were open during the upgrade
};

// The files of a pack, sorted by path; none of an empty pack. pack.mjs makes packs of what the
// client's build has made: a line of JSON that names the files and where the bytes of each coding
// are, and these bytes. Throws std::runtime_error for a pack that is damaged, or has no
// /index.html. The files refer to the bytes of the pack.
std::vector<WebFile> read_web_pack(std::string_view pack);

// Writes the assets of this release, and no others, below `folder`, which is made; returns their
// number. Throws std::runtime_error.
std::size_t write_web_assets(const std::vector<WebFile>& files, const std::string& folder);

// The pack inside the binary; empty where it was built without the client. Any thread.
std::string_view built_web_pack();

}  // namespace fechatter::server
