#pragma once

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// A person that types in own and in foreign chats, and says to be online or away. The clients'
// thread only.
class Noise {
 public:
  Noise(Traffic& traffic, std::int64_t person);

  awaitable<> run();

 private:
  Activity next();
  awaitable<> carry_out(Activity activity);

  Traffic& traffic_;
  const Person& person_;
  std::vector<std::int64_t> own_;      // chats that the person never leaves
  std::vector<std::int64_t> foreign_;  // chats that the person is never a member of
};

}  // namespace fechatter::chaos
