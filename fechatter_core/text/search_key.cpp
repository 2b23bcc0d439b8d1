#include "fechatter_core/text/search_key.hpp"

#include <algorithm>

#include "fechatter_core/text/folding.hpp"

namespace fechatter {
namespace {

void add(std::vector<std::string>& keys, std::string key) {
  if (key.empty() || std::find(keys.begin(), keys.end(), key) != keys.end()) return;
  keys.push_back(std::move(key));
}

}  // namespace

std::string search_key(std::string_view text) {
  std::string key;
  bool separated = false;
  Folding folding{text};
  std::vector<FoldedCharacter> piece;
  while (folding.next(piece)) {
    for (const auto& character : piece) {
      if (character.kind == CharacterKind::separator) {
        separated = !key.empty();
        continue;
      }
      if (separated) key += ' ';
      separated = false;
      append_character(key, character.code);
    }
  }
  return key;
}

std::vector<std::string> name_search_keys(std::string_view fullname) {
  std::vector<std::string> keys;
  const auto whole = search_key(fullname);
  add(keys, whole);
  for (std::size_t begin = 0; begin < whole.size();) {
    const auto end = std::min(whole.find(' ', begin), whole.size());
    add(keys, whole.substr(begin, end - begin));
    begin = end + 1;
  }
  return keys;
}

std::vector<std::string> email_search_keys(std::string_view email) {
  std::vector<std::string> keys;
  add(keys, search_key(email));
  add(keys, search_key(email.substr(0, email.rfind('@'))));
  return keys;
}

}  // namespace fechatter
