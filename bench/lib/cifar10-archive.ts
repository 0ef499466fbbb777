/** The JPEG copy of CIFAR-10 that the benches train on; too large for the repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Unpacks its folders `train` and `test`, one folder for each class, into `folder`, unless they are there.
 *
 * @throws Error where neither ../shared nor $EAST_SHARED has the archive
 */
export function unpackCifar10(root: string, folder: string): void {
  if (existsSync(join(folder, 'test'))) return;
  const shared = process.env['EAST_SHARED'] ?? join(root, '../shared');
  const archive = join(shared, 'data/cifar10-jpeg.tar.xz');
  if (!existsSync(archive)) throw new Error(`there is no ${archive}; set EAST_SHARED`);
  mkdirSync(folder, { recursive: true });
  console.log(`unpacking ${archive}`);
  execFileSync('tar', ['xJf', archive, '-C', folder]);
}
