#include "fechatter_server/command/key_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "fechatter_core/auth/key_rotation.hpp"
#include "fechatter_core/auth/signing_key.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_server/command/audit.hpp"

namespace fechatter::server {
namespace {

struct KeyArguments {
  std::string private_key;
  std::string public_key;
  bool early = false;  // of `finish`
};
using SharedArguments = std::shared_ptr<KeyArguments>;

const char* rotation_name(auth::RotationState state) {
  switch (state) {
    case auth::RotationState::idle: return "idle";
    case auth::RotationState::announced: return "announced";
    case auth::RotationState::switched: return "switched";
  }
  return "idle";
}

std::string next_step(auth::RotationState state, std::chrono::seconds access_life) {
  switch (state) {
    case auth::RotationState::idle: return "`keys rotate announce` begins a rotation";
    case auth::RotationState::announced:
      return "restart all instances of notify_server, then of fechatter_server; then `keys rotate "
             "switch`";
    case auth::RotationState::switched:
      return fmt::format(
          "restart all instances of fechatter_server; {} min later `keys rotate finish`, and "
          "restart "
          "all instances at leisure",
          std::chrono::ceil<std::chrono::minutes>(access_life).count());
  }
  return {};
}

int print_state(const CommandInput& input, const auth::KeyState& state,
                std::chrono::seconds access_life) {
  const auto next = next_step(state.state, access_life);
  std::string verifying;
  for (const auto& print : state.verifying) verifying += (verifying.empty() ? "" : ", ") + print;
  nlohmann::ordered_json object{{"state", rotation_name(state.state)},
                                {"signing", state.signing},
                                {"verifying", state.verifying},
                                {"next_step", next},
                                {"request_id", input.request_id}};
  print_report(input, object,
               fmt::format("state      {}\nsigns      {}\nare good   {}\nnext       {}\n",
                           rotation_name(state.state), state.signing, verifying, next));
  return exit_code::done;
}

auth::KeyRotation rotation_of(const ServerSettings& settings, const KeyArguments& keys) {
  const auto& path = keys.private_key.empty() ? settings.private_key : keys.private_key;
  return {path, keys.public_key};
}

int make_pair(const CommandInput& input, const KeyArguments& keys) {
  if (keys.private_key.empty()) throw ConfigError{"--private is required"};
  auth::make_key_pair(keys.private_key, keys.public_key);
  print_report(input,
               {{"private", keys.private_key},
                {"public", keys.public_key},
                {"signing", auth::fingerprint(auth::load_private_key(keys.private_key))}},
               {});
  return exit_code::done;
}

int show_state(const CommandInput& input, const KeyArguments& keys) {
  const auto settings = input.settings();
  return print_state(input, rotation_of(settings, keys).read(), settings.auth.access_life);
}

// The files are what counts: without the database, the step is taken, and the log lacks it.
void audit_rotation(const ServerSettings& settings, const CommandInput& input,
                    const std::string& action) {
  try {
    add_audit(settings, input, action);
  } catch (const std::exception& error) {
    fmt::print(stderr, "audit_log has no row of this: {}\n", error.what());
  }
}

// Tokens that the former key has signed are good for so long.
void require_expired(const auth::KeyState& state, std::chrono::seconds access_life) {
  const auto end = state.switched_at + access_life;
  if (state.state != auth::RotationState::switched || now() >= end) return;
  throw Error{ErrorCode::forbidden,
              fmt::format("Access tokens of the former key are good until {}; --early refuses them",
                          to_rfc3339(end))};
}

int announce(const CommandInput& input, const KeyArguments& keys) {
  const auto settings = input.settings();
  const auto state = rotation_of(settings, keys).announce();
  audit_rotation(settings, input, "keys.announce");
  return print_state(input, state, settings.auth.access_life);
}

int switch_over(const CommandInput& input, const KeyArguments& keys) {
  const auto settings = input.settings();
  const auto state = rotation_of(settings, keys).switch_over();
  audit_rotation(settings, input, "keys.switch");
  return print_state(input, state, settings.auth.access_life);
}

int finish(const CommandInput& input, const KeyArguments& keys) {
  const auto settings = input.settings();
  const auto rotation = rotation_of(settings, keys);
  if (!keys.early) require_expired(rotation.read(), settings.auth.access_life);
  const auto state = rotation.finish();
  audit_rotation(settings, input, "keys.finish");
  return print_state(input, state, settings.auth.access_life);
}

CommandRun with(const SharedArguments& keys,
                int (*run)(const CommandInput& input, const KeyArguments& keys)) {
  return [keys, run](const CommandInput& input) { return run(input, *keys); };
}

}  // namespace

void add_key_commands(CommandTable& table) {
  const auto keys = std::make_shared<KeyArguments>();
  auto& group = table.add_group("keys", "Make a key pair unless it exists; or replace it");
  group.add_option("--private", keys->private_key, "PEM, for fechatter_server only");
  group.add_option("--public", keys->public_key, "PEM, for notify_server")->required();
  table.set_run(group, with(keys, make_pair));
  table.add(group, "status", "Which key signs, and which are good", with(keys, show_state));
  auto& rotate = *group.add_subcommand("rotate", "Replace the keys while servers run, in 3 steps");
  rotate.require_subcommand(1);
  table.add(rotate, "announce", "Make the next key, and let both be good", with(keys, announce));
  table.add(rotate, "switch", "Sign with the next key", with(keys, switch_over));
  table.add(rotate, "finish", "Let only the new key be good", with(keys, finish))
      .add_flag("--early", keys->early, "Even while tokens of the former key are good");
}

}  // namespace fechatter::server
