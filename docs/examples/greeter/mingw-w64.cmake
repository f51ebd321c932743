# Toolchain file: cmake -DCMAKE_TOOLCHAIN_FILE=mingw-w64.cmake …
# The path of your checkout of named-shared-memory.
set(checkout ${CMAKE_CURRENT_LIST_DIR}/../../..)

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(target x86_64-w64-mingw32)
# If there are two compilers, only the -posix one has std::thread and std::mutex.
find_program(CMAKE_C_COMPILER NAMES ${target}-gcc-posix ${target}-gcc)
find_program(CMAKE_CXX_COMPILER NAMES ${target}-g++-posix ${target}-g++)
set(CMAKE_RC_COMPILER ${target}-windres)

# Headers and libraries are for Windows; programs that the build runs are for this machine.
set(CMAKE_FIND_ROOT_PATH /usr/${target})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

# CTest and try_run start .exe files with this.
set(CMAKE_CROSSCOMPILING_EMULATOR
    python3 ${checkout}/harness/run --timeout 60)
