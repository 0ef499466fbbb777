/**
 * Linker scripts for the tests, none of them anybody's: each puts together what the scripts of one family of boards ask of
 * a reader, which its comment lists, and nothing else. The linker's own --print-memory-usage says what is right.
 */

export interface Family {
  readonly name: string;
  readonly script: string;
  /** Further files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Sections of the application beyond the usual, as assembler lines. */
  readonly extra?: string;
  /** What the linker is given besides. */
  readonly options?: readonly string[];
  /** Regions that the model goes into, and what of it goes there. */
  readonly rooms: Readonly<Record<string, string>>;
}

const DISCARD = '/DISCARD/ : { *(.ARM.attributes) *(.comment) }';
/** What every image has, as lists of input sections. */
const [VECTORS, CODE, CONSTANTS, VARIABLES, ZEROED] = [
  'KEEP(*(.isr_vector))',
  '*(.text .text.*)',
  '*(.rodata .rodata.*)',
  '*(.data .data.*)',
  '*(.bss .bss.* COMMON)',
];

/** Room in an object file, as assembler lines. */
function section(name: string, bytes: number, kind: 'bytes' | 'code' | 'state' | 'room'): string {
  const flags = {
    bytes: '"a",%progbits',
    code: '"ax",%progbits',
    state: '"aw",%progbits',
    room: '"aw",%nobits',
  };
  return `.section ${name},${flags[kind]}\n.space ${bytes}`;
}

/**
 * Settings at a fixed place inside the section that code and constants go into: only what is in front of them is left. The
 * linker takes numbers from the section's start on, and all else as addresses.
 */
function pinned(how: string, move: string, more = ''): Family {
  return {
    name: `settings in the midst of a section, by ${how}`,
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: section('.settings', 64, 'bytes'),
    script: `
MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 64K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
ENTRY(Reset_Handler)
settings_offset = 0x9000;
settings_address = 0x08009000;
${more}
SECTIONS
{
  .head : { ${VECTORS} . = ALIGN(256); } > FLASH
  .program : { program_start = .; ${CODE} ${CONSTANTS} ${move} KEEP(*(.settings)) . = ALIGN(4); } > FLASH
  .state : { ${VARIABLES} . = ALIGN(4); } > RAM AT > FLASH
  .zeroed : { ${ZEROED} . = ALIGN(4); } > RAM
  ${DISCARD}
}`,
  };
}

