/** The command line as a whole: commands, options, help. What each does is in commands/. */
import { Command } from 'commander';
import { ARCHITECTURES, FORMATS } from '../core/config/template-choices';
import { TASK_CHOICES } from '../core/config/task-choices';
import { modelFileEndings } from '../core/models/file-endings';
import { firmwareTarget } from '../core/firmware/targets/targets';
import { check } from './commands/check';
import {
  engineInstall,
  engineList,
  type EngineInstallOptions,
  type EngineListOptions,
} from './commands/engine';
import { generate } from './commands/generate';
import { importModel, type ImportOptions } from './commands/import';
import { init, type InitOptions } from './commands/init';
import { inspect } from './commands/inspect';
import { report } from './commands/report';
import { resume } from './commands/resume';
import { run } from './commands/run';
import { status } from './commands/status';
import { verify } from './commands/verify';
import type { Context, Outcome } from './context';
import type { TrainOptions } from './train';

const CONFIG = 'a *.east.json, or a folder with just one (default: this folder)';
const RUN = "a run's id or folder, or a config, meaning its latest run";

/** What configs that name no target are for. */
const { name, simulator } = firmwareTarget();

const OVERVIEW = `
EAST trains a neural network so that its weights, once encoded, fit a microcontroller's
memory budget, and writes C sources that run on a ${name} bit for bit as trained.

The usual way:
  $ east init meter --architecture lenet5 --input 16x16x1 --classes 10 \\
      --format images --train data/train --test data/test --weights 25%
  $ east run meter.east.json        # trains; Ctrl-C stops, "east resume" goes on
  $ east report                     # bytes, sparsity and accuracy, layer by layer
  $ east generate                   # C sources into the firmware tree
  $ east verify                     # compiles and runs them on this machine and a ${name}

In firmware CI, with nothing but the repository:
  $ east check                      # exit 1 when over budget or out of date

Exit codes: 0 done · 1 failed, message on stderr · 2 wrong usage · 70 a bug of EAST
            130 stopped by Ctrl-C (a checkpoint is written)`;

