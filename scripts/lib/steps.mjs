// Runs the parts of a longer job one after the other, says which one is going on, and stops at the first that fails.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = (text) => paint('1', text);
export const green = (text) => paint('32', text);
export const red = (text) => paint('31', text);

/** Seconds since `started` (milliseconds), as `12 s` or `2:05`. */
export function elapsed(started) {
  const seconds = Math.round((Date.now() - started) / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Runs a program in the repository's root with this terminal; resolves to its exit code. */
export function run(program, args) {
  return new Promise((resolve) => {
    // npm's programs are scripts on Windows, which only a shell starts.
    const shell = process.platform === 'win32' && !program.includes(process.execPath);
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', shell });
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** Steps are `[title, program, ...args]`. Ends the process with the exit code of the first that fails. */
export async function runSteps(steps) {
  for (const [i, [title, program, ...args]] of steps.entries()) {
    console.log(bold(`\n── ${i + 1}/${steps.length} ${title}`));
    const started = Date.now();
    const code = await run(program, args);
    if (code !== 0) {
      console.error(
        red(`\n✗ ${title} failed (exit code ${code}): ${[program, ...args].join(' ')}`),
      );
      process.exit(code);
    }
    console.log(green(`✓ ${title}`), `(${elapsed(started)})`);
  }
}
