import { describe, it } from '@jest/globals';
import type { ClientTool } from './client-case.js';
import { expectCase } from './expect-case.js';
import { findInstalled } from './installed.js';
import type { ToolStack } from './tool-stack.js';

/** A tool that may not be installed. */
export interface OnDemandTool {
  /** Its kind and name, as in `clients` of package.json. */
  readonly id: string;
  /** @param directory where it was installed */
  readonly describe: (directory: string) => ClientTool;
}

/**
 * A tool loads up to 500 MB of code, on a machine that may be busy. If a program hangs, `runProgram` ends it before
 * this time.
 */
export const onDemandTestMilliseconds = 240_000;

/** Tests each tool that is installed. The cases of the others are skipped, and their titles say why. */
export function testOnDemand(tools: readonly OnDemandTool[], stack: () => ToolStack): void {
  for (const { id, describe: describeTool } of tools) {
    const installed = findInstalled(id);
    const isThere = 'directory' in installed;
    const { name: title, cases } = describeTool(isThere ? installed.directory : '');
    describe(title, () => {
      for (const each of cases)
        if (isThere) it(each.title, () => expectCase(stack(), each), onDemandTestMilliseconds);
        else it.skip(`${each.title} (skipped: ${installed.missing})`, () => undefined);
    });
  }
}
