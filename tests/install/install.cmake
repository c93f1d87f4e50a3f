# Installs the build into an empty prefix, as a user and as a packager do, and moves the copy.
set(first ${OUTSIDE}/first)
set(stage ${OUTSIDE}/stage)
file(REMOVE_RECURSE ${OUTSIDE}/prefix ${first} ${stage})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${first} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

# Without the variables that would find LibTorch for it.
function(expect_start program)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=LD_LIBRARY_PATH --unset=LD_PRELOAD ${program} --version
                  RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE error)
  if(NOT code EQUAL 0 OR NOT said MATCHES "springbok ${VERSION}")
    message(FATAL_ERROR "${program} --version: exit ${code}: ${said}${error}")
  endif()
endfunction()
expect_start(${first}/bin/springbok)
file(RENAME ${first} ${OUTSIDE}/prefix)
expect_start(${OUTSIDE}/prefix/bin/springbok)

set(ENV{DESTDIR} ${stage})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix /opt/springbok COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
expect_start(${stage}/opt/springbok/bin/springbok)
file(GLOB outside_prefix RELATIVE ${stage} ${stage}/* ${stage}/opt/*)
if(NOT outside_prefix STREQUAL "opt;opt/springbok")
  message(FATAL_ERROR "DESTDIR: files outside the prefix: ${outside_prefix}")
endif()
file(REMOVE_RECURSE ${stage})
