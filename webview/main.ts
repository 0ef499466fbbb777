/** Entry of the dashboard. */
export {};
