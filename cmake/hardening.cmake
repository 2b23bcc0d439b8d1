# Protections against faults in code that reads bytes from outside. The linker's are in every build,
# the compiler's in optimised builds without a sanitizer: FORTIFY needs an optimiser, and sanitizers
# have checks of their own. deploy/local/hardening says whether a program has them.

include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

# The table of imported functions is resolved at start and read-only from then on.
target_link_options(fechatter_options INTERFACE
  -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

set(FECHATTER_HARDENED_CODE OFF)
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT FECHATTER_SANITIZE)
  set(FECHATTER_HARDENED_CODE ON)
endif()

if(FECHATTER_HARDENED_CODE)
  # Some distributions define a lower level of FORTIFY themselves.
  target_compile_options(fechatter_options INTERFACE
    -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
    -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    # Debian's start files carry no mark, so the linker would leave it out. Nothing in them breaks a
    # shadow stack; they lack landing pads, so the mark for these stays out.
    target_compile_options(fechatter_options INTERFACE -fcf-protection=full)
    target_link_options(fechatter_options INTERFACE -Wl,-z,shstk)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    target_compile_options(fechatter_options INTERFACE -mbranch-protection=standard)
  endif()
endif()

set(FECHATTER_HARDENING_CHECK ${PROJECT_SOURCE_DIR}/deploy/local/hardening)
if(NOT FECHATTER_HARDENED_CODE)
  list(APPEND FECHATTER_HARDENING_CHECK --linked)
endif()

# check_hardening(TARGET [OPTION...]): a program that lacks a protection is not built.
function(check_hardening target)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${FECHATTER_HARDENING_CHECK} ${ARGN} $<TARGET_FILE:${target}>
    VERBATIM)
endfunction()
