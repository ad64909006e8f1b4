# What an installation holds: the shared library, its header, and what pkg-config and CMake need to find them. All of it
# refers to its own place, so that it works under any prefix, also after it was moved.
include(CMakePackageConfigHelpers)

if(CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
  target_link_options(enot PRIVATE LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
  set_property(TARGET enot APPEND PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
endif()

set(ENOT_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/enot)

install(TARGETS enot EXPORT enotTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT enotTargets NAMESPACE enot:: DESTINATION ${ENOT_PACKAGE_DIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/enotConfig.cmake.in ${PROJECT_BINARY_DIR}/enotConfig.cmake
  INSTALL_DESTINATION ${ENOT_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/enotConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/enotConfig.cmake ${PROJECT_BINARY_DIR}/enotConfigVersion.cmake
  DESTINATION ${ENOT_PACKAGE_DIR})

file(RELATIVE_PATH ENOT_PREFIX_FROM_PC ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/enot.pc.in ${PROJECT_BINARY_DIR}/enot.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/enot.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
