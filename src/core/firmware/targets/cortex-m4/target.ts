/** Arm Cortex-M4 (Armv7E-M, Thumb-2, DSP instructions), on QEMU's mps2-an386 board. */
import type { Target } from '../target';
import codeSizes from './code-size.json';
import { instructions } from './instructions';

export const cortexM4: Target = {
  name: 'Cortex-M4',
  description: 'Armv7E-M with DSP instructions; plain C runs on others',
  compiler: {
    name: 'arm-none-eabi-gcc with newlib',
    programs: ['arm-none-eabi-gcc'],
    install: 'sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi',
  },
  sizeProgram: {
    name: 'arm-none-eabi-size',
    programs: ['arm-none-eabi-size'],
    install: 'sudo apt-get install binutils-arm-none-eabi',
  },
  options: ['-mcpu=cortex-m4', '-mthumb'],
  simulator: {
    tool: {
      name: 'qemu-system-arm',
      programs: ['qemu-system-arm'],
      install: 'sudo apt-get install qemu-system-arm',
    },
    name: 'QEMU',
    platform: 'platform_cortex_m4.c',
    linkerScript: 'cortex_m4.ld',
    linkOptions: ['-nostartfiles', '-Wl,--gc-sections'],
    // One instruction is one nanosecond of simulated time, so that they can be counted.
    arguments: [
      ...['-M', 'mps2-an386', '-display', 'none', '-monitor', 'none', '-serial', 'null'],
      ...['-semihosting-config', 'enable=on,target=native', '-icount', 'shift=0', '-kernel'],
    ],
  },
  codeSizes,
  instructions,
};
