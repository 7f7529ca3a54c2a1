// Prints the last line of every run: `N passed, N failed, N skipped`. A test file that could not be run at all counts
// as one failure.
import { printClosingLine } from '../closing-line.mjs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = { passed: results.numPassedTests, failed, skipped };
    // Jest prints its own summary after all reporters have run. So this line is printed later: by the parent process
    // (scripts/test.mjs) if there is one, otherwise when this process exits.
    if (process.send) process.send(counts);
    else process.once('exit', () => printClosingLine(counts));
  }
}
