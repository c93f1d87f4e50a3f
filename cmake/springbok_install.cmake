# `cmake --install`: the libraries, their public headers under include/springbok/ROOM/, the program, and
# find_package(springbok). What is installed may be moved, and staged (DESTDIR).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/springbok)

get_property(rooms GLOBAL PROPERTY SPRINGBOK_ROOMS)
list(TRANSFORM rooms PREPEND springbok_ OUTPUT_VARIABLE room_targets)
install(TARGETS ${room_targets} EXPORT springbokTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room IN LISTS rooms)
  get_property(headers GLOBAL PROPERTY SPRINGBOK_HEADERS_${room})
  foreach(header IN LISTS headers)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/springbok/${room}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/springbok/${room}/${folder})
  endforeach()
endforeach()
if(TARGET springbok)
  # CMake's own choice leaves out what lies in the source tree, as .venv does. A LibTorch beside the libraries is found
  # wherever the copy stands.
  set_target_properties(springbok PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${SPRINGBOK_TORCH_ROOT}/lib")
  install(TARGETS springbok RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

install(EXPORT springbokTargets NAMESPACE springbok:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/springbokConfig.cmake.in ${PROJECT_BINARY_DIR}/springbokConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/springbokConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/springbokConfig.cmake ${PROJECT_BINARY_DIR}/springbokConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/springbok_deps.cmake ${PROJECT_SOURCE_DIR}/cmake/springbok_torch.cmake
        DESTINATION ${package_dir})
