# SPDX-License-Identifier: MIT
# How the CUDA kernels are compiled, for a program or only to see that they compile: they round as the processor does.
set(cuda_standard 20)
set(cuda_options -fmad=false -ftz=false)
set(cuda_architectures 75-virtual 80-real 90-real)
set(least_nvcc 12)  # from there on it knows C++20

# Sets `version` to that of an nvcc, and to 0 where it does not say.
function(nvcc_version compiler version)
  execute_process(COMMAND ${compiler} --version OUTPUT_VARIABLE said ERROR_QUIET)
  string(REGEX MATCH "release ([0-9]+\\.[0-9]+)" found "${said}")
  if(found)
    set(${version} ${CMAKE_MATCH_1} PARENT_SCOPE)
  else()
    set(${version} 0 PARENT_SCOPE)
  endif()
endfunction()

set(cuda_at_hand OFF)
if(AURALIS_TORCH AND TARGET torch_cuda)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    nvcc_version(${CMAKE_CUDA_COMPILER} cuda_version)
    if(cuda_version VERSION_GREATER_EQUAL least_nvcc)
      set(cuda_at_hand ON)
    endif()
  endif()
  if(NOT cuda_at_hand AND NOT AURALIS_CUDA)
    message(WARNING "LibTorch has CUDA, but there is no nvcc ${least_nvcc} or newer for the CUDA kernels: "
      "`--device cuda` will run voices as LibTorch operations, which is slow")
  endif()
endif()
option(AURALIS_CUDA "Build the CUDA voice kernels (needs nvcc 12 and a CUDA LibTorch)" ${cuda_at_hand})
if(AURALIS_CUDA AND NOT (AURALIS_TORCH AND TARGET torch_cuda))
  message(FATAL_ERROR "AURALIS_CUDA needs a CUDA LibTorch; name its folder in CMAKE_PREFIX_PATH")
endif()
