/**
 * What a network is for, as far as anything besides its layers depends on it. One folder holds one task; its facets are
 * files of their own, so that the editor and the firmware never load what trains (tasks.ts lists them).
 */

/** What says how well a network does its task: one number over a set of examples. */
export interface Metric {
  /** As people say it, in lower case. Events, reports and messages carry it beside each value. */
  readonly name: string;
  /** `%`: values are fractions, which people read in percent. Empty: numbers, read as they are. */
  readonly unit: '%' | '';
  readonly better: 'higher' | 'lower';
  /** The value of a network that is never wrong. */
  readonly best: number;
}

export interface Task {
  /** Leads: chooses the best candidate, and stands in reports. */
  readonly metric: Metric;
}
