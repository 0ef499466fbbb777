/** Linker files that are no scripts of GNU ld, by their contents and endings, and what to do with them instead. */

const INSTEAD = 'leave firmware.linkerScript out and name the map of the build as firmware.mapFile';

/** Why a file is no script of GNU ld, in one sentence; undefined for what may be one. */
export function otherLinkerFile(file: string, text: string): string | undefined {
  const code = text.replace(/\/\*[^]*?\*\/|\/\/[^\n]*|^\s*;[^\n]*$/gm, ' ');
  if (/\bMEMORY\s*\{|\bSECTIONS\s*\{|\bINCLUDE\s/.test(code)) return undefined;
  if (/\.icf$/i.test(file) || /\bdefine\s+(?:symbol|memory|region|block)\b/.test(code)) {
    return `this is a configuration of IAR's linker; scripts of GNU ld are read. ${sentence(INSTEAD)} (ilinkarm --map)`;
  }
  if (/\.(?:sct|scat|scf)$/i.test(file) || /^\s*#!\s*arm|\bLR_\w+\s+0x|\bEMPTY\b/m.test(text)) {
    return `this is a scatter file of armlink; scripts of GNU ld are read. ${sentence(INSTEAD)} (armlink --map)`;
  }
  return undefined;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
