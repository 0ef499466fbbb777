// Looks for the compilers and the simulator that demo and tests use, installs what is missing with apt where that is
// allowed, and otherwise says what to type. Under CI=true a missing part is a failure: nothing may be left out quietly.
// With --demo only what the demo needs, with --editor also what the end-to-end tests in a real VS Code do.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from './lib/chromium.mjs';

const works = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Part of the cross compiler's C library: its name alone comes back where it is not there. */
function hasNewlib() {
  const { stdout } = spawnSync('arm-none-eabi-gcc', ['-print-file-name=rdimon.specs'], {
    encoding: 'utf8',
  });
  return stdout !== null && existsSync(stdout.trim());
}

/** As the dynamic linker finds it. */
function hasVulkanLoader() {
  if (process.platform !== 'linux') return true;
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return stdout?.includes('libvulkan.so.1') ?? true;
}

const PARTS = [
  {
    name: 'C compiler',
    use: 'checks the generated sources on this machine',
    found: () => works('cc', '--version'),
    packages: ['gcc', 'libc6-dev'],
  },
  {
    name: 'arm-none-eabi-gcc',
    use: 'builds them for a Cortex-M4',
    found: () => works('arm-none-eabi-gcc', '--version'),
    packages: ['gcc-arm-none-eabi', 'binutils-arm-none-eabi'],
  },
  {
    name: 'newlib',
    use: "is the cross compiler's C library",
    found: hasNewlib,
    packages: ['libnewlib-arm-none-eabi'],
  },
  {
    name: 'qemu-system-arm',
    use: 'runs them on a simulated Cortex-M4',
    found: () => works('qemu-system-arm', '--version'),
    packages: ['qemu-system-arm'],
  },
];

const TEST_PARTS = [
  {
    name: 'chromium',
    use: 'is where the dashboard is tested',
    found: () => findChromium() !== undefined,
    packages: ['chromium'],
  },
  {
    name: 'lz4',
    use: 'is what the tests compare our encoder with',
    found: () => works('lz4', '--version'),
    packages: ['lz4'],
  },
  {
    name: 'Vulkan loader',
    use: "lets the GPU engine's tests compute with Chromium's software adapter",
    found: hasVulkanLoader,
    packages: ['libvulkan1'],
  },
];

const EDITOR_PARTS = [
  {
    name: 'C++ compiler, make and Python',
    use: 'build two native modules of that VS Code',
    found: () => works('g++', '--version') && works('make', '--version') && works('python3', '-V'),
    packages: ['g++', 'make', 'python3'],
  },
];

const asked = (option) => process.argv.includes(option);
const wanted = [
  ...PARTS,
  ...(asked('--demo') ? [] : TEST_PARTS),
  ...(asked('--editor') ? EDITOR_PARTS : []),
];
const missing = () => wanted.filter((part) => !part.found());

function installer() {
  if (!works('apt-get', '--version')) return undefined;
  if (process.getuid?.() === 0) return [];
  return works('sudo', '-n', 'true') ? ['sudo', '-n'] : undefined;
}

function install(packages, prefix) {
  const apt = (...args) => {
    const [program, ...rest] = [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-o',
      'DPkg::Lock::Timeout=120',
      '-q',
      ...args,
    ];
    console.log(`setup: apt-get ${args.join(' ')}`);
    return spawnSync(program, rest, { stdio: 'inherit' }).status === 0;
  };
  apt('update');
  return apt('install', '-y', '--no-install-recommends', ...packages);
}

let absent = missing();
if (absent.length > 0) {
  for (const { name, use } of absent) console.log(`setup: ${name} is missing; it ${use}.`);
  const packages = absent.flatMap((part) => part.packages);
  const prefix = installer();
  if (prefix !== undefined) {
    install(packages, prefix);
    absent = missing();
  }
  if (absent.length > 0) {
    const names = absent.map(({ name }) => name).join(', ');
    console.log(`setup: still missing: ${names}. On Debian or Ubuntu type:`);
    console.log(`\n    sudo apt-get install ${packages.join(' ')}\n`);
    if (process.env.CI === 'true') process.exit(1);
    console.log('setup: going on without; what needs them will say so.');
  }
}
