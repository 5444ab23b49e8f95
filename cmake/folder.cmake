# One folder of the tree is one library target: torc_<folder>, every .cpp below it.
# Includes are written from the top: "core/job.hpp".

set(torc_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
add_library(torc_flags INTERFACE)
target_include_directories(torc_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(torc_flags INTERFACE ${torc_warnings})
# For what is loaded into other people's programs, too: no sanitizer.
add_library(torc_plain_flags INTERFACE)
target_compile_options(torc_plain_flags INTERFACE ${torc_warnings})
if(TORC_SANITIZE STREQUAL "address")
  # CAF binds null references in its own headers, so UBSan's null check stays off.
  # g++ sees reads of members of a variant that cannot happen when its own checks stand between.
  target_compile_options(torc_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize=null -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  # As shared libraries the two have one log_path between them, which UBSan then does not heed.
  target_link_options(torc_flags INTERFACE
    -fsanitize=address,undefined -static-libasan -static-libubsan)
elseif(TORC_SANITIZE STREQUAL "fuzz")
  # clang's warnings are others than g++'s, which the other builds make errors of.
  target_compile_options(torc_flags INTERFACE -w
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=null
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(torc_flags INTERFACE -fsanitize=address,undefined)
elseif(TORC_SANITIZE STREQUAL "thread")
  # g++ warns of fences, which Asio has and the sanitizer does not understand.
  target_compile_options(torc_flags INTERFACE -fsanitize=thread -Wno-tsan -fno-omit-frame-pointer)
  target_link_options(torc_flags INTERFACE -fsanitize=thread)
endif()

# torc_folder(<name> [<libraries>...] [LIBS <libraries>...] [PCH <headers>...])
# PCH names foreign headers that nearly every file of the folder reads. A file still includes what
# it uses: a build with TORC_PCH=OFF must succeed.
function(torc_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS;PCH")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(torc_${name} STATIC ${sources})
  target_link_libraries(torc_${name} PUBLIC torc_flags ${arg_UNPARSED_ARGUMENTS} ${arg_LIBS})
  if(arg_PCH)
    torc_precompile(torc_${name} ${arg_PCH})
  endif()
endfunction()

# torc_precompile(<target> <headers>...): the same for a target that is no folder.
function(torc_precompile target)
  if(TORC_PCH)
    list(TRANSFORM ARGN REPLACE "^(.+)$" "<\\1>")
    target_precompile_headers(${target} PRIVATE ${ARGN})
    # Without the first, ccache cannot see which precompiled header a file was compiled with. The
    # others are false alarms of g++ 12 inside std::string, which it takes for ours in such a header.
    target_compile_options(${target} PRIVATE
      -fpch-preprocess -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
endfunction()

# torc_test(<name> [<libraries>...] [LIBS <libraries>...] [PCH <headers>...] [PARTS <filters>...]
#           [LIMIT <seconds>])
# A Boost.Test program: one folder of tests, one executable, one ctest entry. The label lets
# dev/test count its cases instead of counting one program. PARTS are Boost.Test filters, each of which
# becomes an entry: for a program that takes longer than one test may, which is LIMIT, else 60.
function(torc_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LIMIT" "LIBS;PCH;PARTS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE
    torc_flags ${arg_UNPARSED_ARGUMENTS} ${arg_LIBS} Boost::unit_test_framework)
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK
    TORC_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(arg_PCH)
    torc_precompile(test_${name} ${arg_PCH})
  endif()
  set(entries ${name})
  if(arg_PARTS)
    set(entries "")
    foreach(part ${arg_PARTS})
      list(LENGTH entries number)
      math(EXPR number "${number} + 1")
      add_test(NAME ${name}_${number} COMMAND test_${name} --run_test=${part})
      list(APPEND entries ${name}_${number})
    endforeach()
  else()
    add_test(NAME ${name} COMMAND test_${name})
  endif()
  set_tests_properties(${entries} PROPERTIES LABELS boost)
  if(NOT arg_LIMIT)
    set(arg_LIMIT 60)
  endif()
  torc_limit(${arg_LIMIT} ${entries})
endfunction()

# torc_limit(<seconds> <ctest entries>...): how long they may take. A sanitized program takes longer
# and is told what to pass over; dev/run_tests.py adds where it shall report, and reads that.
function(torc_limit seconds)
  if(TORC_SANITIZE STREQUAL "thread")
    math(EXPR seconds "${seconds} * 20")
  elseif(TORC_SANITIZE)
    math(EXPR seconds "${seconds} * 10")
  endif()
  set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${seconds})
  if(TORC_SANITIZE STREQUAL "address")
    set_property(TEST ${ARGN} APPEND PROPERTY ENVIRONMENT
      "ASAN_OPTIONS=detect_leaks=1"
      "LSAN_OPTIONS=print_suppressions=0:suppressions=${CMAKE_SOURCE_DIR}/cmake/lsan.supp"
      "UBSAN_OPTIONS=print_stacktrace=1:suppressions=${CMAKE_SOURCE_DIR}/cmake/ubsan.supp")
  elseif(TORC_SANITIZE STREQUAL "thread")
    set_property(TEST ${ARGN} APPEND PROPERTY ENVIRONMENT "TSAN_OPTIONS=second_deadlock_stack=1")
  endif()
endfunction()
