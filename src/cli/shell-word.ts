/** A path as it has to be typed after a command's name: what is printed to be copied must mean what it says. */

const PLAIN = /^[\p{L}\p{N}_./@%+:,=-]+$/u;

/** Quoted where a shell would take it apart, and never with a dash in front, which would make it an option. */
export function shellWord(path: string, platform: NodeJS.Platform = process.platform): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  if (platform === 'win32') return /^[\p{L}\p{N}_.\\/:-]+$/u.test(safe) ? safe : `"${safe}"`;
  return PLAIN.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
