/** Sets what test/e2e/lib/environment.ts reads. */
export function prepareEndToEnd(options?: { readonly pack?: boolean }): Promise<{ vsix: string }>;
