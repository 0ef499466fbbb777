/** Ids of the commands, as package.json declares them. Features call each other through these and nothing else. */
export const COMMAND = {
  createConfig: 'east.createConfig',
  createConfigFromModel: 'east.createConfigFromModel',
  run: 'east.run',
  stop: 'east.stop',
  resume: 'east.resume',
  openDashboard: 'east.openDashboard',
  generate: 'east.generate',
  verify: 'east.verify',
  compare: 'east.compare',
  showLog: 'east.showLog',
  showModelHelp: 'east.showModelHelp',
} as const;

/**
 * What a command may be given by a lens, the tree, a quick fix, the dashboard or another extension. From the palette it
 * gets nothing and asks, unless the active editor or the only config decides.
 */
export interface CommandTarget {
  /** Absolute path of a config. */
  readonly configFile?: string;
  readonly runId?: string;
}
