/** Options of the examples' scripts. */

/** Ends the program where it is none. */
export function wholeNumber(option, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`--${option} must be a whole number above 0, not "${text}"\n`);
  process.exit(1);
}
