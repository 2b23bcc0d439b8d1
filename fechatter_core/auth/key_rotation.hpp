#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"

// How the signing key is replaced while servers run, without a refused token. The servers read
// their files at their start, so that each step is followed by a restart of all instances:
//
//   announce   the next key is made; both public keys are good, the former private key signs
//   switch     the next private key signs; both public keys are good
//   finish     only the new key is good
//
// The file of the private key has the key that signs, then the other public key; the file of the
// public keys has the same two. The next private key waits beside the former one, in a file that
// ends in ".next".
namespace fechatter::auth {

enum class RotationState { idle, announced, switched };

struct KeyState {
  RotationState state = RotationState::idle;
  std::string signing;                 // fingerprints
  std::vector<std::string> verifying;  // by the file of the public keys
  std::string next;                    // empty: none
  Timestamp switched_at;               // of RotationState::switched
};

// The two files of an installation. Every function throws std::runtime_error that names the file
// which cannot be read or written, or which does not belong to the other one. A step that was
// interrupted is completed when it is asked for again. Files keep their mode and their owner.
class KeyRotation {
 public:
  KeyRotation(std::string private_path, std::string public_path);

  KeyState read() const;

  // REQUIRES for each of them: the state before it, or its own.
  KeyState announce() const;
  KeyState switch_over() const;
  KeyState finish() const;

 private:
  std::string next_path() const { return private_path_ + ".next"; }

  const std::string private_path_;
  const std::string public_path_;
};

}  // namespace fechatter::auth
