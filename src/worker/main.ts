/** Entry of the background process. */
process.exitCode = 0;
