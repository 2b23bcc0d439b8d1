# What every target of the project is compiled with. Link `fechatter_options` and nothing else.

# The Dev build type: quick to build, line numbers in stack traces.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(FECHATTER_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# A clone in another folder finds what this one has compiled.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

# Twelve files are compiled as one, in a quarter of the time: most of it goes into the headers and
# the templates that they share. So names in the anonymous namespaces of a folder differ, too.
option(CMAKE_UNITY_BUILD "Compile several files as one" ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)

add_library(fechatter_options INTERFACE)
target_compile_features(fechatter_options INTERFACE cxx_std_20)
target_include_directories(fechatter_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(fechatter_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports impossible overlaps inside std::string (GCC bug 105329), and takes the frames of
  # Asio's coroutines, which have an operator delete of their own, for mismatched.
  target_compile_options(fechatter_options INTERFACE -Wno-restrict -Wno-mismatched-new-delete)
  # A name in an anonymous namespace is a fault in a header, not in one file of several.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(fechatter_options INTERFACE -Wno-subobject-linkage)
  endif()
endif()
# Asio and Beast are compiled once, in fechatter_core/http/boost_impl.cpp.
target_compile_definitions(fechatter_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  FECHATTER_VERSION="${PROJECT_VERSION}")

if(FECHATTER_SANITIZE)
  # A target with the property FECHATTER_UNSANITIZED has none. Options of its own would not help it:
  # those of a library that it links stand behind them.
  set(sanitized "$<NOT:$<BOOL:$<TARGET_PROPERTY:FECHATTER_UNSANITIZED>>>")
  target_compile_options(fechatter_options INTERFACE
    $<${sanitized}:-fsanitize=${FECHATTER_SANITIZE}> -fno-omit-frame-pointer
    $<${sanitized}:-fno-sanitize-recover=all>)
  target_link_options(fechatter_options INTERFACE
    $<${sanitized}:-fsanitize=${FECHATTER_SANITIZE}>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What asan adds hides the initializations in <regex> from g++ 12 (GCC bug 105562).
    target_compile_options(fechatter_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(FECHATTER_SANITIZE MATCHES "thread")
    target_compile_options(fechatter_options INTERFACE -Wno-tsan)
  endif()
endif()

include(${CMAKE_CURRENT_LIST_DIR}/hardening.cmake)