export const FAMILIES: readonly Family[] = [
  {
    // External memory and a second RAM that are (xrw) as well and stand first; variables copied into two memories; room
    // for the least heap and stack held by a section that only moves the location counter.
    name: 'STM32CubeMX',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: section('.fast', 300, 'state'),
    script: `
ENTRY(Reset_Handler)
least_heap = 0x200;   /* for malloc */
least_stack = 1K;     /* for main */
stack_top = ORIGIN(RAM) + LENGTH(RAM);
MEMORY
{
  CORE (xrw)  : ORIGIN = 0x10000000, LENGTH = 64K
  RAM (xrw)   : ORIGIN = 0x20000000, LENGTH = 16K
  FLASH (rx)  : ORIGIN = 0x8000000,  LENGTH = 32K
  SERIAL (xrw): ORIGIN = 0x90000000, LENGTH = 16M
}
SECTIONS
{
  .start : { ${VECTORS} . = ALIGN(8); } >FLASH
  .program : { ${CODE} . = ALIGN(4); } >FLASH
  .tables (READONLY) : { ${CONSTANTS} . = ALIGN(4); program_end = .; } >FLASH
  .unwind : { PROVIDE_HIDDEN(unwind_first = .); *(SORT(.ARM.exidx.*)) *(.ARM.exidx) } >FLASH
  state_image = LOADADDR(.state);
  .state : { . = ALIGN(4); state_first = .; ${VARIABLES} . = ALIGN(4); state_last = .; } >RAM AT> FLASH
  .quick : { *(.fast .fast.*) } >CORE AT> FLASH
  quick_image = LOADADDR(.quick);
  . = ALIGN(8);
  .zeroed : { ${ZEROED} . = ALIGN(4); } >RAM
  .least : { . += least_heap; . += least_stack; . = ALIGN(8); } >RAM
  /DISCARD/ : { *libc.a:(*) }
  .notes 0 : { *(.ARM.attributes) }
}`,
  },
  {
    // Lengths as nested conditions, shifts and powers of two; names of output sections without a dot; patterns in quotes;
    // sections that are not loaded and have a load region all the same; a region that no chip has, at the end of the
    // address space; the location counter set between sections; a word at the end of what is stored.
    name: 'Zephyr',
    rooms: { CODE_PART: 'constants,code', WORK: 'variables' },
    extra: section('.keep.boot_reason', 512, 'room'),
    script: `
OUTPUT_FORMAT("elf32-littlearm")
page = 1 << LOG2CEIL(100);
MEMORY
{
  CODE_PART (rx) : ORIGIN = (0x8000 * 2), LENGTH = (96*1K - (0x8000) - (4 > 2 ? (1 << (8 <= 8 ? 4 : 9)) : 1K))
  WORK (wx)      : ORIGIN = 0x20000000, LENGTH = (1 << 14)
  TABLES_OF_TOOLS (wx) : ORIGIN = 0xFFFFE000, LENGTH = 4K
}
ENTRY("Reset_Handler")
SECTIONS
{
  first_word = ORIGIN(CODE_PART);
  beginning : { . = ALIGN(page); ${VECTORS} } > CODE_PART
  program : ALIGN_WITH_INPUT { *(.text) *(".text.*") . = ALIGN(4); } > CODE_PART
  hooks : { hooks_first = .; KEEP(*(SORT(.hook_*))) hooks_last = .; } > CODE_PART
  tables : ALIGN_WITH_INPUT { *(.rodata) *(".rodata.*") . = ALIGN(4); } > CODE_PART
  . = ORIGIN(WORK);
  work_first = .;
  state : ALIGN_WITH_INPUT { *(.data) *(".data.*") . = ALIGN(4); } > WORK AT> CODE_PART
  zeroed (NOLOAD) : ALIGN_WITH_INPUT { . = ALIGN(4); *(.bss) *(".bss.*") *(COMMON) } > WORK AT> WORK
  kept (NOLOAD) : { *(".keep.*") . = ALIGN(8); } > WORK AT> WORK
  work_last = .;
  end_mark : { LONG(0x600DC0DE) } > CODE_PART
  stored = LOADADDR(end_mark) + SIZEOF(end_mark) - first_word;
  ${DISCARD}
}`,
  },
  {
    // The application behind somebody else's code, with bounds in hexadecimal; SECTIONS that INSERT into those of an
    // included script; heap and stack as COPY sections.
    name: 'nRF SDK',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      section('.heap', 2048, 'room'),
      section('.stack', 1024, 'room'),
      section('.records.one', 64, 'bytes'),
    ].join('\n'),
    files: {
      'shared.ld': `
SECTIONS
{
  .program : { ${VECTORS} ${CODE} ${CONSTANTS} . = ALIGN(4); } > FLASH
  .state : { ${VARIABLES} . = ALIGN(4); state_last = .; } > RAM AT > FLASH
  .zeroed : { . = ALIGN(4); ${ZEROED} . = ALIGN(4); } > RAM
  .heap (COPY) : { heap_first = .; KEEP(*(.heap .heap.*)) heap_last = .; } > RAM
  .stack (COPY) : { KEEP(*(.stack .stack.*)) } > RAM
  stack_top = ORIGIN(RAM) + LENGTH(RAM);
  ASSERT(stack_top - SIZEOF(.stack) >= heap_last, "no room for heap and stack")
  ${DISCARD}
}`,
    },
    script: `
SEARCH_DIR(.)
MEMORY
{
  FLASH (rx) : ORIGIN = 0x27000, LENGTH = 0xc800
  RAM (rwx)  : ORIGIN = 0x20002a80, LENGTH = 0x4600
}
SECTIONS
{
  .nothing : { }
  .records : { PROVIDE(records_first = .); KEEP(*(.records.*)) PROVIDE(records_last = .); } > RAM AT> FLASH
} INSERT AFTER .state;
INCLUDE "shared.ld"
`,
  },
  {
    // Lengths in lower case; what comes from libraries left out by EXCLUDE_FILE, so that no pattern names all code; code
    // that is copied to RAM with the variables; the stack in a small memory of its own; a comment that looks like a
    // pattern; an assertion on a size between sections; a section without contents at the end, with a fill.
    name: 'Pico',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      section('.loader', 256, 'code'),
      section('.in_ram.isr', 120, 'code'),
      section('.stack', 2048, 'room'),
      section('.heap', 2048, 'room'),
      section('.survives.log', 96, 'room'),
    ].join('\n'),
    script: `
ENTRY(Reset_Handler)
MEMORY
{
  BANK_A(rwx) : ORIGIN = 0x20040000, LENGTH = 4k
  BANK_B(rwx) : ORIGIN = 0x20041000, LENGTH = 4k
  FLASH(rx)   : ORIGIN = 0x10000000, LENGTH = 64k
  RAM(rwx)    : ORIGIN = 0x20000000, LENGTH = 16k
}
SECTIONS
{
  .loader : { loader = .; KEEP(*(.loader)) loader_end = .; } > FLASH
  ASSERT(loader_end - loader == 0x100, "the loader has to have 256 bytes")
  /* what libraries bring is quick: (*lib*) goes with the variables */
  .program : { ${VECTORS} *(EXCLUDE_FILE(*libm.a: *lib?cc.a:) .text*) . = ALIGN(4); } > FLASH
  .tables : { *(EXCLUDE_FILE(*libm.a: *lib?cc.a:) .rodata*) *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.pictures*))) . = ALIGN(4); } > FLASH
  .survives (NOLOAD): { *(.survives .survives.*) . = ALIGN(4); } > RAM
  .state : { *(.in_ram.*) . = ALIGN(4); ${VARIABLES} *(.text* .rodata*) . = ALIGN(4); } > RAM AT> FLASH
  .zeroed (NOLOAD) : { *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.bss*))) *(COMMON) . = ALIGN(4); } > RAM
  .heap (NOLOAD): { PROVIDE(heap_first = .); KEEP(*(.heap*)) } > RAM
  .stack_of_core_1 (NOLOAD): { *(.stack1*) } > BANK_A
  .stack_of_core_0 (NOLOAD): { KEEP(*(.stack*)) } > BANK_B
  .image_end : { image_end = .; } > FLASH =0x55
  ASSERT(ADDR(.heap) + SIZEOF(.heap) <= ORIGIN(RAM) + LENGTH(RAM), "the heap does not fit")
  ${DISCARD}
}`,
  },
  {
    // Bounds as "org" and "len"; one memory that is seen at two addresses; constants, code and variables in a region each,
    // by aliases; a length that depends on a symbol of the command line.
    name: 'ESP',
    rooms: { mapped_data: 'constants', mapped_code: 'code', work: 'variables' },
    extra: section('.near.isr', 400, 'code'),
    options: ['--defsym=KEPT_FOR_LOADER=0x400'],
    script: `
work_end = DEFINED(KEPT_FOR_LOADER) ? 0x3fc84400 - KEPT_FOR_LOADER : 0x3fc84400;
MEMORY
{
  near_code (RX) : org = 0x40380000, len = work_end - 0x3fc80000
  work (RW) : org = 0x3fc80000, len = work_end - 0x3fc80000
  mapped_code (RX) : org = 0x42000040, len = 0xC000 - 0x40
  mapped_data (R) : org = 0x3c000040, len = 0x6000-0x40
  asleep(RW) : org = 0x50000000, len = 0x1000 - 24
}
REGION_ALIAS("program", mapped_code);
REGION_ALIAS("tables", mapped_data);
ENTRY(Reset_Handler)
SECTIONS
{
  .near : { near_first = ABSOLUTE(.); ${VECTORS} *(.near .near.*) . = ALIGN(4); } > near_code
  .state : { ${VARIABLES} . = ALIGN(4); } > work
  .survives (NOLOAD): { *(.survives .survives.*) } > work
  .zeroed (NOLOAD) : { . = ALIGN (8); ${ZEROED} . = ALIGN (8); zeroed_last = ABSOLUTE(.); } > work
  ASSERT((zeroed_last - ORIGIN(work)) <= LENGTH(work), "too many variables")
  .constants : ALIGN(0x10) { *libother.a:(.rodata .rodata.*) ${CONSTANTS} . = ALIGN(4); } > tables
  .instructions : { *(.text .text.* .pool .pool.*) . = ALIGN(4); } > program
  .heap_first (NOLOAD) : { . = ALIGN (8); heap_first = ABSOLUTE(.); } > work
  ${DISCARD}
}`,
  },
  {
    // Bounds as sums without spaces, behind a bootloader; wildcards of one character; sections in the order of their
    // names; heap and stack as COPY sections behind a (NOLOAD) section of variables; constants with the code.
    name: 'Arduino',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [section('.heap', 1536, 'room'), section('.stack', 1024, 'room')].join('\n'),
    script: `
ENTRY(Reset_Handler)
MEMORY
{
  FLASH (rx) : ORIGIN = 0+0x1000, LENGTH = 0x0000E000-0x1000 /* sketches begin behind the loader */
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 0x00004000
}
SECTIONS
{
\t.sketch :
\t{
\t\tKEEP(*(.loader_call))
\t\t. = ALIGN(256);
\t\t${VECTORS}
\t\t*(.text*)
\t\t*first?.o(.constructors)
\t\t*(EXCLUDE_FILE(*last?.o *last.o) .constructors)
\t\t*(SORT(.constructors.*))
\t\t*(.rodata*)
\t} > FLASH
\t.state : { *(.data*) . = ALIGN(4); KEEP(*(.classes*)) . = ALIGN(16); } > RAM AT> FLASH
\t.zeroed (NOLOAD) : { . = ALIGN(4); *(.bss*) *(COMMON) . = ALIGN(4); } > RAM
\t.heap (COPY): { PROVIDE(heap_first = .); *(.heap*) heap_last = .; } > RAM
\t.stack (COPY): { *(.stack*) } > RAM
\tPROVIDE(last_byte = ORIGIN(RAM) + LENGTH(RAM) -1 );
\tASSERT(last_byte + 1 - SIZEOF(.stack) >= heap_last, "heap and stack meet")
\t${DISCARD}
}`,
  },
  {
    // Bounds from an included file of symbols, with presets for those that nobody set and a branch that nobody takes, of
    // a symbol that is not there; small memories for data and options, one whose length is a condition; a section that
    // sets the location counter to the origin of its region; fills; heap and stack (NOLOAD).
    name: 'Renesas',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      section('.heap.one', 512, 'room'),
      section('.stack', 1024, 'room'),
      section('.options_0', 4, 'bytes'),
      section('.outside.logo', 5000, 'bytes'),
    ].join('\n'),
    files: {
      'bounds.ld': `
flash_at = 0;
flash_bytes = 0x10000;
ram_at = 0x20000000;
ram_bytes = 0x4000;
records_at = 0x08000000;
records_bytes = 0x2000;
options_at = 0x0100A000;
options_bytes = 0x80;
outside_at = 0x60000000;
outside_bytes = 0x800000;
`,
    },
    script: `
INCLUDE bounds.ld
/* what a project may set */
image_at = DEFINED(image_at) ? image_at : flash_at;
loader_bytes = DEFINED(loader_bytes) ? loader_bytes : 0;
image_bytes = DEFINED(nobody_sets_this) ? nobody_sets_this : flash_bytes - loader_bytes;
second_slot = DEFINED(second_slot) ? second_slot : 0;
MEMORY
{
  OUTSIDE (rx) : ORIGIN = outside_at, LENGTH = outside_bytes
  FLASH (rx) : ORIGIN = second_slot == 1 ? 0x8000 : image_at, LENGTH = second_slot == 1 ? not_there : image_bytes
  RECORDS (rx) : ORIGIN = records_at, LENGTH = records_bytes
  RAM (rwx) : ORIGIN = ram_at, LENGTH = ram_bytes
  OPTIONS (r): ORIGIN = options_at, LENGTH = options_bytes == 0 ? 0 : 0x20
}
ENTRY(Reset_Handler)
SECTIONS
{
  .program :
  {
    flash_first = ABSOLUTE(flash_at);
    vectors = .;
    ${VECTORS}
    vectors_end = .;
    /* nothing else may lie here */
    *(.text*)
    . = ALIGN(8);
    *(.rodata*)
  } > FLASH = 0xFF
  /DISCARD/ : { *(.ARM.exidx*) }
  .state : { . = ALIGN(4); *(.data.*) *(.data) . = ALIGN(4); } > RAM AT > FLASH
  .survives (NOLOAD): { . = ALIGN(4); KEEP(*(.survives*)) } > RAM
  .zeroed : { . = ALIGN(4); *(.bss*) *(COMMON) . = ALIGN(4); } > RAM
  .heap (NOLOAD): { . = ALIGN(8); heap_first = .; KEEP(*(.heap.*)) heap_last = .; } > RAM
  .stack (NOLOAD): { . = ALIGN(8); KEEP(*(.stack)) KEEP(*(.stack.*)) PROVIDE(stack_top = .); } > RAM
  .records : { . = ORIGIN(RECORDS); records_first = .; KEEP(*(.records*)) } > RECORDS
  .outside : { . = ORIGIN(OUTSIDE); KEEP(*(.outside*)) } > OUTSIDE
  .options : { options_first = .; KEEP(*(.options_0)) . = options_first + 16; } > OPTIONS = 0xFF
  ${DISCARD}
}`,
  },
  {
    // Regions in lower case; no space before or behind ">"; comments behind lists; variables that nobody sets between
    // code and data; a symbol that is kept, and one provided outside of SECTIONS.
    name: 'libopencm3',
    rooms: { rom: 'constants,code', ram: 'variables' },
    extra: section('.survives.log', 100, 'room'),
    script: `
EXTERN(vector_table)
ENTRY(Reset_Handler)
MEMORY
{
\tram (rwx) : ORIGIN = 0x20000000, LENGTH = 20K
\trom (rx) : ORIGIN = 0x08000000, LENGTH = 64K
}
SECTIONS
{
\t.program : {
\t\t*(.isr_vector)\t/* where the core looks */
\t\t*(.text*)\t/* functions */
\t\t. = ALIGN(4);
\t\t*(.rodata*)
\t\t. = ALIGN(4);
\t} >rom
\t.before_main : { before_first = .; KEEP(*(.before_main)) before_last = .; } >rom
\t. = ALIGN(4);
\tprogram_end = .;
\t.survives (NOLOAD) : { *(.survives*) } >ram
\t. = ALIGN(4);
\t.state : { *(.data*) *(.functions_in_ram*) . = ALIGN(4); } >ram AT >rom
\tstate_image = LOADADDR(.state);
\t.zeroed : { *(.bss*) *(COMMON) . = ALIGN(4); } >ram
\t/DISCARD/ : { *(.ARM.attributes) *(.eh_frame) }
\theap_first = ALIGN(4);
}
PROVIDE(stack_top = ORIGIN(ram) + LENGTH(ram));
`,
  },
  {
    // Code copied into one tightly coupled memory and constants with the variables into another, both stored in flash; a
    // header that fills up to an offset; padding at the end of what is stored; every region (rwx); memory for DMA and an
    // external one, neither of them loaded; symbols of shifts.
    name: 'Teensy with ITCM and DTCM',
    rooms: { FLASH: 'constants,code', ITCM: 'code', DTCM: 'constants,variables' },
    extra: [
      section('.stays_in_flash.pictures', 3000, 'bytes'),
      section('.dma.one', 2000, 'room'),
    ].join('\n'),
    script: `
ENTRY(Reset_Handler)
MEMORY
{
  FLASH (rwx): ORIGIN = 0x60000000, LENGTH = 64K
  ITCM (rwx):  ORIGIN = 0x00000000, LENGTH = 24K
  DTCM (rwx):  ORIGIN = 0x20000000, LENGTH = 24K
  SHARED (rwx): ORIGIN = 0x20200000, LENGTH = 16K
  OUTSIDE (rwx): ORIGIN = 0x70000000, LENGTH = 8192K
}
SECTIONS
{
  .text.header : { KEEP(*(.boot_settings)) FILL(0xFF) . = ORIGIN(FLASH) + 0x200; ${VECTORS} } > FLASH
  .text.stays : { *(.stays_in_flash*) . = ALIGN(4); } > FLASH
  .text.copied : { . = . + 32; ${CODE} . = ALIGN(16); } > ITCM AT> FLASH
  .state : { *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.rodata*))) *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.data*))) . = ALIGN(4); } > DTCM AT> FLASH
  .zeroed ALIGN(4) : { *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.bss*))) *(COMMON) . = ALIGN(32); . = . + 32; } > DTCM
  .zeroed.dma (NOLOAD) : { *(.dma .dma.*) . = ALIGN(32); } > SHARED
  .zeroed.outside (NOLOAD) : { *(.outside*) . = ALIGN(32); } > OUTSIDE
  .text.padding : { FILL(0xFF) . = ALIGN(0x400); } > FLASH
  blocks = (SIZEOF(.text.copied) + 0x7FFF) >> 15;
  banks = 0x55555555 | ((1 << (blocks * 2)) - 1);
  stack_top = ORIGIN(DTCM) + LENGTH(DTCM);
  ${DISCARD}
}`,
  },
  {
    // Regions that lie inside another one and after one another, by symbols and by the bounds of regions before; an alias;
    // a header of fixed size; a section at the very end of the slot and one at the very end of RAM.
    name: 'bootloader with two slots',
    rooms: { SLOT_A: 'constants,code', RAM: 'variables' },
    extra: [section('.image_head', 32, 'bytes'), section('.image_tail', 16, 'bytes')].join('\n'),
    script: `
slot_bytes = 24K;
head_bytes = 512;
MEMORY
{
  ALL (rx) : ORIGIN = 0x08000000, LENGTH = 128K
  LOADER (rx) : ORIGIN = ORIGIN(ALL), LENGTH = 16K
  SLOT_A (rx) : ORIGIN = ORIGIN(LOADER) + LENGTH(LOADER), LENGTH = slot_bytes
  SLOT_B (rx) : ORIGIN = ORIGIN(SLOT_A) + LENGTH(SLOT_A), LENGTH = slot_bytes
  FILES (rw) : ORIGIN = ORIGIN(ALL) + 112K, LENGTH = 16K
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K
}
REGION_ALIAS("IMAGE", SLOT_A);
ENTRY(Reset_Handler)
SECTIONS
{
  .head : { KEEP(*(.image_head)) . = head_bytes; } > IMAGE
  .vectors : { . = ALIGN(128); ${VECTORS} } > IMAGE
  .program : { ${CODE} ${CONSTANTS} . = ALIGN(4); } > IMAGE
  .state : { ${VARIABLES} . = ALIGN(4); } > RAM AT> IMAGE
  .zeroed : { ${ZEROED} . = ALIGN(4); } > RAM
  .tail ORIGIN(IMAGE) + LENGTH(IMAGE) - 16 : { KEEP(*(.image_tail)) } > IMAGE
  .stack ORIGIN(RAM) + LENGTH(RAM) - 2K (NOLOAD) : { . = 2K; } > RAM
  ${DISCARD}
}`,
  },
  {
    // Constants in an external flash that is nearly full, code in the inner one; what is left of the one says nothing of
    // the other.
    name: 'constants in an external flash',
    rooms: { SERIAL: 'constants', FLASH: 'code', RAM: 'variables' },
    extra: section('.rodata.pictures', 9000, 'bytes'),
    script: `
MEMORY {
  FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 16K
  SERIAL (rx) : ORIGIN = 0x90000000, LENGTH = 14K
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K
}
ENTRY(Reset_Handler)
SECTIONS
{
  .program : { ${VECTORS} ${CODE} . = ALIGN(4); } > FLASH
  .state : { ${VARIABLES} . = ALIGN(4); } > RAM AT > FLASH
  .zeroed : { ${ZEROED} . = ALIGN(4); } > RAM
  .constants : { ${CONSTANTS} } > SERIAL
  ${DISCARD}
}`,
  },
  {
    // Constants stay in flash, and code runs in a memory of its own, copied there.
    name: 'code in a tightly coupled memory',
    rooms: { FLASH: 'constants,code', ITCM: 'code', RAM: 'variables' },
    extra: section('.text.drivers', 3000, 'code'),
    script: `
MEMORY {
  FLASH (rx) : ORIGIN = 0x60000000, LENGTH = 48K
  ITCM (rwx) : ORIGIN = 0x00000000, LENGTH = 8K
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K
}
ENTRY(Reset_Handler)
SECTIONS
{
  .head : { ${VECTORS} } > FLASH
  .constants : { ${CONSTANTS} . = ALIGN(4); } > FLASH
  .program : { ${CODE} . = ALIGN(4); } > ITCM AT > FLASH
  .state : { ${VARIABLES} . = ALIGN(4); } > RAM AT > FLASH
  .zeroed : { ${ZEROED} . = ALIGN(4); } > RAM
  ${DISCARD}
}`,
  },
  {
    // Heap and stack that take all of RAM by design: room that they would give up.
    name: 'heap and stack to the end of RAM',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    script: `
MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 32K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
ENTRY(Reset_Handler)
stack_bytes = 2K;
SECTIONS
{
  .program : { ${VECTORS} ${CODE} ${CONSTANTS} . = ALIGN(4); } > FLASH
  .state : { ${VARIABLES} . = ALIGN(4); } > RAM AT > FLASH
  .zeroed : { ${ZEROED} . = ALIGN(8); } > RAM
  .heap (NOLOAD) : { heap_first = .; . += ORIGIN(RAM) + LENGTH(RAM) - heap_first - stack_bytes; heap_last = .; } > RAM
  .stack (NOLOAD) : { . = ORIGIN(RAM) + LENGTH(RAM); } > RAM
  ${DISCARD}
}`,
  },
  {
    // External memories that are larger, (xrw), and stand first; a file system's region; a pattern with a path that looks
    // like a comment; contents that are not loaded and have a load region.
    name: 'external memories first',
    rooms: { ROM: 'constants,code', NEAR: 'variables' },
    extra: [
      section('.outside.font', 40000, 'bytes'),
      section('.frames.one', 60000, 'room'),
      section('.packets', 6000, 'state'),
    ].join('\n'),
    script: `
MEMORY {
  FRAMES (xrw) : ORIGIN = 0xC0000000, LENGTH = 8M
  OUTSIDE (xrw) : ORIGIN = 0x70000000, LENGTH = 64M
  NEAR (xrw) : ORIGIN = 0x20000000, LENGTH = 16K
  FAR (xrw) : ORIGIN = 0x30000000, LENGTH = 32K
  ROM (rx) : ORIGIN = 0x08000000, LENGTH = 48K
  FILES (r) : ORIGIN = 0x0800C000, LENGTH = 80K
}
ENTRY(Reset_Handler)
SECTIONS
{
  .outside : { *(.outside.*) } > OUTSIDE
  .program : { ${VECTORS} *drivers/*(.text* .rodata*) ${CODE} ${CONSTANTS} . = ALIGN(4); } > ROM
  .state : { ${VARIABLES} . = ALIGN(4); } > NEAR AT > ROM
  .zeroed : { ${ZEROED} . = ALIGN(8); } > NEAR
  .packets (NOLOAD) : { *(.packets) } > FAR AT > ROM
  .frames (NOLOAD) : { *(.frames.*) } > FRAMES
  ${DISCARD}
}`,
  },
  pinned('a number', '. = 0x9000;'),
  pinned('a sum of numbers', '. = 32K + 0x1000;'),
  pinned('an address', '. = ORIGIN(FLASH) + 0x9000;'),
  pinned('a symbol', '. = settings_offset;'),
  pinned('a symbol with an address', '. = ABSOLUTE(settings_address);'),
  pinned('what is left to it', '. += 0x9000 - (. - program_start);'),
  pinned('the least place', '. = MAX(., 0x9000);'),
];
