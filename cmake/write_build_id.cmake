# Writes OUT from IN with the git revision of SOURCE and whether its files differ from it; at each build, but the file
# changes only with what it says: cmake -DSOURCE=... -DIN=... -DOUT=... -DVERSION=... -DCOMPILER=... -DTYPE=... -DLIBTORCH=... -P this
set(REVISION "")
set(DIRTY false)
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
  if(changes)
    set(DIRTY true)
  endif()
endif()
configure_file(${IN} ${OUT} @ONLY)
