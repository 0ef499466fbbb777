/** What a verification found, in words, and where a failure can be looked at. Without the editor. */
import { basename } from 'node:path';
import { simulatedName, firmwareTarget } from '../../core/firmware/targets/targets';
import { HOST_BUILDS, type VerifyTarget } from '../../core/run/actions';

export type BuildId = keyof typeof HOST_BUILDS | 'target';

const CORE = firmwareTarget();

/** In the order they run, as the Test Explorer names them. */
export const BUILD_LABELS: Readonly<Record<BuildId, string>> = {
  host: 'Host',
  sanitizers: 'Host with sanitizers',
  target: `${CORE.name} in ${CORE.simulator.name}`,
};

export const BUILD_IDS: readonly BuildId[] = ['host', 'sanitizers', 'target'];

const NAMES: Readonly<Record<BuildId, string>> = { ...HOST_BUILDS, target: simulatedName(CORE) };

export function buildId({ name }: Pick<VerifyTarget, 'name'>): BuildId | undefined {
  return BUILD_IDS.find((id) => NAMES[id] === name);
}

/** Lines for the test's output. */
export function outcomeLines(target: VerifyTarget): string[] {
  const { name, result, inputs, figures } = target;
  const head = ((): string => {
    switch (result.status) {
      case 'passed':
        return `✓ ${name}: ${inputs} inputs, every output byte as trained`;
      case 'failed':
        return `✗ ${name}: ${result.message}`;
      case 'skipped':
        return `- ${name}: skipped, ${result.missing} is missing; to install it on Debian or Ubuntu: ${result.install}`;
    }
  })();
  return [
    ...head.split(/\r?\n/),
    ...figures.map(([figure, value]) => `    ${figure.padEnd(30)} ${value}`),
  ];
}

/** What a failure means, in front of what was observed. */
export function explainFailure(message: string): string {
  if (/\berror:/.test(message)) {
    return `The sources do not compile without warnings.\n\n${message}`;
  }
  if (/outputs differ/.test(message)) {
    return `The firmware computes something else than was trained. Were the sources edited, or the compiler's options changed?\n\n${message}`;
  }
  if (/AddressSanitizer|runtime error:/.test(message)) {
    return `A sanitizer found an access or operation that C does not define.\n\n${message}`;
  }
  if (/self-test/.test(message)) {
    return `The self-test that is compiled into the sources fails: weights or code are damaged.\n\n${message}`;
  }
  return message;
}

export interface Place {
  /** A name inside the sources' folder. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

/** The first place a compiler or sanitizer names in one of the sources. */
export function failurePlace(message: string, sources: readonly string[]): Place | undefined {
  for (const [, path = '', line, column] of message.matchAll(
    /([^\s:()]+\.[ch]):(\d+)(?::(\d+))?/g,
  )) {
    const file = basename(path.replaceAll('\\', '/'));
    if (sources.includes(file)) {
      return { file, line: Number(line), column: Number(column ?? 1) };
    }
  }
  return undefined;
}

/** `2 passed, 1 skipped`. */
export function countText(targets: readonly VerifyTarget[]): string {
  return (['failed', 'passed', 'skipped'] as const)
    .map(
      (status) =>
        [status, targets.filter(({ result }) => result.status === status).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
}
