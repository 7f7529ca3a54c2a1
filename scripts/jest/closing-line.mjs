// The last line of every run, alone on its line: `N passed, N failed, N skipped`.
// A test file that could not be run at all counts as one failure.
import { printClosingLine } from '../closing-line.mjs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    // jest's own summary comes after every reporter, so this waits for the end of the process
    process.once('exit', () => printClosingLine({ passed: results.numPassedTests, failed, skipped }));
  }
}
