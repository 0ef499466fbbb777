/*
 * east_hot.h - included before anything else by the few files whose inner loops take nearly all of an inference: where a
 * project is built for size or for debugging, GCC compiles these for speed all the same. Define EAST_COLD_LOOPS to have
 * them built as the rest. Other compilers have no such switch inside a file: give these files -O2.
 */
#ifndef EAST_HOT_H
#define EAST_HOT_H

#if defined(__GNUC__) && !defined(__clang__) && !defined(EAST_COLD_LOOPS)
#pragma GCC optimize("O2")
#endif

#endif
