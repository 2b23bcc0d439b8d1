#include "tests/support/moto.hpp"

#include <fstream>

#include "tests/support/places.hpp"

namespace fechatter::test {

std::optional<Moto> find_moto() {
  std::ifstream file{moto_file()};
  Moto moto;
  file >> moto.url >> moto.server.key_id >> moto.server.key >> moto.operators.key_id >>
      moto.operators.key;
  if (!file) return std::nullopt;
  return moto;
}

}  // namespace fechatter::test
