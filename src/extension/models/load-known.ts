/** As core's loadConfigAndModel, but that the background process reads the model file. */
import { parseFile, requireSound } from '../../core/config/load-config';
import { checkConfig, type SoundConfig } from '../../core/models/check-config';
import type { ModelIndex } from '../services';

/** @throws ConfigError with every problem of the config and its network; UserError when it cannot be read */
export async function loadConfigAndKnown(
  file: string,
  workspace: string,
  models: Pick<ModelIndex, 'gather'>,
): Promise<SoundConfig> {
  const parsed = parseFile(file, { workspace });
  const fact = parsed.model && (await models.gather(parsed.model, workspace));
  const { sound, problems } = checkConfig(parsed, fact);
  return requireSound(sound, problems, file);
}