/** `finish` receives the exit code of the command that ran. */
export function createProgram(
  context: Context,
  version: string,
  finish: (code: number) => void,
): Command {
  const { terminal } = context;
  const done = async (outcome: Outcome): Promise<void> => finish(await outcome);
  const program = new Command('east')
    .description('Encoding-aware sparse training for microcontrollers.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; also: east help <command>')
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      getOutHelpWidth: () => Math.min(terminal.columns, 100),
      getErrHelpWidth: () => Math.min(terminal.columns, 100),
    })
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(see east --help)')
    .addHelpText('after', OVERVIEW);

  program
    .command('init')
    .summary('write a commented config')
    .description(
      'Writes a commented config to start from. On a terminal it asks for what no option says;\n' +
        'elsewhere it takes what the data say: the shape of an example, the classes, the label.',
    )
    .argument('[file]', 'name of the config, with or without .east.json', undefined)
    .option('--name <identifier>', 'prefix of every C symbol (default: from the file)')
    .option('--architecture <name>', ARCHITECTURES.join(', '))
    .option('--width <channels>', "channels of the architecture's first stage")
    .option('--input <HxWxC>', 'shape of one example, e.g. 32x32x3')
    .option('--classes <n>', 'number of classes')
    .option('--format <name>', `data format: ${FORMATS.join(', ')}`)
    .option('--train <path>', 'training data, relative to the config; may hold wildcards')
    .option('--test <path>', 'test data')
    .option('--train-labels <path>', 'idx, numpy: labels in a file of their own')
    .option('--test-labels <path>', 'idx, numpy: the same for the test data')
    .option('--task <name>', `what the network is for: ${TASK_CHOICES.join(', ')}`)
    .option('--label <column>', 'csv: column that holds the class')
    .option('--target <columns>', 'csv: columns of numbers to be told (regression)')
    .option('--normal <labels>', 'anomaly: labels of what is normal, separated by commas')
    .option('--columns <names>', 'csv: columns to use, separated by commas')
    .option('--window <rows>', 'csv: rows that make one example')
    .option('--step <rows>', 'csv: rows between the starts of two examples')
    .option('--recording <column>', 'csv: column that tells recordings apart, for windows')
    .option('--subject <column>', 'csv: column that says of whom a row is: nobody in two sets')
    .option('--flash <size>', 'flash for everything, e.g. 64KiB')
    .option('--ram <size>', 'RAM for activations and decoding, e.g. 48KiB')
    .option('--weights <size>', 'flash for the encoded weights: a size, or 25% of dense int8')
    .option('--epochs <n>', 'epochs of the float network')
    .option('--firmware <folder>', 'where the C sources go (default: firmware/east)')
    .option('--force', 'overwrite an existing config')
    .action((file: string | undefined, options: InitOptions) => done(init(file, options, context)));

  program
    .command('import')
    .summary('write a config for a trained network in a file')
    .description(
      `Writes a config that takes its network from a file (${modelFileEndings().join(', ')}): as it is,\n` +
        'made int8 here, or trained on until it fits the flash there is. Says what to do next.',
    )
    .argument('<file>', 'the trained network; it lies in the workspace folder')
    .option(
      '--out <config>',
      'name of the config (default: --name, or the name of the file, in this folder)',
    )
    .option('--name <identifier>', 'prefix of every C symbol (default: from the config)')
    .option(
      '--use <how>',
      'as-is (int8 files: their codes), quantize (made int8 here) or fit (trained on until it fits);\n' +
        'default: as-is where it is int8 and fits, quantize where it is float and fits, else fit',
    )
    .option('--flash <size>', 'flash for everything, e.g. 64KiB')
    .option('--ram <size>', 'RAM for activations and decoding, e.g. 48KiB')
    .option('--weights <size>', 'flash for the encoded weights: a size, or 25% of dense int8')
    .option('--format <name>', `data format: ${FORMATS.join(', ')}`)
    .option('--train <path>', 'examples to train or quantise with, relative to the config')
    .option('--test <path>', 'examples to measure with')
    .option('--train-labels <path>', 'idx, numpy: labels in a file of their own')
    .option('--test-labels <path>', 'idx, numpy: the same for the test data')
    .option('--label <column>', 'csv: column that holds the class')
    .option('--task <name>', 'classification (default) or regression: what the labels are')
    .option('--target <columns>', 'csv: columns that a regression tells, separated by commas')
    .option('--epochs <n>', 'fit: epochs of the float network')
    .option('--firmware <folder>', 'where the C sources go (default: firmware/east)')
    .option('--force', 'overwrite an existing config')
    .action((file: string, options: ImportOptions) => done(importModel(file, options, context)));

  program
    .command('inspect')
    .summary('show what a file of a trained network holds')
    .description(
      'Operators, shapes, sizes, and what of it can be computed here and what not. Reads nothing but the file.\n' +
        'Exit code 1 where it cannot be imported.',
    )
    .argument('<file>', `a trained network (${modelFileEndings().join(', ')})`)
    .option('--json', 'as JSON')
    .action((file: string, options: { json?: boolean }) => done(inspect(file, options, context)));

  program
    .command('run')
    .summary('train a config until it fits its budget')
    .description(
      'Starts a new run: trains, prunes and fine-tunes, then prints the report. Everything is kept\n' +
        'under .east/runs in the workspace. Ctrl-C stops at the next step with a checkpoint. The float\n' +
        'network of an earlier run with the same network, data and settings is taken, if there is one.',
    )
    .argument('[config]', CONFIG)
    .option('--generate', 'write the C sources when it is finished')
    .option('--no-reuse', "train the float network even where an earlier run's is the same")
    .action((config: string | undefined, options: TrainOptions) =>
      done(run(config, options, context)),
    );

  program
    .command('resume')
    .summary('go on with a stopped or killed run')
    .description(
      'Goes on from the newest checkpoint, to the same weights an uninterrupted run would have had.',
    )
    .argument('[config|run]', RUN)
    .option('--generate', 'write the C sources when it is finished')
    .action((target: string | undefined, options: TrainOptions) =>
      done(resume(target, options, context)),
    );

  program
    .command('status')
    .summary('list the runs and how far they are')
    .description('Lists the runs of the workspace, or of one config, oldest first.')
    .argument('[config]', 'only the runs of this config')
    .option('--json', 'as JSON')
    .action((config: string | undefined, options: { json?: boolean }) =>
      done(status(config, options, context)),
    );

  program
    .command('report')
    .summary('show what a finished run takes and how well it does')
    .description(
      'Flash, RAM and weights against the budget; per layer shape, parameters, sparsity, encoded\n' +
        'bytes, compression ratio and share; how well the network does in float, quantised, and as\n' +
        'it was fitted to the budget.',
    )
    .argument('[config|run]', RUN)
    .option(
      '--json',
      'as JSON (its `version` changes when a key is renamed or goes; others may come at any time)',
    )
    .action((target: string | undefined, options: { json?: boolean }) =>
      done(report(target, options, context)),
    );

  program
    .command('generate')
    .summary('write the C sources of a finished run')
    .description(
      "Writes the sources into the config's firmware.directory, all or nothing. Files that were\n" +
        'edited by hand are not overwritten without --force.',
    )
    .argument('[config|run]', RUN)
    .option('--force', 'overwrite edited files')
    .action((target: string | undefined, options: { force?: boolean }) =>
      done(generate(target, options, context)),
    );

  program
    .command('verify')
    .summary('compile and run the sources, compare every output byte')
    .description(
      `Builds the generated sources for this machine and for a ${name}, runs both (the latter in\n` +
        `${simulator.name}) on the self-test and on test inputs, and compares every output byte with the exact\n` +
        'integer executor. Reports flash, RAM and instructions. Exit 1 on any difference.',
    )
    .argument('[config|run]', RUN)
    .action((target: string | undefined) => done(verify(target, context)));

  program
    .command('check')
    .summary('for firmware CI: sources current and within budget?')
    .description(
      'Needs only the config and the generated sources, no run and no data. Exit 1 when the sources\n' +
        'are missing, edited, out of date or over budget; 2 when the command line is wrong.',
    )
    .argument('[config]', CONFIG)
    .action((config: string | undefined) => done(check(config, context)));

  const engine = program
    .command('engine')
    .description('What trains: the engines that a config may name.');
  engine
    .command('list')
    .summary('which engines are there, and how fast')
    .description(
      'Lists the engines, usually the fastest first, and why one is not there. "auto" takes native where\n' +
        'it is, else wasm; a GPU where training the network on both for a moment shows that it is faster.',
    )
    .option('--measure', 'train for a few seconds with each and show images per second')
    .option('--json', 'as JSON')
    .action((options: EngineListOptions) => done(engineList(options, context)));
  engine
    .command('install')
    .summary('get the native engine, TensorFlow, or the GPU engine')
    .description(
      'native: Linux on x86-64. Installs tfjs-node with npm, and TensorFlow from the Python index with pip\n' +
        '(274 MB) or from --from; builds the part between them with the C++ compiler; trains a step\n' +
        "beside WASM; and only then puts it where every project finds it, in the user's cache folder.\n" +
        'webgpu: any GPU with a driver for Vulkan, Direct3D 12 or Metal. Installs Dawn and the backend of\n' +
        'TensorFlow.js for it with npm (54 MB), and keeps them if a step trained with them equals WASM.',
    )
    .argument('<engine>', 'native or webgpu')
    .option(
      '--from <path>',
      'a TensorFlow wheel, an archive of libtensorflow, or a folder of either',
    )
    .option('--force', 'install it anew')
    .action((name: string, options: EngineInstallOptions) =>
      done(engineInstall(name, options, context)),
    );

  return program;
}
