# The spawn floor: what the machine can do with the commands of the scale test, and nothing else.
add_executable(spawn_floor ${CMAKE_CURRENT_LIST_DIR}/spawn_floor.cpp)
target_link_libraries(spawn_floor PRIVATE torc_exec)
