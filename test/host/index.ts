/** The suite that runs inside a real extension host, with the extension installed or under development beside it. */
import Mocha from 'mocha';

export interface HostResult {
  readonly tests: readonly {
    readonly name: string;
    readonly milliseconds: number;
    /** Undefined where it passed. */
    readonly failure?: string;
  }[];
  /** The suite itself could not run. */
  readonly error?: string;
}

/** Runs all of it in the window that calls. */
export async function runSuite(): Promise<HostResult> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 0, reporter: 'min', color: false });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./suite');
  const tests: HostResult['tests'][number][] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) =>
      tests.push({ name: test.fullTitle(), milliseconds: test.duration ?? 0 }),
    );
    runner.on('fail', (test, error: Error) =>
      tests.push({
        name: test.fullTitle(),
        milliseconds: test.duration ?? 0,
        failure: error.stack ?? String(error),
      }),
    );
  });
  return { tests };
}

/** What `@vscode/test-electron` calls; prints, and rejects where anything failed. */
export async function run(): Promise<void> {
  const { tests } = await runSuite();
  for (const { name, milliseconds, failure } of tests) {
    // eslint-disable-next-line no-console -- its output is the terminal's
    console.log(failure === undefined ? `✓ ${name} (${milliseconds} ms)` : `✗ ${name}\n${failure}`);
  }
  const failed = tests.filter(({ failure }) => failure !== undefined).length;
  if (tests.length === 0 || failed > 0) throw new Error(`${failed} of ${tests.length} failed`);
}
