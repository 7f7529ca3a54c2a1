// Prints the last line of every run: `N passed, N failed, N skipped`. A test file that could not be run at all counts
// as one failure.
import { printClosingLine } from '../closing-line.mjs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = { passed: results.numPassedTests, failed, skipped };
    // jest prints its own summary after all reporters. So the parent process prints the line (scripts/test.mjs), or we
    // do at exit
    if (process.send) process.send(counts);
    else process.once('exit', () => printClosingLine(counts));
  }
}
