import { errorCode } from './file-errors';

/** Whether a process of this number runs on this machine, be it another user's. Numbers are used again. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
